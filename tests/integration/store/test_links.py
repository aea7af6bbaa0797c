from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.matching import Doubt
from connector.domain.members import Member
from connector.errors import Misconfigured, Refused
from connector.store import alignment, links, loyalty, matching, members, merges, resolutions, suspense
from connector.store.engine import Database
from connector.store.resolutions import Signature
from connector.store.suspense import Case
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

ANNA = Signature("anna", NOW, "she showed her card")
BEN = Signature("ben", NOW + HOUR)


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[AsyncConnection]:
    """Members ada and bea are listed, carl has left; guests g1 to g3 live, g4 was merged, g5 is not active."""
    guests = [guest("g1"), guest("g2"), guest("g3"), guest("g4", merge_target_id="g3"), guest("g5", active=False)]
    async with database.write() as opened:
        await loyalty.save_guests(opened, guests, guest_keys)
        await loyalty.save_memberships(opened, [membership("ms1", "g1", provider_id="ada")])
        await members.save(opened, [Member("carl", mews_id="g3")], 1, member_keys, HASHER.whole)
        await members.save(
            opened, [Member("ada", mews_id="g1"), Member("bea", mews_id="g1")], 2, member_keys, HASHER.whole
        )
        yield opened


async def row(connection: AsyncConnection, member_id: str) -> dict[str, Any]:
    found = await connection.exec_driver_sql(f"SELECT * FROM link WHERE member_id = '{member_id}'")
    one = found.mappings().one()
    return {name: one[name] for name in ("account_id", "method", "membership_id", "linked_by", "unlinked_by")}


async def matched(connection: AsyncConnection) -> None:
    """Make one pass of matching."""
    cases = await matching.respect_unlinking(connection, PROGRAM, NOW + DAY)
    await matching.remember_memberships(connection, PROGRAM)
    await matching.propose(connection, ("mews_id",), PROGRAM, 2)
    _linked, doubts = await matching.settle(connection, 2, NOW + DAY)
    await suspense.open_cases(connection, [*cases, *doubts], NOW + DAY)
    await suspense.close_stale(connection, "member", [*Doubt], NOW + DAY)


async def waiting(connection: AsyncConnection) -> set[tuple[str, str]]:
    return {(each.case.subject_id, each.case.reason) for each in await suspense.listing(connection)}


