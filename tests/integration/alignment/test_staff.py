"""What people do in Mews: deleted and moved memberships, merged guests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.store import retention
from tests.conftest import ENGINES
from tests.integration.alignment.hotel import ADD, DELETE, PROGRAMS, UPDATE, Hotel, guest, member, membership

DAY = 24 * 3600 + 1.0
NAMES = {"FirstName": "Franzianna", "LastName": "Bergeranna", "Email": "mail.anna@guests.example"}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Both databases."""
    name: str = request.param
    return name


async def aligned(hotel: Hotel, *names: str) -> None:
    hotel.members(*map(member, names))
    await hotel.align()
    hotel.later()


async def settled(hotel: Hotel, *names: str) -> None:
    """Align, and let so much time go by that no window of changes shows the memberships any more."""
    await aligned(hotel, *names)
    hotel.later(3600)
    await aligned(hotel, *names)
    hotel.later(3600)


class TestDeletedMemberships:
    async def test_one_deleted_by_staff_is_not_put_back(self, hotel: Hotel) -> None:
        await aligned(hotel, "anna", "bea")
        hotel.delete_by_staff(hotel.id_of("anna"))
        hotel.later(DAY)
        await hotel.align()
        assert (set(hotel.held()), hotel.calls.writes()) == ({"bea"}, {})
        assert set(await hotel.cases()) == {("m-anna", "unlinked_by_staff")}
        hotel.later(DAY)
        await hotel.align()
        assert set(hotel.held()) == {"bea"}
        assert set(await hotel.cases()) == {("m-anna", "unlinked_by_staff")}

    async def test_one_deleted_by_staff_that_cannot_be_read_is_not_put_back(self, hotel: Hotel) -> None:
        await aligned(hotel, "anna", "bea")
        hotel.edit("LoyaltyMemberships", hotel.id_of("anna"), State="Expired", _DeletedUtc="now")
        hotel.later(DAY)
        await hotel.align()
        assert (set(hotel.held()), hotel.calls.writes()) == ({"bea"}, {})
        assert set(await hotel.cases()) == {("m-anna", "unlinked_by_staff")}

    async def test_deleted_ones_are_listed_in_full_once_a_day_only(self, hotel: Hotel) -> None:
        await settled(hotel, "anna")
        hotel.delete_by_staff(hotel.id_of("anna"))
        hotel.later(3600)
        await hotel.align()
        assert await hotel.cases() == {}
        listings = [one for one in hotel.calls.bodies("loyaltyMemberships/getAll") if "UpdatedUtc" not in one]
        assert listings == []

    async def test_an_update_of_one_deleted_meanwhile_leads_to_the_same(self, hotel: Hotel) -> None:
        await settled(hotel, "anna", "bea")
        gone = hotel.id_of("anna")
        hotel.delete_by_staff(gone)
        hotel.members(member("anna", tier="GOLD"), member("bea", tier="GOLD"))
        assert (await hotel.align()).refused == 1
        assert hotel.one("bea")["Tier"] == "GOLD"
        assert "does not exist" in (await hotel.cases())[gone, "refused_by_mews"]
        hotel.later()
        await hotel.align()  # it asks for all deleted ones at once, not tomorrow
        assert set(await hotel.cases()) == {("m-anna", "unlinked_by_staff")}
        assert hotel.calls.writes() == {}

    async def test_what_mews_refuses_again_and_again_lists_the_deleted_ones_once(self, hotel: Hotel) -> None:
        await settled(hotel, "anna", "bea")
        hotel.members(member("anna", tier="GOLD"), member("bea"))
        hotel.fault(UPDATE, "status", status=403, times=None)
        listed = []
        for _ in range(4):
            hotel.later(600)
            await hotel.align()
            bodies = hotel.calls.bodies("loyaltyMemberships/getAll")
            listed.append(sum("UpdatedUtc" not in body for body in bodies))
        assert listed == [0, 1, 0, 0]
        assert set(await hotel.cases()) == {(hotel.id_of("anna"), "refused_by_mews")}

    async def test_our_own_deletion_is_not_taken_for_staffs(self, hotel: Hotel) -> None:
        hotel.settings(gone="delete")
        await aligned(hotel, "anna", "bea")
        await aligned(hotel, "bea")
        hotel.later(DAY)
        await hotel.align()
        assert await hotel.cases() == {}
        await aligned(hotel, "anna", "bea")
        assert set(hotel.held()) == {"anna", "bea"}

    async def test_our_own_deletion_without_an_answer_is_not_either(self, hotel: Hotel) -> None:
        hotel.settings(gone="delete")
        await aligned(hotel, "anna", "bea")
        hotel.members(member("bea"))
        hotel.fault(DELETE, "lose")
        assert (await hotel.align()).lost
        hotel.later()
        await hotel.align()
        assert (hotel.calls.writes(), await hotel.cases(), set(hotel.held())) == ({}, {}, {"bea"})
        await aligned(hotel, "anna", "bea")
        assert set(hotel.held()) == {"anna", "bea"}

    @pytest.mark.parametrize("effect", ["drop", "409", "403"])
    async def test_our_own_deletion_without_effect_does_not_hide_one_by_staff(self, hotel: Hotel, effect: str) -> None:
        hotel.settings(gone="delete")
        await aligned(hotel, "anna", "bea")
        status = {"status": int(effect)} if effect.isdigit() else {}
        hotel.fault(DELETE, "status" if status else effect, **status)
        await aligned(hotel, "bea")
        await aligned(hotel, "anna", "bea")
        await aligned(hotel, "anna", "bea")  # Mews has had the time to show whether it was deleted
        hotel.delete_by_staff(hotel.id_of("anna"))
        hotel.later(DAY)
        await hotel.align()
        assert (set(hotel.held()), set(await hotel.cases())) == ({"bea"}, {("m-anna", "unlinked_by_staff")})

    async def test_one_that_both_want_to_delete_is_staffs_doing(self, hotel: Hotel) -> None:
        hotel.settings(gone="delete")
        await settled(hotel, "anna", "bea")
        hotel.delete_by_staff(hotel.id_of("anna"))
        await aligned(hotel, "bea")  # refused: it does not exist
        await aligned(hotel, "anna", "bea")
        assert (set(hotel.held()), set(await hotel.cases())) == ({"bea"}, {("m-anna", "unlinked_by_staff")})

    async def test_one_that_we_had_downgraded_and_staff_deleted_is_not_put_back(self, hotel: Hotel) -> None:
        hotel.members(member("anna", tier="GOLD"))
        await hotel.align()
        await aligned(hotel, "anna")
        hotel.delete_by_staff(hotel.id_of("anna"))
        hotel.later(DAY)
        await hotel.align()
        assert hotel.held() == {}

    async def test_one_cancelled_and_enrolled_again_and_deleted_by_staff_is_not_put_back(self, hotel: Hotel) -> None:
        await aligned(hotel, "anna", "bea")
        await aligned(hotel, "bea")
        await aligned(hotel, "anna", "bea")
        hotel.delete_by_staff(hotel.id_of("anna"))
        hotel.later(DAY)
        await hotel.align()
        assert set(hotel.held()) == {"bea"}

    async def test_one_moved_to_another_guest_by_staff_is_not_put_back(self, hotel: Hotel) -> None:
        await aligned(hotel, "anna")
        hotel.edit("LoyaltyMemberships", hotel.id_of("anna"), AccountId="g-carl")
        hotel.later()
        await hotel.align()
        assert set(hotel.held()) == {"carl"}
        assert set(await hotel.cases()) == {("m-anna", "unlinked_by_staff")}


