from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.harm import Harm
from connector.domain.loyalty import Guest, Membership
from connector.domain.members import Member
from connector.store import alignment, doubts, harm, links, loyalty, matching, members, merges, resolutions, suspense
from connector.store.engine import Database
from connector.store.resolutions import Signature
from tests.integration.store.makers import HASHER, NOW, PROGRAM, guest, guest_keys, member_keys, membership, pairs

ALL = ("mews_id", "membership", "loyalty_code", "email_and_name")
ADA = Member("ada", number="A-1", mews_id="g1", email="ada@example.com", first_name="Ada", last_name="Lovelace")
BEN = Member("ben", number="B-1", email="ben@example.com", first_name="Ben", last_name="Smith")


@dataclass
class Scene:
    """A chain and a scheme in one write transaction."""

    connection: AsyncConnection

    async def stands(self, *records: Guest | Member | Membership, generation: int = 1) -> None:
        guests = [each for each in records if isinstance(each, Guest)]
        await loyalty.save_guests(self.connection, guests, guest_keys)
        await loyalty.save_memberships(self.connection, [each for each in records if isinstance(each, Membership)])
        known = [each for each in records if isinstance(each, Member)]
        await members.save(self.connection, known, generation, member_keys, HASHER.whole)

    async def passes(self, *methods: str, generation: int = 1, program_id: str = PROGRAM) -> dict[str, str]:
        """Make one pass in the order of ``jobs/planning.py``; return the doubts by member."""
        await merges.follow(self.connection, NOW)
        cases = await matching.respect_unlinking(self.connection, program_id, NOW)
        await matching.remember_memberships(self.connection, program_id)
        await matching.forget_cancellations(self.connection, generation)
        orphans = await matching.orphaned(self.connection, generation)
        await matching.propose(self.connection, methods or ALL, program_id, generation, orphans)
        self.linked, ambiguous = await matching.settle(self.connection, generation, NOW)
        cases += ambiguous
        cases += await doubts.other_name(self.connection, program_id, generation)
        cases += await doubts.other_mews_id(self.connection, generation)
        cases += await doubts.deleted_profile(self.connection, generation)
        cases += await doubts.twice_enrolled(self.connection, program_id)
        await suspense.open_cases(self.connection, cases, NOW)
        return {each.subject_id: each.reason for each in cases}

    async def remembered(self) -> dict[str, str | None]:
        """Return the remembered memberships by member."""
        rows = await self.connection.exec_driver_sql("SELECT member_id, membership_id FROM link")
        return {row[0]: row[1] for row in rows}

    async def links(self) -> dict[str, tuple[str, str]]:
        """Return account and method of the living links by member."""
        rows = await self.connection.exec_driver_sql(
            "SELECT member_id, account_id, method FROM link WHERE unlinked_at IS NULL"
        )
        return {row[0]: (row[1], row[2]) for row in rows}


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    async with database.write() as connection:
        yield Scene(connection)


PERSON = guest("g1", email="ada@example.com", first_name="Ada", last_name="Lovelace", loyalty_code="A-1")


async def test_a_member_is_found_by_the_mews_id(scene: Scene) -> None:
    await scene.stands(ADA, BEN, guest("g1"), guest("g2"))
    assert await scene.passes("mews_id") == {}
    assert await scene.links() == {"ada": ("g1", "mews_id")}
    assert scene.linked == 1


async def test_a_member_is_found_by_our_id_in_a_membership(scene: Scene) -> None:
    await scene.stands(BEN, guest("g2"), membership("m1", "g2", provider_id="ben"))
    await scene.passes("membership")
    assert await scene.links() == {"ben": ("g2", "membership")}


async def test_a_member_is_found_by_a_typed_number_and_the_last_name(scene: Scene) -> None:
    await scene.stands(BEN, guest("g2", last_name="SMITH"), membership("m1", "g2", number="B-1"))
    assert await scene.passes("membership") == {}
    assert await scene.links() == {"ben": ("g2", "membership")}