class TestLinking:
    async def test_ties_the_member_by_a_person_and_settles_the_doubts(self, connection: AsyncConnection) -> None:
        await matched(connection)
        assert await waiting(connection) == {("ada", "claimed_by_two_members"), ("bea", "claimed_by_two_members")}
        outcome = await links.link(connection, "ada", "g1", ANNA)
        assert outcome.changed
        assert outcome.sentence == "member ada: linked to guest g1 by hand; the next alignment writes the membership"
        assert await row(connection, "ada") == {
            "account_id": "g1",
            "method": "person",
            "membership_id": None,
            "linked_by": "anna",
            "unlinked_by": None,
        }
        assert await waiting(connection) == {("bea", "claimed_by_two_members")}
        assert await resolutions.reason_given(connection, ("member", "ada")) == "she showed her card"

    async def test_is_kept_by_the_next_pass_which_remembers_the_membership(self, connection: AsyncConnection) -> None:
        await links.link(connection, "ada", "g1", ANNA)
        await matched(connection)
        assert (await row(connection, "ada"))["membership_id"] == "ms1"
        assert await waiting(connection) == {("bea", "claimed_by_two_members")}

    async def test_again_changes_nothing(self, connection: AsyncConnection) -> None:
        await links.link(connection, "ada", "g1", ANNA)
        outcome = await links.link(connection, "ada", "g1", BEN)
        assert not outcome.changed
        assert outcome.sentence == "member ada: linked to guest g1 already; nothing was changed"
        assert (await row(connection, "ada"))["linked_by"] == "anna"

    async def test_settles_one_more_case_of_the_member_when_it_is_named(self, connection: AsyncConnection) -> None:
        await suspense.open_cases(connection, [Case("member", "ada", "refused_by_mews", "no such guest")], NOW)
        await links.link(connection, "ada", "g1", ANNA)
        assert await waiting(connection) == {("ada", "refused_by_mews")}
        await links.link(connection, "ada", "g1", ANNA, reason="refused_by_mews")
        assert await waiting(connection) == set()

    async def test_to_another_guest_tells_which_membership_stays_behind(self, connection: AsyncConnection) -> None:
        await links.link(connection, "ada", "g1", ANNA)
        await matched(connection)
        outcome = await links.link(connection, "ada", "g2", ANNA)
        assert outcome.left_behind == "ms1"
        assert (await row(connection, "ada"))["account_id"] == "g2"
        (pair,) = await pairs(connection, 2)
        assert (pair.account_id, pair.membership) == ("g2", None)

    async def test_outranks_staff_who_deleted_the_membership_until_they_do_so_again(
        self, connection: AsyncConnection
    ) -> None:
        await links.link(connection, "bea", "g2", ANNA)
        await links.link(connection, "ada", "g1", ANNA)
        await matched(connection)
        await loyalty.mark_memberships_deleted(connection, ["ms1"])
        await matched(connection)
        assert await waiting(connection) == {("ada", "unlinked_by_staff")}
        await links.link(connection, "ada", "g1", ANNA)
        assert await waiting(connection) == set()
        await loyalty.save_memberships(connection, [membership("ms2", "g1")])
        await matched(connection)
        assert (await row(connection, "ada"))["membership_id"] == "ms2"
        await loyalty.mark_memberships_deleted(connection, ["ms2"])
        await matched(connection)
        assert await waiting(connection) == {("ada", "unlinked_by_staff")}

    async def test_keeps_in_mind_that_we_cancelled_the_membership_of_this_guest(
        self, connection: AsyncConnection
    ) -> None:
        await links.link(connection, "ada", "g1", ANNA)
        await matched(connection)
        await alignment.note_cancelled(connection, ["ms1"], NOW)
        await links.unlink(connection, "ada", ANNA)
        await links.link(connection, "ada", "g1", ANNA)
        assert [each.cancelled for each in await pairs(connection, 2)] == [True]
        await links.link(connection, "ada", "g2", ANNA)
        assert [each.cancelled for each in await pairs(connection, 2)] == [False]

    @pytest.mark.parametrize(
        ("member_id", "guest_id", "error", "sentence"),
        [
            ("nobody", "g1", Misconfigured, "members: the scheme has no member with this id"),
            ("carl", "g2", Refused, "member carl: the scheme's present listing does not hold it"),
            ("ada", "nobody", Misconfigured, "members: Mews has shown no guest with this id"),
            ("ada", "g4", Refused, "guest g4: the profile was merged into guest g3; link the member to that one"),
            ("ada", "g5", Refused, "guest g5: the profile is not active in Mews"),
            ("ada", "g2", Refused, "guest g2: member bea is linked to it; if that is wrong, end it first with "),
        ],
    )
    async def test_that_cannot_be_is_one_sentence(
        self, connection: AsyncConnection, member_id: str, guest_id: str, error: type[Exception], sentence: str
    ) -> None:
        await links.link(connection, "bea", "g2", ANNA)
        with pytest.raises(error) as refusal:
            await links.link(connection, member_id, guest_id, ANNA)
        assert str(refusal.value).startswith(sentence)
        assert "\n" not in str(refusal.value)

    async def test_takes_a_guest_whose_member_was_unlinked_or_has_left(self, connection: AsyncConnection) -> None:
        await links.link(connection, "bea", "g2", ANNA)
        await links.unlink(connection, "bea", ANNA)
        assert (await links.link(connection, "ada", "g2", ANNA)).changed
        await links.link(connection, "bea", "g1", ANNA)
        await members.save(connection, [Member("ada", points=1)], 3, member_keys, HASHER.whole)
        assert (await links.link(connection, "ada", "g1", ANNA)).changed
        found = await pairs(connection, 3)
        assert [each.member.member_id for each in found] == ["ada"]


class TestAMemberWhoTakesTheGuestOfOneWhoLeft:
    @pytest.mark.parametrize("left", ["aaron", "zoe"])
    async def test_is_planned_whatever_their_ids(self, connection: AsyncConnection, left: str) -> None:
        await members.save(connection, [Member(left)], 2, member_keys, HASHER.whole)
        await links.link(connection, left, "g1", ANNA)
        await members.save(connection, [Member("ada", points=1)], 3, member_keys, HASHER.whole)
        await links.link(connection, "ada", "g1", ANNA)
        found = await pairs(connection, 3)
        assert [(each.member.member_id, each.listed) for each in found] == [("ada", True)]


