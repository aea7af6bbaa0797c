from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.harm import Harm
from connector.domain.loyalty import Membership
from connector.domain.members import OWNABLE, Member
from connector.store import alignment, harm, loyalty, matching, members
from connector.store import pairs as beside
from connector.store.engine import Database
from connector.store.pairs import Pair, Terms
from tests.integration.store.makers import (
    DAY,
    HASHER,
    HOUR,
    NOW,
    PROGRAM,
    guest,
    guest_keys,
    member_keys,
    membership,
    pairs,
)

ADA = Member("ada", "A-1", "GOLD", 120, date(2027, 1, 31), "Enrolled", "g-ada")


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[AsyncConnection]:
    async with database.write() as opened:
        yield opened


async def link(connection: AsyncConnection, known: Sequence[Member], generation: int = 1) -> None:
    """Link each member to the guest of the same name."""
    guests = [guest(f"g-{each.member_id}") for each in known]
    await loyalty.save_guests(connection, guests, guest_keys)
    await members.save(connection, known, generation, member_keys, HASHER.whole)
    await matching.propose(connection, ["mews_id"], PROGRAM, generation)
    await matching.settle(connection, generation, NOW)
    await matching.remember_memberships(connection, PROGRAM)


async def pages(connection: AsyncConnection, size: int, generation: int = 1) -> list[list[Pair]]:
    found, after = [], ""
    terms = Terms(PROGRAM, generation, frozenset(OWNABLE), {})
    while upto := await beside.reach(connection, after, size):
        found.append(await beside.page(connection, terms, beside.query(terms), after, upto))
        after = upto
    return found


def people(*names: str) -> list[Member]:
    return [Member(name, mews_id=f"g-{name}") for name in names]


async def test_a_linked_member_stands_beside_the_membership(connection: AsyncConnection) -> None:
    theirs = membership("m1", "g-ada", number="A-1", points=7)
    await loyalty.save_memberships(connection, [theirs, membership("m2", "g-ada", program_id="MM")])
    await link(connection, [ADA])
    assert await pairs(connection, 1) == [Pair(ADA, "g-ada", theirs, listed=True)]


async def test_a_member_without_a_living_membership_stands_alone(connection: AsyncConnection) -> None:
    await loyalty.save_memberships(connection, [membership("m1", "g-ada", deleted=True)])
    await link(connection, [ADA])
    assert [each.membership for each in await pairs(connection, 1)] == [None]


async def test_pages_hold_every_member_once_in_order(connection: AsyncConnection) -> None:
    names = ["Zoe", "ada", "ben", "cid", "dan"]
    await link(connection, people(*names))
    found = await pages(connection, 2)
    assert [len(page) for page in found] == [2, 2, 1]
    assert sorted(each.member.member_id for page in found for each in page) == names


@pytest.mark.parametrize("size", [1, 2, 3])
async def test_a_guest_with_two_memberships_is_left_out(connection: AsyncConnection, size: int) -> None:
    """Also when only one of them differs from what the scheme says."""
    twice = [membership("m1", "g-ben", provider_id="ben"), membership("m2", "g-ben")]
    await loyalty.save_memberships(connection, [*twice, membership("m3", "g-ben", program_id="MM")])
    await link(connection, people("ada", "ben", "cid"))
    found = await pages(connection, size)
    assert [each.member.member_id for page in found for each in page] == ["ada", "cid"]


async def test_a_member_of_an_older_listing_is_not_listed(connection: AsyncConnection) -> None:
    await link(connection, people("ada", "ben"))
    await members.save(connection, people("ben"), 2, member_keys, HASHER.whole)
    found = await pairs(connection, 2)
    assert [(each.member.member_id, each.listed) for each in found] == [("ada", False), ("ben", True)]


async def test_a_member_of_an_unreadable_line_is_left_out(connection: AsyncConnection) -> None:
    await link(connection, people("ada", "ben"))
    await members.protect(connection, ["ada"], 2)
    assert [each.member.member_id for each in await pairs(connection, 2)] == ["ben"]