@pytest.mark.parametrize("last_name", ["Smythe", None])
async def test_a_typed_number_of_another_last_name_is_a_case(scene: Scene, last_name: str | None) -> None:
    await scene.stands(BEN, guest("g2", last_name=last_name), membership("m1", "g2", number="B-1"))
    assert await scene.passes("membership") == {"ben": "number_other_name"}
    assert await scene.links() == {}


@pytest.mark.parametrize("facts", [{"program_id": "MM"}, {"deleted": True}])
async def test_memberships_of_other_programs_and_deleted_ones_tie_nobody(
    scene: Scene, facts: dict[str, object]
) -> None:
    await scene.stands(BEN, guest("g2"), membership("m1", "g2", provider_id="ben", **facts))
    assert await scene.passes("membership") == {}
    assert await scene.links() == {}


async def test_a_member_is_found_by_the_loyalty_code_of_the_profile(scene: Scene) -> None:
    await scene.stands(BEN, guest("g2", loyalty_code=" b-1"))
    await scene.passes("loyalty_code")
    assert await scene.links() == {"ben": ("g2", "loyalty_code")}


async def test_a_member_is_found_by_email_and_both_names(scene: Scene) -> None:
    fits = guest("g2", email="Ben@Example.com", first_name="ben", last_name="Smith")
    other = guest("g3", email="ben@example.com", first_name="Benno", last_name="Smith")
    await scene.stands(BEN, fits, other)
    await scene.passes("email_and_name")
    assert await scene.links() == {"ben": ("g2", "email_and_name")}


async def test_the_email_of_a_booking_site_ties_nobody(scene: Scene) -> None:
    fits = guest("g2", email="ben@example.com", first_name="Ben", last_name="Smith", has_ota_email=True)
    await scene.stands(BEN, fits)
    assert await scene.passes() == {}
    assert await scene.links() == {}


@pytest.mark.parametrize("facts", [{"active": False}, {"merge_target_id": "g9"}])
@pytest.mark.parametrize("method", ALL)
async def test_an_inactive_or_merged_profile_is_never_tied(scene: Scene, method: str, facts: dict[str, object]) -> None:
    gone = guest("g1", email=ADA.email, first_name="Ada", last_name="Lovelace", loyalty_code="A-1", **facts)
    await scene.stands(ADA, gone, membership("m1", "g1", provider_id="ada", number="A-1"))
    assert await scene.passes(method) == {}
    assert await scene.links() == {}


async def test_the_methods_are_tried_in_their_order(scene: Scene) -> None:
    by_code = guest("g2", loyalty_code="A-1")
    await scene.stands(ADA, guest("g1"), by_code)
    await scene.passes("loyalty_code", "mews_id")
    assert await scene.links() == {"ada": ("g2", "loyalty_code")}


async def test_a_method_that_is_not_configured_is_not_tried(scene: Scene) -> None:
    await scene.stands(ADA, PERSON)
    await scene.passes("membership")
    assert await scene.links() == {}


async def test_two_guests_for_one_member_are_never_guessed(scene: Scene) -> None:
    twin = {"email": "ben@example.com", "first_name": "Ben", "last_name": "Smith"}
    await scene.stands(BEN, guest("g2", **twin), guest("g3", **twin))
    assert await scene.passes() == {"ben": "two_candidates"}
    assert await scene.links() == {}


async def test_a_tie_of_an_earlier_method_is_not_broken_by_a_later_one(scene: Scene) -> None:
    await scene.stands(BEN, guest("g2", loyalty_code="B-1"), guest("g3", loyalty_code="B-1"))
    await scene.stands(guest("g4", email="ben@example.com", first_name="Ben", last_name="Smith"))
    assert await scene.passes() == {"ben": "two_candidates"}
    assert await scene.links() == {}


