"""A statement made of the partner's own books agrees with the ledger; every change to it is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from connector.domain.numbers import mask
from connector.domain.statement import Difference, Finding, Stated
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.statements import compare, record
from connector.store.engine import Database
from tests.conftest import ENGINES
from tests.integration.delivery.checked_out import check_out
from tests.integration.delivery.sending import deliver, members
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import CHECK_OUT, MM, HandClock, chain_for
from tests.integration.reconciliation.accounting import TERMS

COUNT = 4


@pytest.fixture
async def chain(database: Database, mm: Partnership, at_uplyft: Counter) -> Chain:
    """A chain of which some stays are credited."""
    opened = chain_for(database, HandClock())
    await check_out(opened, mm, *members(COUNT))
    await deliver(opened, mm)
    return opened


@pytest.fixture
def statement(chain: Chain, at_uplyft: Counter) -> list[Stated]:
    """What the partner holds, line by line."""
    return [
        Stated(line, each["miles"], each["key"], "", each["member"], CHECK_OUT.date())
        for line, each in enumerate(at_uplyft.journal.credits(), start=2)
    ]


async def found(chain: Chain, lines: list[Stated], period: tuple[date, date] | None = None) -> list[Finding]:
    return (await compare(chain, TERMS.zone, MM, lines, period)).findings


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_the_partners_books_agree_by_reference_by_stay_and_by_member(
    chain: Chain, books: Books, statement: list[Stated]
) -> None:
    rows = await books.rows(
        "SELECT message.key, number FROM message JOIN award ON award_id = award.id "
        "JOIN reservation ON reservation.id = root_id"
    )
    stays: dict[str, str] = dict(rows)
    by_stay = [Stated(x.line, x.miles, stay=stays[x.reference]) for x in statement]
    by_member = [replace(x, reference="") for x in statement]
    by_mask = [replace(x, number=mask(x.number)) for x in by_member]
    for lines in (statement, by_stay, by_member, by_mask):
        done = await compare(chain, TERMS.zone, MM, lines)
        assert (done.matched, done.findings) == (COUNT, [])


async def test_each_difference_is_found_once(chain: Chain, statement: list[Stated]) -> None:
    stranger = Stated(90, 77, "theirs-9", "", "992009999999999", CHECK_OUT.date())
    lines = [replace(statement[0], miles=219), *statement[1:3], replace(statement[1], line=91), stranger]
    done = await found(chain, lines)
    assert sorted((each.kind, each.line, each.miles, each.other_miles) for each in done) == [
        (Difference.ONLY_OURS, None, 220, None),
        (Difference.ONLY_THEIRS, 90, None, 77),
        (Difference.OTHER_MILES, 2, 220, 219),
        (Difference.REPEATED, 91, 220, 220),
    ]
    (ours,) = [each for each in done if each.kind is Difference.ONLY_OURS]
    assert ours.reference == statement[3].reference


async def test_what_the_file_lacks_is_asked_for_on_its_days_only(chain: Chain, statement: list[Stated]) -> None:
    answered = datetime.now(UTC).date() - timedelta(days=1)
    assert len(await found(chain, [], (answered, answered))) == COUNT
    assert await found(chain, [], (answered + timedelta(days=1), date.max)) == []
    assert len(await found(chain, [])) == COUNT


async def test_a_doubt_that_the_partner_credited_is_found(
    chain: Chain, mm: Partnership, at_uplyft: Counter, statement: list[Stated]
) -> None:
    at_uplyft.fault("lose,times=1")
    await check_out(chain, mm, "992000000000999", first=9)
    await deliver(chain, mm)
    effect = at_uplyft.journal.credits()[-1]
    (finding,) = await found(chain, [*statement, Stated(9, effect["miles"], effect["key"])])
    assert finding.kind is Difference.OTHER_STATE
    assert "in_doubt" in finding.text


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
async def test_a_rehearsal_is_compared_with_what_a_predecessor_gave(
    database: Database, mm: Partnership, chain: Chain, statement: list[Stated]
) -> None:
    shadow = replace(mm, mode="shadow")
    await check_out(chain, shadow, "992000000000777", first=9)
    await deliver(chain, shadow)
    await check_out(chain, shadow, "992000000000777", first=9, net=300, updated=CHECK_OUT + timedelta(minutes=1))
    await deliver(chain, shadow)
    agreed = Stated(9, 330, "", "n009", "", None)
    assert await found(chain, [*statement, agreed]) == []
    (finding,) = await found(chain, [*statement, replace(agreed, miles=300)])
    assert (finding.kind, finding.miles) == (Difference.OTHER_MILES, 330)


async def test_differences_become_cases_that_end_when_they_agree(
    chain: Chain, books: Books, statement: list[Stated]
) -> None:
    wrong = [replace(statement[0], miles=219), *statement[1:3], Stated(9, 5, "", "", "992009999999999", date.min)]
    for _ in range(2):
        await record(chain, TERMS.zone, MM, wrong, await compare(chain, TERMS.zone, MM, wrong))
        assert sorted(reason for reason, _ in await books.cases()) == ["only_ours", "only_theirs", "other_miles"]
    assert "992009999999999" not in await books.everything()
    await record(chain, TERMS.zone, MM, statement, await compare(chain, TERMS.zone, MM, statement))
    assert [reason for reason, _ in await books.cases()] == ["only_theirs"]