class TestUnlinking:
    async def test_ends_the_link_for_matching_and_for_planning(self, connection: AsyncConnection) -> None:
        await links.link(connection, "ada", "g1", ANNA)
        outcome = await links.unlink(connection, "ada", replace(BEN, why="not hers"))
        assert outcome.sentence == ("member ada: unlinked from guest g1 by hand; the membership in Mews stays as it is")
        assert (await row(connection, "ada"))["unlinked_by"] == "ben"
        assert await resolutions.reason_given(connection, ("member", "ada")) == "not hers"
        await matched(connection)
        assert (await row(connection, "ada"))["unlinked_by"] == "ben"
        assert [each.member.member_id for each in await pairs(connection, 2)] == ["bea"]

    async def test_leaves_the_membership_to_nobody_even_when_its_guest_is_merged(
        self, connection: AsyncConnection
    ) -> None:
        """The membership carries nothing of a listed member, so that only the ended link protects it."""
        await loyalty.save_memberships(connection, [membership("ms3", "g3"), membership("ms2", "g2")])
        assert {each.id for each in await alignment.unknown(connection, PROGRAM, 2, "", 10)} == {"ms2", "ms3"}
        await links.link(connection, "ada", "g3", ANNA)
        await links.unlink(connection, "ada", ANNA)
        assert {each.id for each in await alignment.unknown(connection, PROGRAM, 2, "", 10)} == {"ms2"}
        await loyalty.save_guests(connection, [guest("g3", merge_target_id="g2")], guest_keys)
        await loyalty.save_memberships(connection, [membership("ms3", "g2")])
        await merges.follow(connection, NOW)
        assert await alignment.unknown(connection, PROGRAM, 2, "", 10) == []

    async def test_is_no_case_and_ends_the_one_of_staffs_unlinking(self, connection: AsyncConnection) -> None:
        await links.link(connection, "ada", "g1", ANNA)
        await matched(connection)
        await loyalty.mark_memberships_deleted(connection, ["ms1"])
        await matched(connection)
        assert ("ada", "unlinked_by_staff") in await waiting(connection)
        assert (await links.unlink(connection, "ada", ANNA)).changed
        await matched(connection)
        assert [each for each in await waiting(connection) if each[0] == "ada"] == []

    async def test_again_changes_nothing(self, connection: AsyncConnection) -> None:
        await links.link(connection, "ada", "g1", ANNA)
        await links.unlink(connection, "ada", ANNA)
        outcome = await links.unlink(connection, "ada", BEN)
        assert (outcome.changed, outcome.sentence) == (
            False,
            "member ada: unlinked by hand already; nothing was changed",
        )
        assert (await row(connection, "ada"))["unlinked_by"] == "anna"

    async def test_of_whom_nothing_ties_is_refused(self, connection: AsyncConnection) -> None:
        with pytest.raises(Refused, match="member ada: it is not linked to a guest; nothing was changed"):
            await links.unlink(connection, "ada", ANNA)
        with pytest.raises(Misconfigured, match="the scheme has no member with this id"):
            await links.unlink(connection, "nobody", ANNA)

    async def test_is_undone_by_a_link(self, connection: AsyncConnection) -> None:
        await links.link(connection, "ada", "g1", ANNA)
        await links.unlink(connection, "ada", ANNA)
        assert (await links.link(connection, "ada", "g1", BEN)).changed
        assert await row(connection, "ada") == {
            "account_id": "g1",
            "method": "person",
            "membership_id": None,
            "linked_by": "ben",
            "unlinked_by": None,
        }


async def test_a_link_that_a_person_makes_while_a_pass_matches_is_kept(connection: AsyncConnection) -> None:
    """On PostgreSQL it may come between the proposal and its settling."""
    await members.save(connection, [Member("ada", mews_id="g3")], 2, member_keys, HASHER.whole)
    await matching.propose(connection, ("mews_id",), PROGRAM, 2)
    await links.link(connection, "ada", "g2", ANNA)
    await matching.settle(connection, 2, NOW)
    assert (await row(connection, "ada"))["account_id"] == "g2"