async def test_two_members_for_one_guest_are_never_guessed(scene: Scene) -> None:
    await scene.stands(Member("one", mews_id="g1"), Member("two", mews_id="g1"), guest("g1"))
    assert await scene.passes() == {"one": "claimed_by_two_members", "two": "claimed_by_two_members"}
    assert await scene.links() == {}


async def test_a_guest_who_is_linked_already_is_not_given_to_another_member(scene: Scene) -> None:
    await scene.stands(ADA, PERSON)
    await scene.passes()
    await scene.stands(Member("thief", mews_id="g1"))
    assert await scene.passes() == {"thief": "claimed_by_two_members"}
    assert await scene.links() == {"ada": ("g1", "mews_id")}


async def test_a_link_survives_the_identifiers_that_made_it(scene: Scene) -> None:
    await scene.stands(ADA, PERSON)
    await scene.passes()
    await scene.stands(Member("ada"), guest("g1"), generation=2)
    assert await scene.passes(generation=2) == {}
    assert await scene.links() == {"ada": ("g1", "mews_id")}
    assert scene.linked == 0
    assert await matching.count_links(scene.connection) == 1


async def test_a_member_who_left_the_scheme_is_not_matched(scene: Scene) -> None:
    await scene.stands(ADA, PERSON, generation=1)
    assert await scene.passes(generation=2) == {}
    assert await scene.links() == {}


async def test_two_memberships_of_one_program_on_one_guest_are_a_case(scene: Scene) -> None:
    await scene.stands(ADA, PERSON, membership("m1", "g1"), membership("m2", "g1"))
    assert await scene.passes() == {"ada": "two_memberships"}


async def linked(scene: Scene) -> None:
    """Ada is linked to g1 and has the membership m1 there."""
    await scene.stands(ADA, PERSON, membership("m1", "g1", provider_id="ada"))
    await scene.passes()
    await scene.passes()


async def test_a_membership_that_staff_deleted_ends_the_link_for_good(scene: Scene) -> None:
    await linked(scene)
    await loyalty.mark_memberships_deleted(scene.connection, ["m1"])
    assert await scene.passes() == {"ada": "unlinked_by_staff"}
    assert await scene.passes() == {}
    assert await scene.links() == {}
    assert await matching.count_links(scene.connection) == 0


async def test_a_membership_that_staff_moved_to_another_guest_ends_the_link(scene: Scene) -> None:
    await linked(scene)
    await scene.stands(guest("g2"), membership("m1", "g2", provider_id="ada"))
    assert await scene.passes() == {"ada": "unlinked_by_staff"}
    assert await scene.links() == {}


async def test_a_membership_that_moved_with_a_merged_guest_does_not(scene: Scene) -> None:
    await linked(scene)
    await scene.stands(guest("g1", merge_target_id="g2", active=False), guest("g2"))
    await scene.stands(membership("m1", "g2", provider_id="ada"))
    assert await scene.passes() == {}
    assert await scene.links() == {"ada": ("g2", "mews_id")}


@pytest.mark.parametrize("beside", ["m0", "m2"])
async def test_of_two_memberships_the_one_with_the_members_id_is_the_members(scene: Scene, beside: str) -> None:
    await scene.stands(ADA, PERSON, membership("m1", "g1", provider_id="ada"), membership(beside, "g1", number="A-1"))
    await scene.passes()
    await scene.passes()
    assert await scene.remembered() == {"ada": "m1"}


@pytest.mark.parametrize(("wrong", "right"), [("m1", "m2"), ("m2", "m1")])
@pytest.mark.parametrize("number", ["A-1", None])
async def test_staff_who_delete_one_of_two_memberships_as_told_unlink_nobody(
    scene: Scene, wrong: str, right: str, number: str | None
) -> None:
    await linked(scene)
    await scene.stands(membership("m2", "g1", number=number))
    assert await scene.passes() == {"ada": "two_memberships"}
    await loyalty.mark_memberships_deleted(scene.connection, [wrong])
    assert await scene.passes() == {}
    assert (await scene.links(), await scene.remembered()) == ({"ada": ("g1", "mews_id")}, {"ada": right})


