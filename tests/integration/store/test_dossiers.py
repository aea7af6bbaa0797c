from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.loyalty import Program, Tier
from connector.domain.members import Member
from connector.store import links, loyalty, matching, members, suspense
from connector.store.dossiers import Candidate, Dossier, GuestCard, Held, MemberCard, Tie, dossiers
from connector.store.engine import Database
from connector.store.resolutions import Signature
from connector.store.suspense import Case
from tests.integration.store.makers import HASHER, HOUR, NOW, PROGRAM, guest, guest_keys, member_keys, membership

PROGRAMS = [Program(PROGRAM, "ALPEN", "Alpenglow", "Hotel", "Free"), Program("mm", "MM", "Miles", "Hotel", "Free")]
ADA = Member("ada", number="A-000012345", tier="GOLD", points=7, expires_on=date(2030, 12, 31), mews_id="g1")
OWN = membership("ms1", "g1", number="A-000012345", tier_id="t-gold", provider_id="ada", points=7, is_primary=True)
MILES = membership("mm1", "g1", program_id="mm", number="992001234567890")
ABOUT = [
    Case("member", "ada", "bad_line", "the member's"),
    Case("membership", "ms1", "refused_by_mews", "the membership's"),
    Case("loyalty membership", "mm1", "unreadable", "the other membership's"),
    Case("guest", "g1", "unreadable_membership", "the guest's"),
]


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[AsyncConnection]:
    """Ada is g1, who has two memberships; ben was never found; g2 is nobody's; g3 was merged into g2."""
    async with database.write() as opened:
        await loyalty.replace_programs(opened, PROGRAMS, [Tier("t-gold", PROGRAM, "GOLD", "Gold", 2)])
        await loyalty.save_guests(opened, [guest("g1"), guest("g2"), guest("g3", merge_target_id="g2")], guest_keys)
        await loyalty.save_memberships(opened, [OWN, MILES, membership("ms2", "g2", number="other")])
        await members.save(opened, [ADA, Member("ben", mews_id="g9")], 1, member_keys, HASHER.whole)
        await matching.propose(opened, ("mews_id",), PROGRAM, 1)
        await matching.settle(opened, 1, NOW)
        await matching.remember_memberships(opened, PROGRAM)
        yield opened


async def one(connection: AsyncConnection, word: str) -> Dossier:
    (found,) = await dossiers(connection, word)
    return found


async def test_a_member_is_shown_with_guest_memberships_and_cases_and_no_full_number(
    connection: AsyncConnection,
) -> None:
    await suspense.open_cases(connection, [*ABOUT, Case("member", "ben", "bad_line", "another's")], NOW)
    found = await one(connection, "ada")
    assert found.member == MemberCard(
        member_id="ada",
        number="********345",
        tier="GOLD",
        points=7,
        expires_on=date(2030, 12, 31),
        state=None,
        listed=True,
        protected=False,
    )
    words = "the guest's id in the scheme's data"
    assert found.link == Tie("g1", "mews_id", words, NOW, None, None, None)
    assert found.guest == GuestCard("g1", active=True, merged_into=None)
    assert found.memberships == (
        Held("mm1", "MM", "Enrolled", None, "***********7890", None, None, False, False, False),
        Held("ms1", "ALPEN", "Enrolled", "GOLD", "********345", 7, None, True, True, False),
    )
    assert [each.case for each in found.cases] == ABOUT
    assert "0012345" not in repr(found)


@pytest.mark.parametrize("word", ["ada", "g1", "ms1", "mm1", "A-000012345", "992001234567890"])
async def test_the_same_is_found_by_each_of_its_names(connection: AsyncConnection, word: str) -> None:
    assert await dossiers(connection, word) == await dossiers(connection, "ada")


@pytest.mark.parametrize("word", ["g2", "ms2", "other"])
async def test_a_guest_without_a_member_is_shown_alone(connection: AsyncConnection, word: str) -> None:
    found = await one(connection, word)
    assert (found.member, found.link, found.guest) == (None, None, GuestCard("g2", active=True, merged_into=None))
    assert [each.membership_id for each in found.memberships] == ["ms2"]


async def test_a_merged_guest_names_the_profile_that_lives(connection: AsyncConnection) -> None:
    assert (await one(connection, "g3")).guest == GuestCard("g3", active=True, merged_into="g2")


async def test_nothing_is_found_by_a_word_that_nobody_bears(connection: AsyncConnection) -> None:
    assert await dossiers(connection, "4711") == []


async def test_everyone_who_bears_the_word_is_shown(connection: AsyncConnection) -> None:
    await members.save(connection, [Member("carl", number="other")], 1, member_keys, HASHER.whole)
    found = await dossiers(connection, "other")
    assert [(each.member and each.member.member_id, each.guest and each.guest.guest_id) for each in found] == [
        ("carl", None),
        (None, "g2"),
    ]


async def test_a_member_who_left_and_one_of_an_unreadable_line_are_told(connection: AsyncConnection) -> None:
    await members.save(connection, [Member("carl")], 2, member_keys, HASHER.whole)
    await members.protect(connection, ["ben"], 2)
    cards = [(await one(connection, word)).member for word in ("ada", "ben")]
    assert [(card and card.listed, card and card.protected) for card in cards] == [(False, False), (True, True)]


async def test_the_guests_whom_matching_proposes_are_shown_for_one_who_is_not_linked(
    connection: AsyncConnection,
) -> None:
    await members.save(
        connection, [Member("dan", number="D-1"), Member("eve", number="D-1")], 1, member_keys, HASHER.whole
    )
    await loyalty.save_guests(
        connection, [guest("g5", loyalty_code="D-1"), guest("g6", loyalty_code="D-1")], guest_keys
    )
    await matching.propose(connection, ("loyalty_code",), PROGRAM, 1)
    await matching.settle(connection, 1, NOW)
    words = "the loyalty code of the guest profile"
    found = await one(connection, "dan")
    assert found.candidates == (Candidate("g5", "loyalty_code", words), Candidate("g6", "loyalty_code", words))
    assert (found.link, found.guest) == (None, None)
    assert (await one(connection, "ada")).candidates == ()


async def test_a_persons_links_are_shown_with_name_and_reason(connection: AsyncConnection) -> None:
    await links.unlink(connection, "ada", Signature("anna", NOW + HOUR, "another guest"))
    found = await one(connection, "ada")
    assert found.link == Tie(
        "g1",
        "mews_id",
        "the guest's id in the scheme's data",
        NOW,
        None,
        NOW + HOUR,
        "anna",
        "another guest",
    )
    await links.link(connection, "ada", "g2", Signature("ben", NOW + HOUR, "her card"))
    found = await one(connection, "ada")
    assert found.link == Tie("g2", "person", "a person", NOW + HOUR, "ben", None, None, "her card")
    assert [each.membership_id for each in found.memberships] == ["ms2"]


async def test_a_deleted_membership_is_shown_as_such(connection: AsyncConnection) -> None:
    await loyalty.mark_memberships_deleted(connection, ["ms1"])
    found = await one(connection, "ada")
    assert [(each.membership_id, each.deleted) for each in found.memberships] == [("mm1", False), ("ms1", True)]
