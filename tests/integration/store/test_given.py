"""What members are given by the ledger's awards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from connector.domain.awards import Kind
from connector.domain.caps import Others
from connector.domain.ledger import State
from connector.store import ledger
from connector.store.engine import Database
from connector.store.given import given
from connector.store.ledger import Opening
from tests.integration.store.makers import FROZEN, NOW, PARTNER, award, message

MEMBER = "992001234567890"
DAY = date(2026, 10, 31)


async def stored(database: Database, root: str, *states: State, **facts: object) -> str:
    """Store an award whose credits, one after the other, stand in these states; return its id."""
    made = award(root, **facts)
    async with database.write() as connection:
        await ledger.open_awards(connection, [Opening(made, FROZEN, [root])], NOW)
        said = [message(root, revision=revision, state=state) for revision, state in enumerate(states, start=1)]
        await ledger.append(connection, said, "test", NOW)
    return made.id


async def found(database: Database, *numbers: str, live: bool = True) -> list[tuple[str, str, date, int]]:
    async with database.read() as connection:
        return sorted(await given(connection, PARTNER, numbers or (MEMBER,), live=live))


async def test_every_award_of_a_member_at_the_partner_counts(database: Database) -> None:
    one = await stored(database, "r1", State.CREDITED)
    two = await stored(database, "r2", State.READY, miles=70, departure=date(2026, 1, 1))
    await stored(database, "r3", State.CREDITED, member_number="992000000000004")
    assert await found(database) == sorted([(MEMBER, one, DAY, 100), (MEMBER, two, date(2026, 1, 1), 70)])
    assert len(await found(database, MEMBER, "992000000000004")) == 3
    assert await found(database, "nobody") == []


@pytest.mark.parametrize(
    ("states", "live", "rehearsing"),
    [
        ([State.IN_DOUBT], True, True),
        ([State.SUSPENDED], True, True),
        ([State.REFUSED], False, False),
        ([State.VOID], False, False),
        ([State.SUPERSEDED, State.READY], True, True),
        ([State.SHADOW], False, True),
        ([State.TEST], False, True),
        ([State.SHADOW, State.CREDITED], True, True),
    ],
)
async def test_an_award_counts_as_long_as_a_credit_of_it_stands(
    database: Database, states: list[State], live: bool, rehearsing: bool
) -> None:
    await stored(database, "r1", *states)
    assert [bool(await found(database, live=mode)) for mode in (True, False)] == [live, rehearsing]


async def test_what_a_reversal_says_does_not_count(database: Database) -> None:
    await stored(database, "r1", State.REFUSED)
    async with database.write() as connection:
        await ledger.append(connection, [message("r1", Kind.REVERSAL, state=State.READY)], "test", NOW)
    assert await found(database) == []


async def test_a_withdrawn_award_and_a_grant_do_not_count(database: Database) -> None:
    await stored(database, "r1", State.CREDITED, miles=0)
    await stored(database, "r2", State.CREDITED, seat="grant")
    assert await found(database) == []


async def test_what_others_gave_comes_back_with_the_award(database: Database) -> None:
    frozen = replace(FROZEN, others=Others(70, 900))
    async with database.write() as connection:
        await ledger.open_awards(connection, [Opening(award(), frozen, ["r1"])], NOW)
        assert (await ledger.awards_of(connection, PARTNER, ["r1"]))["r1", "owner"] == (award(), frozen)