async def test_nor_do_staff_who_move_it_to_another_guest(scene: Scene) -> None:
    await linked(scene)
    await scene.stands(membership("m2", "g1", number="A-1"))
    await scene.passes()
    await scene.stands(membership("m1", "g2", provider_id="ada"), guest("g2"))
    assert await scene.passes() == {}
    assert await scene.remembered() == {"ada": "m2"}


@pytest.mark.parametrize("facts", [{"number": "B-1"}, {"provider_id": "ben", "number": "A-1"}])
async def test_the_other_of_two_is_not_taken_when_it_is_somebody_elses(scene: Scene, facts: dict[str, object]) -> None:
    await linked(scene)
    await scene.stands(membership("m2", "g1", **facts))
    await scene.passes()
    await loyalty.mark_memberships_deleted(scene.connection, ["m1"])
    assert await scene.passes() == {"ada": "unlinked_by_staff"}


async def test_both_of_two_that_staff_deleted_are_not_put_back(scene: Scene) -> None:
    await scene.stands(ADA, PERSON, membership("m1", "g1", number="A-1"), membership("m2", "g1", number="A-1"))
    await scene.passes()
    await scene.passes()
    await loyalty.mark_memberships_deleted(scene.connection, ["m1", "m2"])
    assert await scene.passes() == {"ada": "unlinked_by_staff"}


async def test_one_typed_anew_for_one_that_staff_deleted_is_staffs(scene: Scene) -> None:
    await linked(scene)
    await loyalty.mark_memberships_deleted(scene.connection, ["m1"])
    await scene.stands(membership("m2", "g1", number="A-1"))
    assert await scene.passes() == {"ada": "unlinked_by_staff"}


async def test_memberships_of_the_program_of_before_say_nothing_about_the_present_one(scene: Scene) -> None:
    await linked(scene)
    await scene.stands(membership("n1", "g1", program_id="new", provider_id="ada"))
    assert await scene.passes(program_id="new") == {}
    assert await scene.remembered() == {"ada": "n1"}
    await loyalty.mark_memberships_deleted(scene.connection, ["m1"])
    assert await scene.passes(program_id="new") == {}
    await loyalty.mark_memberships_deleted(scene.connection, ["n1"])
    assert await scene.passes(program_id="new") == {"ada": "unlinked_by_staff"}


MERGED = guest("g1", merge_target_id="g2", active=False)


async def seen_at_its_new_guest(scene: Scene, living: str = "g2") -> None:
    """Ada's membership is at the guest into whom hers was merged, but the merge is not seen yet."""
    await linked(scene)
    await scene.stands(guest("g2"), guest("g3"), membership("m1", living, provider_id="ada"))
    assert await scene.passes() == {"ada": "unlinked_by_staff"}


async def test_a_membership_that_shows_before_its_merge_is_no_unlinking_in_the_end(scene: Scene) -> None:
    await seen_at_its_new_guest(scene)
    await scene.stands(MERGED)
    assert await scene.passes() == {}
    assert (await scene.links(), await scene.remembered()) == ({"ada": ("g2", "mews_id")}, {"ada": "m1"})
    assert await suspense.listing(scene.connection) == []


async def test_nor_before_two_merges(scene: Scene) -> None:
    await seen_at_its_new_guest(scene, "g3")
    await scene.stands(MERGED, guest("g2", merge_target_id="g3", active=False))
    assert await scene.passes() == {}
    assert await scene.links() == {"ada": ("g3", "mews_id")}


async def test_one_that_staff_gave_to_a_third_guest_stays_unlinked(scene: Scene) -> None:
    await seen_at_its_new_guest(scene, "g3")
    await scene.stands(MERGED)
    assert await scene.passes() == {}
    assert await scene.links() == {}