class TestAgreement:
    """A member whose membership says the same in every owned field stays in the database."""

    BEN = Member("ben", "B-1", "GOLD", 7, date(2027, 1, 31), "Enrolled", "g-ben", url="https://card.example/1")
    HELD = membership(
        "m1",
        "g-ben",
        provider_id="ben",
        number="B-1",
        tier_id="t-gold",
        points=7,
        expires_on=date(2027, 1, 31),
        url="https://card.example/1",
    )

    async def found(self, connection: AsyncConnection, member: Member, held: Membership) -> list[str]:
        await loyalty.save_memberships(connection, [held])
        await link(connection, [member])
        return [each.member.member_id for each in await pairs(connection)]

    async def test_is_not_handed_out(self, connection: AsyncConnection) -> None:
        assert await self.found(connection, self.BEN, self.HELD) == []

    @pytest.mark.parametrize("state", [None, ""])
    async def test_of_an_empty_state_is_with_the_one_of_mews(
        self, connection: AsyncConnection, state: str | None
    ) -> None:
        assert await self.found(connection, replace(self.BEN, state=state), self.HELD) == []

    async def test_of_empty_fields_is_with_none(self, connection: AsyncConnection) -> None:
        held = membership("m1", "g-ben", provider_id="ben")
        assert await self.found(connection, Member("ben", mews_id="g-ben"), held) == []

    @pytest.mark.parametrize(
        "change",
        [
            {"number": "B-2"},
            {"number": None},
            {"tier": None},
            {"tier": "UNKNOWN"},
            {"points": 8},
            {"points": None},
            {"expires_on": date(2027, 2, 1)},
            {"expires_on": None},
            {"state": "Canceled"},
            {"url": None},
        ],
        ids=str,
    )
    async def test_ends_with_any_field(self, connection: AsyncConnection, change: dict[str, Any]) -> None:
        assert await self.found(connection, replace(self.BEN, **change), self.HELD) == ["ben"]

    @pytest.mark.parametrize("change", [{"provider_id": None}, {"tier_id": None}, {"tier_id": "t-other"}], ids=str)
    async def test_ends_with_an_edit_in_mews(self, connection: AsyncConnection, change: dict[str, Any]) -> None:
        assert await self.found(connection, self.BEN, self.HELD._replace(**change)) == ["ben"]

    async def test_is_handed_out_when_others_edited_it(self, connection: AsyncConnection) -> None:
        assert await self.found(connection, self.BEN, self.HELD._replace(points=1)) == ["ben"]
        await loyalty.save_memberships(connection, [self.HELD], NOW)
        assert [each.member.member_id for each in await pairs(connection)] == ["ben"]

    async def test_does_not_ask_for_what_the_scheme_does_not_own(self, connection: AsyncConnection) -> None:
        await self.found(connection, self.BEN, self.HELD._replace(points=1, tier_id=None, state="Declined"))
        terms = Terms(PROGRAM, 1, frozenset({"number"}), {})
        assert await beside.page(connection, terms, beside.query(terms), "", "zzz") == []


async def test_that_we_cancelled_a_membership_is_remembered_until_it_is_written_again(
    connection: AsyncConnection,
) -> None:
    await loyalty.save_memberships(connection, [membership("m1", "g-ada"), membership("m2", "g-ben")])
    await link(connection, people("ada", "ben"))
    await alignment.note_cancelled(connection, ["m1"], NOW)
    assert [each.cancelled for each in await pairs(connection, 1)] == [True, False]
    await alignment.note_cancelled(connection, ["m1", "m2"], None)
    assert [each.cancelled for each in await pairs(connection, 1)] == [False, False]


async def test_unknown_are_active_memberships_of_guests_nobody_is_linked_to(connection: AsyncConnection) -> None:
    stranger = membership("m2", "stranger")
    others = [
        membership("m1", "g-ada"),
        membership("m3", "s3", state="Canceled"),
        membership("m4", "s4", deleted=True),
        membership("m5", "s5", program_id="MM"),
        membership("m6", "s6", state="Pending"),
    ]
    await loyalty.save_memberships(connection, [stranger, *others])
    await link(connection, [ADA])
    assert await alignment.unknown(connection, PROGRAM, 1, "", 10) == [stranger, others[-1]]
    assert await alignment.unknown(connection, PROGRAM, 1, "", 1) == [stranger]
    assert await alignment.unknown(connection, PROGRAM, 1, "m2", 10) == [others[-1]]


async def test_whoever_may_be_a_listed_member_is_not_unknown(connection: AsyncConnection) -> None:
    known = [Member("ada"), Member("ben", "B-1"), Member("cid", mews_id="g-cid"), Member("dan", mews_id="g-cid")]
    held = [
        membership("m1", "g1", provider_id="ada"),
        membership("m2", "g2", number="B-1"),
        membership("m3", "g-cid"),
        membership("m4", "g4", number="Z-9", provider_id="zoe"),
    ]
    await loyalty.save_guests(connection, [guest("g-cid")], guest_keys)
    await loyalty.save_memberships(connection, held)
    await members.save(connection, [Member("zoe", "Z-9")], 1, member_keys, HASHER.whole)
    await members.save(connection, known, 2, member_keys, HASHER.whole)
    await matching.propose(connection, ["mews_id"], PROGRAM, 2)
    assert await matching.count_links(connection) == 0
    assert [each.id for each in await alignment.unknown(connection, PROGRAM, 2, "", 10)] == ["m4"]


async def test_a_membership_that_staff_moved_to_another_guest_is_not_unknown(connection: AsyncConnection) -> None:
    await loyalty.save_memberships(connection, [membership("m1", "g-ada")])
    await link(connection, [ADA])
    await loyalty.save_memberships(connection, [membership("m1", "g-else")])
    assert await alignment.unknown(connection, PROGRAM, 2, "", 10) == []


