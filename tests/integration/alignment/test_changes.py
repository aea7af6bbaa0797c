"""What later passes write: changed fields only, staff's edits of what the scheme owns, members who go and come."""

from __future__ import annotations

from typing import Any

import pytest

from connector.errors import Unfinished
from tests.integration.alignment.hotel import ADD, DELETE, UPDATE, Hotel, member, membership, program


async def aligned(hotel: Hotel, *lines: dict[str, Any]) -> None:
    hotel.members(*lines)
    await hotel.align()
    hotel.later()


class TestFields:
    async def test_only_changed_fields_are_sent(self, hotel: Hotel) -> None:
        await aligned(hotel, member("anna"), member("bea"))
        hotel.members(member("anna", tier="GOLD", points=20), member("bea"))
        await hotel.align()
        assert hotel.calls.writes() == {UPDATE: 1}
        (body,) = hotel.calls.bodies(UPDATE)
        assert body == {
            "LoyaltyMembershipUpdates": [
                {
                    "LoyaltyMembershipId": hotel.id_of("anna"),
                    "LoyaltyTierId": {"Value": "t-GOLD"},
                    "Points": {"Value": 20},
                }
            ]
        }

    async def test_the_add_and_its_second_write_say_no_more_than_they_must(self, hotel: Hotel) -> None:
        await aligned(hotel, member("anna", points="", expires_on=""))
        assert hotel.calls.bodies(ADD) == [
            {
                "LoyaltyMemberships": [
                    {
                        "AccountId": "g-anna",
                        "LoyaltyProgramId": "p-ALPEN",
                        "IsPrimary": True,
                        "State": "Enrolled",
                        "MembershipNumber": "N-anna",
                        "LoyaltyTierId": "t-SILVER",
                    }
                ]
            }
        ]
        provider = {"ProviderMembershipId": {"Value": "m-anna"}}
        update = {"LoyaltyMembershipId": hotel.id_of("anna"), **provider}
        assert hotel.calls.bodies(UPDATE) == [{"LoyaltyMembershipUpdates": [update]}]

    async def test_what_staff_changed_of_the_schemes_fields_is_restored(self, hotel: Hotel) -> None:
        await aligned(hotel, member("anna"))
        before = hotel.one("anna")
        edits = {"LoyaltyTierId": "t-GOLD", "MembershipNumber": "typo", "Points": 999, "ExpirationDate": None}
        hotel.edit("LoyaltyMemberships", hotel.id_of("anna"), **edits)
        hotel.later()
        await hotel.align()
        assert hotel.one("anna") == before

    async def test_a_column_that_is_absent_is_not_owned(self, hotel: Hotel) -> None:
        await aligned(hotel, member("anna"))
        hotel.edit("LoyaltyMemberships", hotel.id_of("anna"), Points=999, LoyaltyTierId="t-GOLD")
        hotel.members(member("anna"), columns=["member_id", "number", "email", "first_name", "last_name"])
        hotel.later()
        await hotel.align()
        assert hotel.calls.writes() == {}
        assert (hotel.one("anna")["Points"], hotel.one("anna")["Tier"]) == (999, "GOLD")

    async def test_an_empty_cell_clears(self, hotel: Hotel) -> None:
        await aligned(hotel, member("anna"))
        await aligned(hotel, member("anna", tier="", points="", expires_on="", number=""))
        found = hotel.one("anna")
        cleared = ("Tier", "Points", "ExpirationDate", "MembershipNumber")
        assert [found[name] for name in cleared] == [None, None, "", None]

    async def test_a_renamed_tier_and_program_are_written_once(self, hotel: Hotel) -> None:
        hotel.edit("LoyaltyTiers", "t-GOLD", Name="Golden", Ordering=7)
        hotel.edit("LoyaltyPrograms", "p-ALPEN", Name="Alps")
        hotel.members(member("anna"))
        plan = (await hotel.preview()).plan
        assert plan.counts == {"update_program": 1, "update_tier": 1, "add_membership": 1}
        await hotel.align()
        assert hotel.calls.bodies("loyaltyTiers/update") == [
            {
                "LoyaltyTierUpdates": [
                    {"LoyaltyTierId": "t-GOLD", "Name": {"Value": "Gold member"}, "Ordering": {"Value": 2}}
                ]
            }
        ]
        assert (await hotel.preview()).plan.is_empty

    async def test_a_program_code_that_stands_twice_stops_the_memberships(self, hotel: Hotel) -> None:
        kind, double = program()
        hotel.load((kind, double | {"Id": "p-double"}))
        hotel.members(member("anna"))
        with pytest.raises(Unfinished, match="2 readable programs with the code ALPEN"):
            await hotel.align()
        assert (hotel.calls.writes(), set(await hotel.cases())) == ({}, {("ALPEN", "duplicate_code")})