async def test_what_a_person_resolved_is_not_linked_again_by_a_merge(scene: Scene) -> None:
    await seen_at_its_new_guest(scene)
    (case,) = await suspense.listing(scene.connection)
    await resolutions.acknowledge(scene.connection, case.id, Signature("anna", NOW))
    await scene.stands(MERGED)
    assert await scene.passes() == {}
    assert await scene.links() == {}


async def test_a_membership_that_we_deleted_is_not_staffs_doing(scene: Scene) -> None:
    await linked(scene)
    await harm.note(scene.connection, [(Harm.REMOVAL, "m1")], "plan", NOW, deletes=True)
    await loyalty.mark_memberships_deleted(scene.connection, ["m1"])
    assert await scene.passes() == {}
    assert await scene.links() == {"ada": ("g1", "mews_id")}


async def test_a_membership_that_we_only_downgraded_and_staff_deleted_is_staffs_doing(scene: Scene) -> None:
    await linked(scene)
    await harm.note(scene.connection, [(Harm.DOWNGRADE, "m1")], "plan", NOW)
    await loyalty.mark_memberships_deleted(scene.connection, ["m1"])
    assert await scene.passes() == {"ada": "unlinked_by_staff"}


async def test_a_membership_that_we_cancelled_and_staff_deleted_is_staffs_doing(scene: Scene) -> None:
    await linked(scene)
    await harm.note(scene.connection, [(Harm.REMOVAL, "m1")], "plan", NOW)
    await alignment.note_cancelled(scene.connection, ["m1"], NOW)
    await loyalty.mark_memberships_deleted(scene.connection, ["m1"])
    assert await scene.passes() == {"ada": "unlinked_by_staff"}


async def test_a_deletion_forgotten_by_its_link_is_not_staffs_doing(scene: Scene) -> None:
    await linked(scene)
    await alignment.forget_memberships(scene.connection, ["m1"], NOW)
    await loyalty.mark_memberships_deleted(scene.connection, ["m1"])
    assert await scene.passes() == {}


async def test_a_link_follows_merges_of_merges(scene: Scene) -> None:
    await linked(scene)
    await scene.stands(guest("g1", merge_target_id="g2"), guest("g2", merge_target_id="g3"), guest("g3"))
    assert await merges.follow(scene.connection, NOW) == 2
    assert await scene.links() == {"ada": ("g3", "mews_id")}


async def test_a_loop_of_merges_ends(scene: Scene) -> None:
    await linked(scene)
    await scene.stands(guest("g1", merge_target_id="g2"), guest("g2", merge_target_id="g1"))
    await merges.follow(scene.connection, NOW)
    assert set(await scene.links()) == {"ada"}


async def test_two_members_whose_guests_were_merged_are_a_case(scene: Scene) -> None:
    await scene.stands(ADA, Member("ben", mews_id="g2"), guest("g1"), guest("g2"))
    await scene.passes()
    await scene.stands(guest("g2", merge_target_id="g1"))
    assert await scene.passes() == {"ada": "claimed_by_two_members", "ben": "claimed_by_two_members"}
    assert await pairs(scene.connection, 1) == []


async def test_when_one_of_them_has_left_the_scheme_the_other_keeps_the_membership(scene: Scene) -> None:
    await scene.stands(ADA, Member("ben", mews_id="g2"), guest("g1"), guest("g2"), membership("m1", "g1"))
    await scene.passes()
    await scene.stands(guest("g2", merge_target_id="g1"))
    await scene.stands(ADA, generation=2)
    assert await scene.passes(generation=2) == {}
    found = await pairs(scene.connection, 2)
    assert [(each.member.member_id, each.listed) for each in found] == [("ada", True)]


DELETED = guest("g1", active=False)
ADA_ANEW = guest("g4", email="ada@example.com", first_name="Ada", last_name="Lovelace")


