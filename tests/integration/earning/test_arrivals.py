"""What is to be cleared up before guests arrive: the judgement of check-out, made earlier."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.domain.loyalty import Program
from connector.domain.members import Member
from connector.jobs import arrivals
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.store import loyalty, matching, members, stays, suspense
from connector.store.engine import Database
from tests.conftest import ENGINES
from tests.integration.earning.chain import CHAIN_ID, MEMBER, NOW, PAYMENT_CARD, HandClock, chain_for
from tests.integration.store import makers

PROGRAMS = [Program("p-MM", "MM", "Miles & More", "", ""), Program("p-AL", "AL", "Alpenglow", "", "")]
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Both: the index for arrivals is a partial one."""
    name: str = request.param
    return name


@pytest.fixture
async def chain(database: Database) -> Chain:
    """A hotel and its programs, nobody arriving yet."""
    opened = chain_for(database, HandClock())
    async with database.write() as connection:
        await stays.save_property(connection, makers.place(), CHAIN_ID, NOW - timedelta(days=99), ["s"], NOW)
        await loyalty.replace_programs(connection, PROGRAMS, [])
    return opened


async def coming(chain: Chain, name: str, number: str | None = None, **facts: object) -> None:
    """Let a guest arrive tomorrow, with a membership if there is a number."""
    usual = {"state": "Confirmed", "account_id": f"g-{name}", "scheduled_start": TOMORROW}
    times = {"scheduled_end": TOMORROW + timedelta(days=2), "created": NOW, "updated": NOW}
    async with chain.database.write() as connection:
        await loyalty.save_guests(connection, [makers.guest(f"g-{name}")], makers.guest_keys)
        if number:
            held = makers.membership(f"m-{name}", f"g-{name}", program_id="p-MM", number=number, is_primary=True)
            await loyalty.save_memberships(connection, [held])
        booked = makers.reservation(name, **(usual | times | facts))
        await stays.save_reservations(connection, [booked], NOW - timedelta(days=60), NOW)


async def told(chain: Chain, *partnerships: Partnership) -> list[tuple[str, str, str]]:
    return [(each.number, each.partner, each.text) for each in await arrivals.concerns(chain, partnerships)]


async def test_a_number_that_would_stop_the_stay_at_check_out_is_told_before_arrival(
    chain: Chain, mm: Partnership
) -> None:
    await coming(chain, "well", MEMBER)
    await coming(chain, "short", "99200366")
    await coming(chain, "odd", MEMBER[:-1] + "2")
    await coming(chain, "card", PAYMENT_CARD)
    await coming(chain, "none")
    found = await arrivals.concerns(chain, [mm])
    assert [(each.number, each.partner, each.text) for each in found] == [
        ("no-card", "miles_and_more", "the number of the membership in MM looks like a payment card"),
        ("no-odd", "miles_and_more", "member number: its check digit does not fit"),
        ("no-short", "miles_and_more", "member number in MM: a Miles & More number has 15 digits, this one 8"),
    ]
    assert {each.arrives.utcoffset() is not None for each in found} == {True}
    assert {each.guest_id for each in found} == {"g-card", "g-odd", "g-short"}


async def test_only_confirmed_arrivals_of_the_next_days_are_looked_at(chain: Chain, mm: Partnership) -> None:
    await coming(chain, "canceled", "1", state="Canceled")
    await coming(chain, "asked", "1", state="Inquired")
    await coming(chain, "yesterday", "1", scheduled_start=NOW - timedelta(days=1))
    await coming(
        chain, "next-week", "1", scheduled_start=NOW + timedelta(days=4), scheduled_end=NOW + timedelta(days=5)
    )
    await coming(chain, "now", "1", scheduled_start=NOW)
    assert [number for number, *_ in await told(chain, mm)] == ["no-now"]


async def test_questions_about_who_the_guest_is_are_told_with_their_case(chain: Chain) -> None:
    await coming(chain, "a")
    await coming(chain, "b")
    listed = [Member("ada", mews_id="g-a"), Member("bea", mews_id="g-a"), Member("cyd", mews_id="g-b")]
    async with chain.database.write() as connection:
        await members.save(connection, listed, 1, makers.member_keys, makers.HASHER.whole)
        await matching.propose(connection, ("mews_id",), "p-AL", 1)
        _, cases = await matching.settle(connection, 1, NOW)
        others = [suspense.Case("member", "cyd", "unknown_tier", "is nobody's question at the desk")]
        await suspense.open_cases(connection, [*cases, *others], NOW)
    found = await arrivals.concerns(chain, [])
    assert [(each.number, each.text.partition(":")[0], each.case is not None) for each in found] == [
        ("no-a", "member ada, guest g-a", True),
        ("no-a", "member bea, guest g-a", True),
    ]


async def test_where_a_company_owns_the_booking_the_booker_is_looked_at_if_the_contract_says_so(
    chain: Chain, mm: Partnership
) -> None:
    await coming(chain, "booker", "99200366", state="Canceled")
    await coming(chain, "firm", account_type="Company", booker_id="g-booker")
    assert await told(chain, mm) == []
    (found,) = await told(chain, replace(mm, contract=replace(mm.contract, earner="booker")))
    assert found[0] == "no-firm"


async def test_arrivals_are_read_in_pages_and_no_more_is_told_than_a_person_reads(
    chain: Chain, mm: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        await coming(chain, f"c{number}", "1")
    monkeypatch.setattr(arrivals, "_PAGE", 2)
    assert [number for number, *_ in await told(chain, mm)] == [f"no-c{number}" for number in range(7)]
    monkeypatch.setattr(arrivals, "MOST", 5)
    assert len(await told(chain, mm)) == 5


async def test_the_mail_says_everything_without_names_or_numbers(chain: Chain, mm: Partnership) -> None:
    await coming(chain, "short", "99200366")
    subject, body = arrivals.mail(await arrivals.concerns(chain, [mm]))
    assert subject == "Arrivals: 1 to clear up"
    assert "reservation no-short [miles_and_more]: member number in MM: a Miles & More number has 15 digits" in body
    assert "99200366" not in body


def test_a_mail_about_nothing_says_so() -> None:
    assert arrivals.mail([])[0] == "Arrivals: nothing to clear up"
