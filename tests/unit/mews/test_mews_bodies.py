"""The exact bodies that the client sends, written by hand from the public Connector API reference."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
import respx

from connector.domain.loyalty import Guest, Membership, Program, Tier
from connector.errors import Lost, Skippable
from connector.mews.changes import (
    MembershipAdd,
    MembershipUpdate,
    ProgramAdd,
    ProgramUpdate,
    TierAdd,
    TierUpdate,
)
from connector.mews.client import Mews
from connector.mews.guests import Guests
from connector.mews.loyalty import Loyalty
from connector.mews.pages import everything
from connector.mews.properties import Properties
from connector.mews.stays import Stays
from connector.mews.times import Interval

PLATFORM = "https://api.mews-demo.com/api/connector/v1"
JANUARY = Interval(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
IN_JANUARY = {"StartUtc": "2026-01-01T00:00:00Z", "EndUtc": "2026-02-01T00:00:00Z"}
FULL_PAGE = {"Count": 1000}
PROGRAM = {
    "Id": "p1",
    "ChainId": "chain",
    "Name": "Alpenglow Club",
    "Code": "ALPEN",
    "Type": "Hotel",
    "Subscription": "Free",
}
TIER = {"Id": "t1", "LoyaltyProgramId": "p1", "Name": "Gold member", "Code": "GOLD", "Ordering": 2}
MEMBERSHIP = {
    "Id": "m1",
    "ChainId": "chain",
    "AccountId": "a1",
    "LoyaltyProgramId": "p1",
    "State": "Enrolled",
    "IsPrimary": True,
    "CreatorProfile": {"Discriminator": "Integration"},
    "UpdaterProfile": {"Discriminator": "Integration"},
}


class TestBodies:
    """Each operation sends exactly this, beside the three properties that every body carries."""

    @pytest.fixture
    def of_portfolio(self, open_mews: Callable[..., Mews]) -> Mews:
        return open_mews(chain_id="chain")

    @contextmanager
    def expecting(self, operation: str, body: dict[str, Any], answer: dict[str, Any]) -> Iterator[None]:
        with respx.mock() as network:
            route = network.post(f"{PLATFORM}/{operation}").respond(json=answer)
            yield
        sent = json.loads(route.calls.last.request.content)
        credentials = {"ClientToken", "AccessToken", "Client"}
        assert credentials <= sent.keys()
        assert {name: value for name, value in sent.items() if name not in credentials} == body

    async def test_programs_are_listed(self, mews: Mews) -> None:
        body = {"ActivityStates": ["Active"], "Limitation": FULL_PAGE}
        with self.expecting("loyaltyPrograms/getAll", body, {"LoyaltyPrograms": [PROGRAM]}):
            programs, _ = await Loyalty(mews).programs()
        assert programs == [Program("p1", "ALPEN", "Alpenglow Club", "Hotel", "Free")]

    async def test_a_portfolio_token_lists_the_programs_of_its_chain(self, of_portfolio: Mews) -> None:
        body = {"ChainIds": ["chain"], "ActivityStates": ["Active"], "Limitation": FULL_PAGE}
        with self.expecting("loyaltyPrograms/getAll", body, {"LoyaltyPrograms": []}):
            assert await Loyalty(of_portfolio).programs() == ([], [])

    async def test_tiers_are_listed_by_program(self, mews: Mews) -> None:
        body = {"LoyaltyProgramIds": ["p1"], "ActivityStates": ["Active"], "Limitation": FULL_PAGE}
        with self.expecting("loyaltyTiers/getAll", body, {"LoyaltyTiers": [TIER]}):
            assert await Loyalty(mews).tiers(["p1"]) == ([Tier("t1", "p1", "GOLD", "Gold member", 2)], [])

    async def test_memberships_are_walked_by_program_and_update_time(self, mews: Mews) -> None:
        body = {
            "LoyaltyProgramIds": ["p1", "p2"],
            "ActivityStates": ["Active"],
            "UpdatedUtc": IN_JANUARY,
            "Limitation": {"Count": 1000, "Cursor": "m0"},
        }
        with self.expecting("loyaltyMemberships/getAll", body, {"LoyaltyMemberships": [MEMBERSHIP]}):
            walk = Loyalty(mews).memberships(["p1", "p2"], updated=JANUARY, cursor="m0")
            pages = [page async for page in walk]
        assert [one.id for one in pages[0].records] == ["m1"]
        assert pages[0].last

    async def test_deleted_memberships_are_asked_for_and_marked(self, mews: Mews) -> None:
        body = {"LoyaltyProgramIds": ["p1"], "ActivityStates": ["Deleted"], "Limitation": FULL_PAGE}
        with self.expecting("loyaltyMemberships/getAll", body, {"LoyaltyMemberships": [MEMBERSHIP]}):
            memberships, _ = await everything(Loyalty(mews).deleted_memberships(["p1"]))
        assert [one.deleted for one in memberships] == [True]

    async def test_memberships_are_read_back_by_account(self, mews: Mews) -> None:
        body = {
            "AccountIds": ["a1", "a2"],
            "LoyaltyProgramIds": ["p1"],
            "ActivityStates": ["Active"],
            "Limitation": FULL_PAGE,
        }
        with self.expecting("loyaltyMemberships/getAll", body, {"LoyaltyMemberships": []}):
            assert await Loyalty(mews).memberships_of(["a1", "a2"], ["p1"]) == ([], [])

    async def test_a_program_is_added_and_updated(self, mews: Mews) -> None:
        item = {"Name": "Alpenglow Club", "Code": "ALPEN", "Type": "Hotel", "Subscription": "Free"}
        with self.expecting("loyaltyPrograms/add", {"LoyaltyPrograms": [item]}, {"LoyaltyPrograms": [PROGRAM]}):
            added = await Loyalty(mews).add_programs([ProgramAdd("ALPEN", "Alpenglow Club", "Hotel", "Free")])
        assert added[0].id == "p1"
        update = {"LoyaltyProgramId": "p1", "Name": {"Value": "Club"}, "Subscription": {"Value": "Paid"}}
        body, answer = {"LoyaltyProgramUpdates": [update]}, {"LoyaltyPrograms": [PROGRAM]}
        with self.expecting("loyaltyPrograms/update", body, answer):
            await Loyalty(mews).update_programs([ProgramUpdate("p1", name="Club", subscription="Paid")])

    async def test_a_tier_is_added_and_updated(self, mews: Mews) -> None:
        item = {"LoyaltyProgramId": "p1", "Name": "Gold member", "Code": "GOLD", "Ordering": 2}
        with self.expecting("loyaltyTiers/add", {"LoyaltyTiers": [item]}, {"LoyaltyTiers": [TIER]}):
            await Loyalty(mews).add_tiers([TierAdd("p1", "GOLD", "Gold member", 2)])
        update = {"LoyaltyTierId": "t1", "Code": {"Value": "AU"}, "Ordering": {"Value": 0}}
        with self.expecting("loyaltyTiers/update", {"LoyaltyTierUpdates": [update]}, {"LoyaltyTiers": [TIER]}):
            await Loyalty(mews).update_tiers([TierUpdate("t1", code="AU", ordering=0)])

    async def test_a_membership_is_added_with_what_is_known_of_it(self, mews: Mews) -> None:
        items = [
            {
                "AccountId": "a1",
                "LoyaltyProgramId": "p1",
                "IsPrimary": True,
                "State": "Enrolled",
                "MembershipNumber": "ALP-1",
                "Points": 0,
                "ExpirationDate": "2027-03-31T00:00:00Z",
                "LoyaltyTierId": "t1",
                "Url": "https://example.com/1",
            },
            {"AccountId": "a2", "LoyaltyProgramId": "p1", "IsPrimary": False, "State": "Pending"},
        ]
        body, answer = {"LoyaltyMemberships": items}, {"LoyaltyMemberships": [MEMBERSHIP]}
        full = MembershipAdd("a1", "p1", True, "Enrolled", "ALP-1", 0, date(2027, 3, 31), "t1", "https://example.com/1")
        with self.expecting("loyaltyMemberships/add", body, answer):
            added = await Loyalty(mews).add_memberships([full, MembershipAdd("a2", "p1", False, "Pending")])
        assert added == [Membership("m1", "a1", "p1", "Enrolled", True)]

    async def test_an_update_sets_clears_and_keeps(self, mews: Mews) -> None:
        update = {
            "LoyaltyMembershipId": "m1",
            "State": {"Value": "Canceled"},
            "IsPrimary": {"Value": False},
            "MembershipNumber": {"Value": "ALP-2"},
            "Points": {"Value": 12},
            "ExpirationDate": {"Value": "2027-03-31T00:00:00Z"},
            "LoyaltyTierId": {"Value": None},
            "ProviderMembershipId": {"Value": "prov-1"},
            "Url": {"Value": None},
        }
        fields = {
            "state": "Canceled",
            "is_primary": False,
            "number": "ALP-2",
            "points": 12,
            "expires_on": date(2027, 3, 31),
            "tier_id": None,
            "provider_id": "prov-1",
            "url": None,
        }
        body, answer = {"LoyaltyMembershipUpdates": [update]}, {"LoyaltyMemberships": [MEMBERSHIP]}
        with self.expecting("loyaltyMemberships/update", body, answer):
            await Loyalty(mews).update_memberships([MembershipUpdate("m1", fields)])

    async def test_memberships_are_deleted(self, mews: Mews) -> None:
        with self.expecting("loyaltyMemberships/delete", {"LoyaltyMembershipIds": ["m1", "m2"]}, {}):
            await Loyalty(mews).delete_memberships(["m1", "m2"])

    async def test_a_portfolio_token_names_the_chain_where_the_operation_takes_it(self, of_portfolio: Mews) -> None:
        loyalty = Loyalty(of_portfolio)
        deleted = {"LoyaltyMembershipIds": ["m1"], "ChainId": "chain"}
        with self.expecting("loyaltyMemberships/delete", deleted, {}):
            await loyalty.delete_memberships(["m1"])
        update = {"LoyaltyTierId": "t1", "Name": {"Value": "Au"}}
        with self.expecting("loyaltyTiers/update", {"LoyaltyTierUpdates": [update]}, {"LoyaltyTiers": [TIER]}):
            await loyalty.update_tiers([TierUpdate("t1", name="Au")])

    async def test_guests_are_walked_by_update_time(self, mews: Mews) -> None:
        body = {
            "UpdatedUtc": IN_JANUARY,
            "ActivityStates": ["Active", "Deleted"],
            "Extent": {"Customers": True, "Addresses": False},
            "Limitation": FULL_PAGE,
        }
        with self.expecting("customers/getAll", body, {"Customers": []}):
            assert await everything(Guests(mews).updated(JANUARY)) == ([], [])

    @pytest.mark.parametrize("by", ["DeletedUtc", "UpdatedUtc"])
    async def test_deleted_guests_are_walked_by_either_time(self, mews: Mews, by: Any) -> None:
        body = {
            by: IN_JANUARY,
            "ActivityStates": ["Deleted"],
            "Extent": {"Customers": True, "Addresses": False},
            "Limitation": FULL_PAGE,
        }
        with self.expecting("customers/getAll", body, {"Customers": []}):
            assert await everything(Guests(mews).deleted(JANUARY, by=by)) == ([], [])

    async def test_guests_are_read_by_id(self, of_portfolio: Mews) -> None:
        body = {
            "CustomerIds": ["a1"],
            "ChainIds": ["chain"],
            "ActivityStates": ["Active", "Deleted"],
            "Extent": {"Customers": True, "Addresses": False},
            "Limitation": FULL_PAGE,
        }
        guest = {"Id": "a1", "IsActive": True, "HasOtaEmail": False, "UpdatedUtc": "2026-01-31T10:00:00Z"}
        with self.expecting("customers/getAll", body, {"Customers": [guest]}):
            guests, _ = await Guests(of_portfolio).named(["a1"])
        assert guests == [Guest("a1", True, None, False, datetime(2026, 1, 31, 10, tzinfo=UTC))]

    async def test_reservations_and_order_items_are_walked_by_update_time(self, mews: Mews) -> None:
        body = {"UpdatedUtc": IN_JANUARY, "Limitation": FULL_PAGE}
        with self.expecting("reservations/getAll/2023-06-06", body, {"Reservations": []}):
            assert await everything(Stays(mews).reservations(JANUARY, {}.get)) == ([], [])
        with self.expecting("orderItems/getAll", {**body, "EnterpriseIds": ["e1"]}, {"OrderItems": []}):
            assert await everything(Stays(mews).order_items(JANUARY, property_ids=["e1"])) == ([], [])

    async def test_order_items_are_read_by_reservation(self, mews: Mews) -> None:
        body = {"ServiceOrderIds": ["r1", "r2"], "Limitation": FULL_PAGE}
        with self.expecting("orderItems/getAll", body, {"OrderItems": []}):
            assert await everything(Stays(mews).order_items_of(["r1", "r2"])) == ([], [])

    async def test_static_data_is_listed(self, mews: Mews) -> None:
        properties = Properties(mews)
        with self.expecting("enterprises/getAll", {"Limitation": FULL_PAGE}, {"Enterprises": []}):
            assert await properties.enterprises() == ([], [])
        with self.expecting("services/getAll", {"Limitation": FULL_PAGE}, {"Services": []}):
            assert await properties.services() == ([], [])
        with self.expecting("exchangeRates/getAll", {}, {"ExchangeRates": []}):
            assert await properties.exchange_rates() == ([], [])


class TestAnswers:
    """What a write or a single read answers is needed; what is missing there is never taken for nothing."""

    @pytest.mark.parametrize("answer", [{}, {"LoyaltyMemberships": None}])
    async def test_a_write_whose_results_are_missing_is_lost(
        self, mews: Mews, network: respx.MockRouter, answer: dict[str, Any]
    ) -> None:
        network.post("/loyaltyMemberships/add").respond(json=answer)
        with pytest.raises(Lost, match="has no list LoyaltyMemberships, which was expected"):
            await Loyalty(mews).add_memberships([MembershipAdd("a1", "p1", False, "Enrolled")])

    async def test_a_result_that_cannot_be_read_is_missing_among_the_others(
        self, mews: Mews, network: respx.MockRouter
    ) -> None:
        strange = {**MEMBERSHIP, "Id": "m2", "AccountId": "a2", "State": "Frozen"}
        network.post("/loyaltyMemberships/add").respond(json={"LoyaltyMemberships": [MEMBERSHIP, strange]})
        added = await Loyalty(mews).add_memberships([])
        assert [one.account_id for one in added] == ["a1"]

    async def test_a_walk_sets_bad_records_aside_with_their_account(
        self, mews: Mews, network: respx.MockRouter
    ) -> None:
        strange = {**MEMBERSHIP, "Id": "m2", "AccountId": "a2", "State": "Frozen"}
        network.post("/loyaltyMemberships/getAll").respond(json={"LoyaltyMemberships": [strange, MEMBERSHIP]})
        memberships, (bad,) = await everything(Loyalty(mews).memberships(["p1"]))
        assert [one.id for one in memberships] == ["m1"]
        assert (bad.kind, bad.id, bad.parent_id) == ("loyalty membership", "m2", "a2")

    async def test_rates_that_are_missing_are_lost(self, mews: Mews, network: respx.MockRouter) -> None:
        network.post("/exchangeRates/getAll").respond(json={})
        with pytest.raises(Lost, match="has no list ExchangeRates"):
            await Properties(mews).exchange_rates()

    async def test_a_property_without_a_needed_fact_says_where_and_which(
        self, mews: Mews, network: respx.MockRouter
    ) -> None:
        network.post("/configuration/get").respond(json={"NowUtc": "2026-01-31T10:00:00Z"})
        with pytest.raises(Skippable) as caught:
            await Properties(mews).configuration()
        assert str(caught.value) == (
            "Mews configuration/get for [mews.properties.wien]: Enterprise is missing, an object was expected"
        )