async def test_a_member_whose_profile_was_deleted_is_matched_anew(scene: Scene) -> None:
    await linked(scene)
    await scene.stands(DELETED)
    assert await scene.passes() == {}
    assert await scene.links() == {"ada": ("g1", "mews_id")}  # nobody else yet, so the membership is not forgotten
    await scene.stands(ADA_ANEW)
    assert await scene.passes() == {}
    assert (await scene.links(), scene.linked) == ({"ada": ("g4", "email_and_name")}, 1)
    assert await scene.passes() == {}
    assert scene.linked == 0


async def test_nor_is_a_guess_made_for_it(scene: Scene) -> None:
    await linked(scene)
    await scene.stands(DELETED, ADA_ANEW, ADA_ANEW._replace(id="g5"))
    assert await scene.passes() == {"ada": "two_candidates"}
    assert await scene.links() == {"ada": ("g1", "mews_id")}


async def test_what_staff_unlinked_stays_unlinked_when_the_profile_is_deleted(scene: Scene) -> None:
    await linked(scene)
    await loyalty.mark_memberships_deleted(scene.connection, ["m1"])
    await scene.stands(DELETED, ADA_ANEW)
    assert await scene.passes() == {"ada": "unlinked_by_staff"}
    assert await scene.passes() == {}
    assert await scene.links() == {}


async def test_a_deleted_profile_that_a_person_linked_is_a_case(scene: Scene) -> None:
    await scene.stands(ADA, PERSON)
    await links.link(scene.connection, "ada", "g1", Signature("anna", NOW))
    await scene.stands(DELETED, ADA_ANEW)
    assert await scene.passes() == {"ada": "deleted_profile"}
    assert await scene.links() == {"ada": ("g1", "person")}


async def test_a_mews_id_that_is_corrected_is_a_case(scene: Scene) -> None:
    await scene.stands(ADA, PERSON, guest("g2"))
    await scene.passes()
    await scene.stands(replace(ADA, mews_id="g2"))
    assert await scene.passes() == {"ada": "other_mews_id"}
    assert await scene.links() == {"ada": ("g1", "mews_id")}
    await links.link(scene.connection, "ada", "g1", Signature("anna", NOW))
    assert await scene.passes() == {}


@pytest.mark.parametrize("facts", [{"active": False}, {"merge_target_id": "g1"}])
async def test_one_of_a_guest_who_is_gone_or_was_merged_is_not(scene: Scene, facts: dict[str, object]) -> None:
    await scene.stands(ADA, PERSON, guest("g2", **facts))
    await scene.passes()
    await scene.stands(replace(ADA, mews_id="g2"))
    assert await scene.passes() == {}


@pytest.mark.parametrize("last", ["g2", "g3"])
async def test_the_mews_id_of_a_profile_that_was_merged_leads_to_the_one_that_lives(scene: Scene, last: str) -> None:
    chain = [guest("g1", merge_target_id="g2"), guest("g2", merge_target_id="g3"), guest("g3")]
    await scene.stands(ADA, *(chain if last == "g3" else [chain[0], guest("g2")]))
    assert await scene.passes("mews_id") == {}
    assert await scene.links() == {"ada": (last, "mews_id")}


async def test_a_loop_of_merged_profiles_leads_to_nobody(scene: Scene) -> None:
    await scene.stands(ADA, guest("g1", merge_target_id="g2"), guest("g2", merge_target_id="g1"))
    assert await scene.passes("mews_id") == {}
    assert await scene.links() == {}


ANEW = replace(ADA, member_id="ada2", mews_id=None)


async def left(scene: Scene, *present: Member) -> None:
    """Ada has left the scheme, and we cancelled her membership; others are listed."""
    await linked(scene)
    await alignment.note_cancelled(scene.connection, ["m1"], NOW)
    await scene.stands(BEN, *present, generation=2)