class TestMembersWhoGo:
    @pytest.mark.parametrize(
        ("policy", "states", "writes"),
        [
            ("cancel", ["Canceled"], {UPDATE: 1}),
            ("delete", [], {DELETE: 1}),
            ("keep", ["Enrolled"], {}),
        ],
    )
    async def test_the_policy_decides(
        self, hotel: Hotel, policy: str, states: list[str], writes: dict[str, int]
    ) -> None:
        hotel.settings(gone=policy)
        await aligned(hotel, member("anna"), member("bea"))
        hotel.members(member("bea"))
        await hotel.align()
        assert hotel.calls.writes() == writes
        assert [one["State"] for one in hotel.held().get("anna", [])] == states
        assert (await hotel.preview()).plan.is_empty

    @pytest.mark.parametrize("policy", ["cancel", "delete"])
    @pytest.mark.parametrize(
        "owned", [("state", "Enrolled"), ("tier", "SILVER")], ids=["owned state", "state not owned"]
    )
    async def test_one_who_comes_back_is_enrolled_again(
        self, hotel: Hotel, policy: str, owned: tuple[str, str]
    ) -> None:
        hotel.settings(gone=policy)
        anna, bea = (member(name) | dict([owned]) for name in ("anna", "bea"))
        await aligned(hotel, anna, bea)
        await aligned(hotel, bea)
        await aligned(hotel, anna, bea)
        assert (hotel.one("anna")["State"], hotel.one("anna")["ProviderMembershipId"]) == ("Enrolled", "m-anna")
        assert (await hotel.preview()).plan.is_empty

    async def test_one_cancelled_before_a_crash_is_enrolled_again(self, hotel: Hotel) -> None:
        """The answer of the cancellation never came, and the process died: Mews's listing alone tells of it."""
        await aligned(hotel, member("anna"), member("bea"))
        hotel.members(member("bea"))
        hotel.fault(UPDATE, "lose", times=None)
        assert (await hotel.align()).lost
        hotel.faults.clear()
        await hotel.start()
        hotel.later()
        await hotel.align()
        await aligned(hotel, member("anna"), member("bea"))
        assert hotel.one("anna")["State"] == "Enrolled"

    async def test_a_file_of_changes_removes_nobody(self, hotel: Hotel) -> None:
        hotel.settings(mode="changes", gone="delete", unknown="cancel")
        await aligned(hotel, member("anna"), member("bea"))
        await aligned(hotel, member("bea", tier="GOLD"))
        assert (hotel.one("anna")["State"], hotel.one("bea")["Tier"]) == ("Enrolled", "GOLD")

    @pytest.mark.parametrize(("policy", "state"), [("keep", "Enrolled"), ("cancel", "Canceled"), ("delete", None)])
    async def test_a_membership_that_the_scheme_never_knew(self, hotel: Hotel, policy: str, state: str | None) -> None:
        hotel.load(membership("ms-carl", "carl", MembershipNumber="unheard"))
        hotel.settings(unknown=policy)
        await aligned(hotel, member("anna"))
        assert [one["State"] for one in hotel.held().get("carl", [])] == ([state] if state else [])