class TestCancelledMemberships:
    WITHOUT_STATE = ("member_id", "number", "email", "first_name", "last_name")

    async def test_one_cancelled_by_staff_stays_so_when_ours_was_refused_before(self, hotel: Hotel) -> None:
        """Only what we cancelled ourselves is enrolled again when the member comes back."""
        hotel.members(member("anna"), member("bea"), columns=self.WITHOUT_STATE)
        await hotel.align()
        hotel.later(600)
        hotel.members(member("bea"), columns=self.WITHOUT_STATE)
        hotel.fault(UPDATE, "status", status=400, times=9)
        await hotel.align()
        hotel.faults.clear()
        hotel.edit("LoyaltyMemberships", hotel.id_of("anna"), State="Canceled")
        hotel.members(member("anna"), member("bea"), columns=self.WITHOUT_STATE)
        hotel.later(600)
        await hotel.align()
        assert hotel.one("anna")["State"] == "Canceled"


class TestMergedGuests:
    """``keep`` leaves the source's memberships, ``move`` gives them to the target, ``delete`` deletes them."""

    async def test_a_moved_membership_stays_the_members_own(self, hotel: Hotel) -> None:
        await aligned(hotel, "anna", "bea")
        own = hotel.id_of("anna")
        hotel.merge("anna", "carl", "move")
        hotel.later()
        await hotel.align()
        assert (hotel.calls.writes(), hotel.id_of("carl"), await hotel.cases()) == ({}, own, {})
        await aligned(hotel, "bea")
        assert hotel.one("carl")["State"] == "Canceled"

    @pytest.mark.parametrize("mode", ["keep", "delete"])
    async def test_a_membership_left_behind_or_deleted_is_added_to_the_living_profile(
        self, hotel: Hotel, mode: str
    ) -> None:
        await aligned(hotel, "anna", "bea")
        hotel.merge("anna", "carl", mode)
        hotel.later()
        await hotel.align()
        assert hotel.calls.writes()[ADD] == 1
        assert hotel.one("carl")["ProviderMembershipId"] == "m-anna"
        hotel.later(DAY)
        await hotel.align()
        assert (hotel.calls.writes(), await hotel.cases(), len(hotel.held()["carl"])) == ({}, {}, 1)

    async def test_two_memberships_on_one_guest_wait_for_a_person(self, hotel: Hotel) -> None:
        await aligned(hotel, "anna", "bea")
        hotel.merge("anna", "bea", "move")
        hotel.members(member("anna", tier="GOLD"), member("bea", tier="GOLD"))
        hotel.later()
        await hotel.align()
        assert (hotel.calls.writes(), len(hotel.held()["bea"])) == ({}, 2)
        assert {subject for subject, reason in await hotel.cases() if reason == "two_memberships"} == {
            "m-anna",
            "m-bea",
        }

    @pytest.mark.parametrize("mode", ["keep", "delete"])
    async def test_two_members_on_one_merged_guest_wait_for_a_person(self, hotel: Hotel, mode: str) -> None:
        await aligned(hotel, "anna", "bea")
        hotel.merge("anna", "bea", mode)
        hotel.later()
        await hotel.align()
        assert (hotel.calls.writes(), hotel.one("bea")["ProviderMembershipId"]) == ({}, "m-bea")
        assert {subject for subject, _ in await hotel.cases()} == {"m-anna", "m-bea"}

    async def test_a_chain_of_merges_is_followed_to_its_end(self, hotel: Hotel) -> None:
        await aligned(hotel, "anna")
        hotel.merge("anna", "bea", "move")
        hotel.merge("bea", "carl", "move")
        hotel.later()
        await hotel.align()
        assert (hotel.calls.writes(), set(hotel.held()), await hotel.cases()) == ({}, {"carl"}, {})

    async def test_a_member_of_a_full_page_with_two_memberships_is_left_alone(
        self, hotel: Hotel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The page ends between the two: what comes first must not be taken for the only one."""
        monkeypatch.setattr("connector.jobs.planning._LINKS", 2)
        await aligned(hotel, "anna", "bea", "carl")
        hotel.load(membership("ms-second", "bea", MembershipNumber="other"))
        hotel.edit("LoyaltyMemberships", "ms-second", Points=1)
        hotel.members(*(member(name, tier="GOLD") for name in ("anna", "bea", "carl")))
        hotel.later()
        await hotel.align()
        assert {one.get("LoyaltyTierId") for one in hotel.held()["bea"]} == {"t-SILVER", None}
        assert (hotel.one("anna")["Tier"], hotel.one("carl")["Tier"]) == ("GOLD", "GOLD")


class TestTwoMemberships:
    """Staff are told of a guest who holds the program twice, and delete one of the two as they were told."""

    @pytest.mark.parametrize("wrong", ["the managed one", "the typed one"])
    async def test_the_member_goes_on_with_the_one_that_is_left(self, hotel: Hotel, wrong: str) -> None:
        await settled(hotel, "anna", "bea")
        own = hotel.id_of("anna")
        hotel.load(membership("00-typed", "anna", MembershipNumber="N-anna", _UpdatedUtc="now"))
        hotel.later()
        await aligned(hotel, "anna", "bea")
        assert set(await hotel.cases()) == {("m-anna", "two_memberships")}
        hotel.delete_by_staff(own if wrong == "the managed one" else "00-typed")
        hotel.members(member("anna", tier="GOLD"), member("bea"))
        hotel.later(DAY)
        await hotel.align()
        assert (hotel.one("anna")["Tier"], hotel.one("anna")["ProviderMembershipId"]) == ("GOLD", "m-anna")
        assert await hotel.cases() == {}


class TestAnotherProgram:
    """The scheme's program is another one from now on; its members are added to it."""

    @pytest.fixture
    async def moved(self, hotel: Hotel) -> Hotel:
        await settled(hotel, "anna", "bea")
        self.old = [hotel.id_of("anna"), hotel.id_of("bea")]
        hotel.settings(programs=(replace(PROGRAMS[0], code="ALPEN2"), PROGRAMS[1]), program_code="ALPEN2")
        await aligned(hotel, "anna", "bea")
        await settled(hotel, "anna", "bea")
        assert (set(hotel.held("ALPEN2")), await hotel.cases()) == ({"anna", "bea"}, {})
        return hotel

    async def test_the_old_ones_memberships_may_be_deleted(self, moved: Hotel) -> None:
        for each in self.old:
            moved.delete_by_staff(each)
        moved.members(member("anna", points=77), member("bea", points=77))
        moved.later(DAY)
        await moved.align()
        assert {name: held[0]["Points"] for name, held in moved.held("ALPEN2").items()} == {"anna": 77, "bea": 77}
        assert await moved.cases() == {}

    async def test_one_that_staff_delete_in_the_new_program_is_not_put_back(self, moved: Hotel) -> None:
        moved.delete_by_staff(moved.held("ALPEN2")["anna"][0]["Id"])
        moved.later(DAY)
        await moved.align()
        assert (set(moved.held("ALPEN2")), set(await moved.cases())) == ({"bea"}, {("m-anna", "unlinked_by_staff")})


async def test_a_merge_that_shows_later_than_its_membership_goes_on(hotel: Hotel) -> None:
    await settled(hotel, "anna", "bea")
    hotel.edit("LoyaltyMemberships", hotel.id_of("anna"), AccountId="g-carl")
    hotel.later()
    await aligned(hotel, "anna", "bea")
    assert set(await hotel.cases()) == {("m-anna", "unlinked_by_staff")}
    hotel.merge("anna", "carl", "keep")
    hotel.members(member("anna", tier="GOLD"), member("bea"))
    hotel.later()
    await hotel.align()
    assert (hotel.one("carl")["Tier"], await hotel.cases()) == ("GOLD", {})


async def test_a_member_whose_profile_is_deleted_goes_on_with_another_one(hotel: Hotel) -> None:
    await settled(hotel, "anna", "bea")
    hotel.edit("Customers", "g-anna", IsActive=False, _DeletedUtc="now")
    hotel.load(("Customers", guest("anew")[1] | NAMES))
    hotel.edit("Customers", "g-anew", Phone="1")
    hotel.later()
    await aligned(hotel, "anna", "bea")
    assert (hotel.one("anew")["ProviderMembershipId"], await hotel.cases()) == ("m-anna", {})


async def test_nothing_is_written_where_the_scheme_names_another_guest_by_now(hotel: Hotel) -> None:
    await settled(hotel, "anna")
    hotel.members(member("anna", tier="GOLD", mews_id="g-carl"))
    await hotel.align()
    assert (hotel.one("anna")["Tier"], hotel.calls.writes()) == ("SILVER", {})
    assert set(await hotel.cases()) == {("m-anna", "other_mews_id")}


@pytest.mark.parametrize("gone", ["cancel", "delete"])
async def test_nothing_is_kept_for_ever_of_members_who_left(hotel: Hotel, gone: str) -> None:
    hotel.settings(gone=gone)
    await settled(hotel, "anna", "bea")
    await settled(hotel, "bea")
    (rule,) = (each for each in retention.RULES if each.name == "members")
    async with hotel.database.write() as connection:
        assert await rule.sweep(connection, hotel.clock.now() - timedelta(days=1), 100) == 0
        assert await rule.sweep(connection, hotel.clock.now(), 100) == 1


async def test_what_reception_cancels_after_it_enrolled_a_member_anew_stays_so(hotel: Hotel) -> None:
    columns = ("member_id", "number", "email", "first_name", "last_name")
    hotel.members(member("anna"), member("bea"), columns=columns)
    await hotel.align()
    hotel.members(member("bea"), columns=columns)
    await hotel.align()
    hotel.edit("LoyaltyMemberships", hotel.id_of("anna"), State="Enrolled")
    hotel.members(member("anna"), member("bea"), columns=columns)
    hotel.later()
    await hotel.align()
    hotel.edit("LoyaltyMemberships", hotel.id_of("anna"), State="Canceled")
    hotel.later(DAY)
    await hotel.align()
    assert (hotel.one("anna")["State"], hotel.calls.writes()) == ("Canceled", {})