async def test_a_person_with_a_new_id_takes_the_guest_over_from_the_old_one(scene: Scene) -> None:
    await left(scene, ANEW)
    await scene.stands(guest("g1", email=ADA.email, first_name="Ada", last_name="Lovelace"))
    assert await scene.passes(generation=2) == {}
    assert (await scene.links(), scene.linked) == ({"ada2": ("g1", "email_and_name")}, 1)
    (pair,) = await pairs(scene.connection, 2)
    assert (pair.member.member_id, pair.cancelled) == ("ada2", True)  # so that it is enrolled again
    assert await scene.passes(generation=2) == {}


async def test_a_person_who_comes_back_under_both_ids_is_a_case(scene: Scene) -> None:
    await left(scene, ANEW)
    await scene.stands(guest("g1", email=ADA.email, first_name="Ada", last_name="Lovelace"))
    await scene.passes(generation=2)
    await scene.stands(ADA, ANEW, generation=3)
    assert await scene.passes(generation=3) == {"ada": "claimed_by_two_members"}


async def test_while_ids_of_the_listing_are_unreadable_nobody_seems_to_have_left(scene: Scene) -> None:
    await left(scene, replace(ANEW, mews_id="g1"))
    await matching.propose(scene.connection, ALL, PROGRAM, 2)
    linked_, cases = await matching.settle(scene.connection, 0, NOW)
    assert (linked_, [each.reason for each in cases]) == (0, ["claimed_by_two_members"])


async def test_the_number_of_somebody_who_left_does_not_tie_a_relative(scene: Scene) -> None:
    son = Member("son", number="A-1", email="son@example.com", first_name="Sam", last_name="Lovelace")
    await left(scene, son)
    await scene.stands(PERSON._replace(loyalty_code=None), membership("m1", "g1", provider_id="ada", number="A-1"))
    assert await scene.passes(generation=2) == {}
    assert set(await scene.links()) == {"ada"}
    await scene.stands(guest("g6", email="son@example.com", first_name="Sam", last_name="Lovelace"))
    assert await scene.passes(generation=2) == {}
    assert await scene.links() == {"ada": ("g1", "mews_id"), "son": ("g6", "email_and_name")}


async def test_nor_does_a_loyalty_code_or_a_number_that_we_wrote(scene: Scene) -> None:
    son = Member("son", number="A-1", first_name="Sam", last_name="Lovelace")
    await left(scene, son)
    assert await scene.passes("loyalty_code", generation=2) == {"son": "claimed_by_two_members"}
    await scene.connection.exec_driver_sql("DELETE FROM link")
    await scene.connection.exec_driver_sql("DELETE FROM member WHERE member_id = 'ada'")
    await scene.connection.exec_driver_sql(
        "UPDATE membership SET number = 'A-1', number_source = 'scheme', provider_id = 'ada' WHERE id = 'm1'"
    )
    assert await scene.passes("membership", generation=2) == {}
    assert await scene.links() == {}


async def test_members_who_left_count_until_their_membership_is_cancelled_or_deleted(scene: Scene) -> None:
    await linked(scene)
    await scene.stands(BEN, generation=2)
    assert await matching.count_links(scene.connection) == 1
    await alignment.note_cancelled(scene.connection, ["m1"], NOW)
    assert await matching.count_links(scene.connection) == 1  # whether Mews did it is not known yet
    await alignment.forget_memberships(scene.connection, ["m1"], NOW)
    assert await matching.count_links(scene.connection) == 0


@pytest.mark.parametrize(
    ("state", "generation", "forgotten"), [("Enrolled", 1, True), ("Canceled", 1, False), ("Enrolled", 2, False)]
)
async def test_a_cancellation_is_forgotten_once_a_listed_member_is_active_again(
    scene: Scene, state: str, generation: int, forgotten: bool
) -> None:
    await linked(scene)
    await alignment.note_cancelled(scene.connection, ["m1"], NOW)
    await scene.stands(membership("m1", "g1", provider_id="ada", state=state))
    await scene.passes(generation=generation)
    (row,) = await scene.connection.exec_driver_sql("SELECT cancelled_at FROM link")
    assert (row[0] is None) == forgotten