async def test_other_active_memberships_are_counted(connection: AsyncConnection) -> None:
    held = [
        membership("m1", "g1"),
        membership("m2", "g1", program_id="MM"),
        membership("m3", "g1", program_id="AM", state="New"),
        membership("m4", "g1", program_id="AM", state="Declined"),
        membership("m5", "g2", program_id="AM", deleted=True),
    ]
    await loyalty.save_memberships(connection, held)
    assert await alignment.other_actives(connection, PROGRAM, ["g1", "g2"]) == {"g1": 2}


async def test_living_guests_are_told_from_those_that_are_not(connection: AsyncConnection) -> None:
    await loyalty.save_guests(connection, [guest("g1"), guest("g2", active=False)], guest_keys)
    assert await alignment.living(connection, ["g1", "g2", "stranger"]) == {"g1"}


async def test_an_intent_stands_until_its_outcome_is_known(connection: AsyncConnection) -> None:
    await alignment.intend(connection, PROGRAM, {"g1": "ada", "g2": "ben"}, NOW)
    await alignment.intend(connection, "MM", {"g1": "ada"}, NOW)
    await alignment.intend(connection, PROGRAM, {"g2": "ben"}, NOW + HOUR)
    assert await alignment.intents(connection, PROGRAM) == {"g1": NOW, "g2": NOW + HOUR}
    await alignment.fulfil(connection, PROGRAM, ["g1"])
    assert await alignment.intents(connection, PROGRAM) == {"g2": NOW + HOUR}
    assert await alignment.intents(connection, "MM") == {"g1": NOW}


async def test_harm_counts_for_a_day(connection: AsyncConnection) -> None:
    await harm.note(connection, [(Harm.REMOVAL, "m0")], "", NOW - DAY - HOUR)
    await harm.note(connection, [(Harm.REMOVAL, "m1")], "", NOW - DAY)
    await harm.note(connection, [(Harm.REMOVAL, "m2"), (Harm.DOWNGRADE, "m2")], "plan", NOW)
    await harm.note(connection, [], "plan", NOW)
    assert await harm.since(connection, NOW - DAY) == (2, 1)


async def test_a_membership_counts_once_however_often_it_was_written(connection: AsyncConnection) -> None:
    often = [(Harm.REMOVAL, "m1"), (Harm.DOWNGRADE, "m1"), (Harm.CHANGED_NUMBER, "m1"), (Harm.DOWNGRADE, "m2")]
    for _ in range(3):
        await harm.note(connection, often, "", NOW)
    assert await harm.since(connection, NOW - DAY) == (1, 2)


async def test_harm_of_a_confirmed_plan_does_not_count(connection: AsyncConnection) -> None:
    await harm.note(connection, [(Harm.REMOVAL, "m1")], "confirmed", NOW)
    await harm.note(connection, [(Harm.REMOVAL, "m2")], "other", NOW)
    await harm.confirm(connection, "confirmed", "Ada", NOW)
    assert await harm.since(connection, NOW - DAY) == (1, 0)


async def test_harm_that_was_not_done_is_taken_back_and_nothing_before_it(connection: AsyncConnection) -> None:
    await harm.note(connection, [(Harm.REMOVAL, "m1")], "", NOW)
    mark = await harm.note(connection, [(Harm.REMOVAL, "m1"), (Harm.REMOVAL, "m2"), (Harm.REMOVAL, "m3")], "", NOW)
    await harm.take_back(connection, ["m1", "m2"], mark)
    assert await harm.since(connection, NOW - DAY) == (2, 0)


async def test_how_many_of_some_memberships_count_already(connection: AsyncConnection) -> None:
    await harm.note(connection, [(Harm.REMOVAL, "m1"), (Harm.DOWNGRADE, "m2"), (Harm.CHANGED_NUMBER, "m2")], "", NOW)
    assert await harm.counted(connection, ["m1", "m2"], ["m1", "m2", "m3"], NOW - DAY) == (1, 1)
    assert await harm.counted(connection, [], [], NOW - DAY) == (0, 0)


async def test_a_deletion_is_in_doubt_while_the_mirror_shows_the_membership(connection: AsyncConnection) -> None:
    await loyalty.save_memberships(connection, [membership("m1", "g1"), membership("m2", "g2")])
    await harm.note(connection, [(Harm.REMOVAL, "m1"), (Harm.REMOVAL, "m2")], "", NOW, deletes=True)
    await harm.note(connection, [(Harm.REMOVAL, "m1")], "", NOW + HOUR)
    await loyalty.mark_memberships_deleted(connection, ["m2"])
    assert await harm.doubtful_deletions(connection, NOW) == [NOW]
    await harm.forget_deletions(connection, NOW, NOW)
    assert await harm.doubtful_deletions(connection, NOW) == []


async def test_a_confirmation_is_for_exactly_one_plan_and_may_be_repeated(connection: AsyncConnection) -> None:
    assert not await harm.is_confirmed(connection, "plan")
    await harm.confirm(connection, "plan", "Ada", NOW)
    await harm.confirm(connection, "plan", "Ada", NOW)
    assert await harm.is_confirmed(connection, "plan")
    assert not await harm.is_confirmed(connection, "another")
    assert await harm.confirmed_others(connection, "another") == ["plan"]
    assert await harm.confirmed_others(connection, "plan") == []
