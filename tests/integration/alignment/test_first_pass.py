"""What a first pass writes, what it costs, and that a second one writes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connector.store.engine import Database
from tests.conftest import ENGINES
from tests.integration.alignment.hotel import ADD, UPDATE, Hotel, guest, member, membership, opened

UNCHANGED = {
    "loyaltyPrograms/getAll": 1,
    "loyaltyTiers/getAll": 1,
    "loyaltyMemberships/getAll": 2,  # living and deleted ones are two streams
    "customers/getAll": 2,  # updated and deleted ones
}


class TestOnAnEmptyMews:
    async def test_programs_and_tiers_and_memberships_are_made(self, tmp_path: Path, database: Database) -> None:
        async with opened(tmp_path, database, guest("anna"), guest("bea")) as hotel:
            hotel.members(member("anna", tier="GOLD"), member("bea", points="", expires_on=""))
            await hotel.align()
            programs = {one["Code"]: (one["Name"], one["Type"]) for one in hotel.records("LoyaltyPrograms")}
            assert programs == {
                "ALPEN": ("Alpenglow Club", "Hotel"),
                "MM": ("Miles & More", "ExternalPartner"),
            }
            tiers = [(one["Code"], one["Name"], one["Ordering"]) for one in hotel.records("LoyaltyTiers")]
            assert sorted(tiers) == [("GOLD", "Gold member", 2), ("SILVER", "Silver member", 1)]
            assert hotel.one("anna") == {
                "State": "Enrolled",
                "IsPrimary": True,
                "MembershipNumber": "N-anna",
                "Points": 10,
                "ExpirationDate": "2030-12-31",
                "ProviderMembershipId": "m-anna",
                "Tier": "GOLD",
            }
            assert (hotel.one("bea")["Points"], hotel.one("bea")["ExpirationDate"]) == (None, "")

    async def test_the_first_pass_costs_the_floor(self, tmp_path: Path, database: Database) -> None:
        async with opened(tmp_path, database, guest("anna"), guest("bea")) as hotel:
            hotel.members(member("anna"), member("bea"))
            await hotel.align()
            assert hotel.calls.count() == {
                "loyaltyPrograms/getAll": 3,  # read, and read back after each of two writes
                "loyaltyPrograms/add": 1,
                "loyaltyTiers/getAll": 2,  # read back after each; there were none to list before
                "loyaltyTiers/add": 1,
                "customers/getAll": 4,  # two windows of at most 89 days since the property opened, two streams
                ADD: 1,
                UPDATE: 1,  # the provider id, which Mews takes by update only
            }


class TestTheSecondPass:
    async def test_it_writes_nothing_and_costs_one_request_per_stream(self, hotel: Hotel) -> None:
        hotel.members(member("anna"), member("bea"))
        await hotel.align()
        hotel.later()
        done = await hotel.align()
        assert (done.written, hotel.calls.count()) == (0, UNCHANGED)

    async def test_the_first_pass_reads_each_stream_once_and_writes_in_full_batches(self, hotel: Hotel) -> None:
        hotel.members(member("anna"), member("bea"), member("carl"))
        done = await hotel.align()
        assert done.written == 6
        assert hotel.calls.count() == {**UNCHANGED, "customers/getAll": 4, ADD: 1, UPDATE: 1}

    async def test_a_plan_right_after_an_apply_is_empty(self, hotel: Hotel) -> None:
        hotel.members(member("anna"), member("bea"))
        before = await hotel.preview()
        assert (before.plan.counts, hotel.calls.writes()) == ({"add_membership": 2}, {})
        await hotel.align()
        after = await hotel.preview()
        assert (after.plan.counts, after.plan.plan_id, hotel.calls.writes()) == ({}, "", {})

    async def test_more_than_a_batch_is_written_in_batches_of_a_thousand(
        self, tmp_path: Path, database: Database
    ) -> None:
        names = [f"n{number:04}" for number in range(1200)]
        async with opened(tmp_path, database, *(guest(name) for name in names)) as hotel:
            hotel.members(*(member(name) for name in names))
            await hotel.align()
            writes = hotel.calls.writes()
            assert (writes[ADD], writes[UPDATE]) == (2, 2)
            assert [len(body["LoyaltyMemberships"]) for body in hotel.calls.bodies(ADD)] == [1000, 200]
            assert sum(map(len, hotel.held().values())) == 1200


class TestMatching:
    """Each identifier alone finds the guest; none that is shared or borrowed does."""

    @pytest.fixture(params=ENGINES)
    def engine(self, request: pytest.FixtureRequest) -> str:
        """Both databases."""
        name: str = request.param
        return name

    @pytest.mark.parametrize(
        ("profile", "line"),
        [
            ({}, {"email": "", "last_name": "Other", "mews_id": "g-x"}),
            ({"LoyaltyCode": "N-x"}, {"email": "", "last_name": "Other", "mews_id": ""}),
            ({}, {"mews_id": ""}),
        ],
        ids=["mews id", "loyalty code", "e-mail and names"],
    )
    async def test_a_guest_is_found(self, hotel: Hotel, profile: dict[str, Any], line: dict[str, Any]) -> None:
        hotel.load(guest("x", **profile))
        hotel.members(member("x", **line))
        await hotel.align()
        assert hotel.one("x")["ProviderMembershipId"] == "m-x"

    @pytest.mark.parametrize(
        ("held", "line"),
        [
            ({"ProviderMembershipId": "m-x"}, {"last_name": "Other"}),
            ({"MembershipNumber": "N-x"}, {}),
        ],
        ids=["provider id", "number and last name"],
    )
    async def test_a_membership_in_mews_is_taken_over(
        self, hotel: Hotel, held: dict[str, Any], line: dict[str, Any]
    ) -> None:
        hotel.load(guest("x"), membership("ms-x", "x", **held))
        hotel.members(member("x", email="", **line))
        await hotel.align()
        assert (hotel.id_of("x"), hotel.one("x")["ProviderMembershipId"]) == ("ms-x", "m-x")

    async def test_a_number_on_a_guest_of_another_name_waits_for_a_person(self, hotel: Hotel) -> None:
        hotel.load(guest("x"), membership("ms-x", "x", MembershipNumber="N-x"))
        hotel.members(member("x", email="", last_name="Other"))
        await hotel.align()
        assert hotel.calls.writes() == {}
        assert ("m-x", "number_other_name") in await hotel.cases()

    @pytest.mark.parametrize(
        "change",
        [{"HasOtaEmail": True}, {"HasOtaEmail": None}, {"FirstName": "Another"}],
        ids=["OTA", "perhaps OTA", "namesake"],
    )
    async def test_an_address_alone_is_not_enough(self, hotel: Hotel, change: dict[str, Any]) -> None:
        hotel.load(guest("x", **change))
        hotel.members(member("x"))
        await hotel.align()
        assert (hotel.held(), await hotel.cases()) == ({}, {})

    async def test_two_profiles_that_fit_wait_for_a_person(self, hotel: Hotel) -> None:
        twin = dict(guest("anna")[1], Id="g-twin")
        hotel.load(("Customers", twin))
        hotel.members(member("anna"), member("bea"))
        await hotel.align()
        assert set(hotel.held()) == {"bea"}
        assert set(await hotel.cases()) == {("m-anna", "two_candidates")}

    async def test_two_members_for_one_profile_wait_for_a_person(self, hotel: Hotel) -> None:
        hotel.members(member("anna"), member("anna", member_id="m-double", number="N-double"), member("bea"))
        await hotel.align()
        assert set(hotel.held()) == {"bea"}
        assert set(await hotel.cases()) == {
            ("m-anna", "claimed_by_two_members"),
            ("m-double", "claimed_by_two_members"),
        }

    async def test_a_case_is_closed_when_its_cause_is_gone(self, hotel: Hotel) -> None:
        twin = dict(guest("anna")[1], Id="g-twin")
        hotel.load(("Customers", twin))
        hotel.members(member("anna"))
        await hotel.align()
        hotel.later()
        hotel.edit("Customers", "g-twin", Email="other@guests.example")
        hotel.later()
        await hotel.align()
        assert (set(hotel.held()), await hotel.cases()) == ({"anna"}, {})

    async def test_a_guest_who_appears_later_is_found_then(self, hotel: Hotel) -> None:
        hotel.members(member("late"))
        await hotel.align()
        assert hotel.held() == {}
        hotel.later()
        now = hotel.state.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        hotel.load(guest("late", CreatedUtc=now, UpdatedUtc=now))
        hotel.later()
        await hotel.align()
        assert set(hotel.held()) == {"late"}


class TestPrimary:
    @pytest.mark.parametrize(
        ("policy", "expected"),
        [("if_only", (True, False)), ("always", (True, True)), ("never", (False, False))],
    )
    async def test_the_policy_decides_on_adding(self, hotel: Hotel, policy: str, expected: tuple[bool, bool]) -> None:
        hotel.load(membership("ms-bea", "bea", "p-MM", MembershipNumber="992000000000000"))
        hotel.settings(primary=policy)
        hotel.members(member("anna"), member("bea"))
        await hotel.align()
        assert (hotel.one("anna")["IsPrimary"], hotel.one("bea")["IsPrimary"]) == expected

    async def test_it_is_left_to_staff_afterwards(self, hotel: Hotel) -> None:
        hotel.members(member("anna"))
        await hotel.align()
        hotel.edit("LoyaltyMemberships", hotel.id_of("anna"), IsPrimary=False)
        hotel.later()
        await hotel.align()
        assert (hotel.calls.writes(), hotel.one("anna")["IsPrimary"]) == ({}, False)

    async def test_memberships_of_partner_programs_are_left_alone(self, hotel: Hotel) -> None:
        hotel.load(membership("ms-mm", "anna", "p-MM", MembershipNumber="992000000000000"))
        before = hotel.held("MM")
        hotel.members(member("anna"))
        await hotel.align()
        assert hotel.held("MM") == before
