from __future__ import annotations

import json
from typing import Any

import pytest

from connector.sandbox.mews import contract
from connector.sandbox.mews.kinds import READINGS

MARCH = {"StartUtc": "2026-03-01T00:00:00Z", "EndUtc": "2026-04-01T00:00:00Z"}
CUSTOMERS = {"Extent": {"Customers": True, "Addresses": False}}


async def test_pages_run_from_newest_to_oldest_and_the_cursor_is_the_oldest_id(desk: Any) -> None:
    first = await desk.ask("orderItems/getAll", Limitation={"Count": 2})
    assert [item["Id"] for item in first["OrderItems"]] == ["item-w5", "item-w4"]
    assert first["Cursor"] == "item-w4"
    second = await desk.ask("orderItems/getAll", Limitation={"Count": 3, "Cursor": "item-w4"})
    assert [item["Id"] for item in second["OrderItems"]] == ["item-w3", "item-w2", "item-w1"]
    assert second["Cursor"] is None


async def test_an_edit_does_not_change_the_place_of_a_record(desk: Any) -> None:
    await desk.control("edit", kind="OrderItems", id="item-w1", changes={"Notes": "moved"})
    assert (await desk.ids("orderItems/getAll"))[-1] == "item-w1"


async def test_an_unknown_cursor_is_refused(desk: Any) -> None:
    status, message = await desk.refusal("orderItems/getAll", Limitation={"Count": 2, "Cursor": "nobody"})
    assert (status, "nobody" in message) == (400, True)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-03-02T00:00:00Z", "2026-03-04T00:00:00Z", ["item-w3", "item-w2"]),
        ("2026-03-04T00:00:00Z", "2026-03-04T00:00:00Z", ["item-w4"]),
        ("2026-03-04T00:00:01Z", "2026-03-04T00:00:01Z", []),
        ("2026-03-03T23:59:59.500Z", "2026-03-04T00:00:00.500Z", ["item-w4"]),
    ],
)
async def test_intervals_are_half_open_and_an_empty_one_means_equality(
    desk: Any, start: str, end: str, expected: list[str]
) -> None:
    assert await desk.ids("orderItems/getAll", UpdatedUtc={"StartUtc": start, "EndUtc": end}) == expected


async def test_filters_must_all_hold(desk: Any) -> None:
    window = {"StartUtc": "2026-03-02T00:00:00Z", "EndUtc": "2026-04-01T00:00:00Z"}
    found = await desk.ids("orderItems/getAll", UpdatedUtc=window, OrderItemIds=["item-w1", "item-w2"])
    assert found == ["item-w2"]


async def test_an_empty_list_keeps_nothing(desk: Any) -> None:
    assert await desk.ids("orderItems/getAll", ServiceOrderIds=[]) == []


async def test_every_filter_of_the_contract_is_served(desk: Any) -> None:
    other = {"ClientToken", "AccessToken", "Client", "Limitation", "Extent", "ActivityStates", "Currency"}
    for operation, reading in READINGS.items():
        schema = contract.document()["schemas"][f"{operation} request"]
        known = set(schema["properties"]) - set(schema.get("x-deprecated", ())) - other
        assert known - {"CollidingUtc"} == set(reading.filters), operation


async def test_colliding_reservations_overlap_the_interval(desk: Any) -> None:
    night = {"StartUtc": "2026-03-03T00:00:00Z", "EndUtc": "2026-03-03T06:00:00Z"}
    after = {"StartUtc": "2026-03-04T10:00:00Z", "EndUtc": "2026-03-05T00:00:00Z"}
    assert await desk.ids("reservations/getAll/2023-06-06", CollidingUtc=night) == ["stay-w"]
    assert await desk.ids("reservations/getAll/2023-06-06", CollidingUtc=after) == []


async def test_a_token_sees_its_own_property_and_the_whole_chain(desk: Any) -> None:
    montreal = desk.with_token("sandbox-access-montreal")
    assert await montreal.ids("orderItems/getAll") == ["item-m1"]
    assert await montreal.ids("reservations/getAll/2023-06-06") == ["stay-m"]
    assert await montreal.ids("loyaltyMemberships/getAll") == ["m1"]


async def test_a_portfolio_token_sees_every_property(desk: Any) -> None:
    portfolio = desk.with_token("sandbox-access-portfolio")
    assert set(await portfolio.ids("reservations/getAll/2023-06-06")) == {"stay-w", "stay-m"}
    assert await portfolio.ids("reservations/getAll/2023-06-06", EnterpriseIds=["hotel-m"]) == ["stay-m"]


async def test_guests_are_not_listed_without_a_filter(desk: Any) -> None:
    status, message = await desk.refusal("customers/getAll", Limitation={"Count": 10}, **CUSTOMERS)
    assert (status, "filter" in message) == (400, True)


async def test_deleted_guests_show_only_under_activity_states(desk: Any) -> None:
    ask = {"UpdatedUtc": MARCH, **CUSTOMERS}
    assert set(await desk.ids("customers/getAll", **ask)) == {"g1", "g2", "g3"}
    assert await desk.ids("customers/getAll", ActivityStates=["Deleted"], **ask) == ["gone"]
    assert "gone" in await desk.ids("customers/getAll", ActivityStates=["Active", "Deleted"], **ask)
    assert await desk.ids("customers/getAll", CustomerIds=["gone"], **CUSTOMERS) == []


async def test_memberships_are_found_by_times_that_their_answers_do_not_show(desk: Any) -> None:
    found = await desk.ask("loyaltyMemberships/getAll", Limitation={"Count": 9}, UpdatedUtc=MARCH)
    assert [record["Id"] for record in found["LoyaltyMemberships"]] == ["m1"]
    assert not {key for key in found["LoyaltyMemberships"][0] if key.endswith("Utc") or key.startswith("_")}
    april = {"StartUtc": "2026-04-01T00:00:00Z", "EndUtc": "2026-05-01T00:00:00Z"}
    assert await desk.ids("loyaltyMemberships/getAll", UpdatedUtc=april) == []


async def test_configuration_shows_currency_and_the_servers_time(desk: Any) -> None:
    await desk.control("clock", offset_seconds=3600 * 24 * 365 * 10)
    answer = await desk.ask("configuration/get")
    assert answer["Enterprise"]["Id"] == "hotel-w"
    assert answer["Enterprise"]["Currencies"] == [{"Currency": "EUR", "IsDefault": True, "IsEnabled": True}]
    assert answer["NowUtc"] > "2035"
    assert "_Table" not in answer["Enterprise"]


async def test_a_portfolio_token_names_the_enterprise_of_its_configuration(desk: Any) -> None:
    portfolio = desk.with_token("sandbox-access-portfolio")
    assert (await portfolio.refusal("configuration/get"))[0] == 400
    assert (await portfolio.ask("configuration/get", EnterpriseId="hotel-m"))["Enterprise"]["Id"] == "hotel-m"


async def test_amounts_are_converted_when_a_currency_is_asked_for(desk: Any) -> None:
    found = await desk.ask("orderItems/getAll", Limitation={"Count": 1}, Currency="CAD")
    assert found["OrderItems"][0]["Amount"] == {
        "Currency": "CAD",
        "NetValue": 150.0,
        "GrossValue": 165.0,
        "TaxValues": [{"Value": 15.0}],
    }
    assert (await desk.refusal("orderItems/getAll", Limitation={"Count": 1}, Currency="JPY"))[0] == 400


async def test_companions_bring_their_profiles_when_the_extent_asks(desk: Any) -> None:
    companion = {"Id": "c1", "CustomerId": "g3", "ReservationId": "stay-w", "ReservationGroupId": "group"}
    await desk.control("add", kind="Companionships", record=companion)
    found = await desk.ask(
        "companionships/getAll",
        Limitation={"Count": 9},
        ReservationIds=["stay-w"],
        Extent={"Customers": True},
    )
    assert found["Companionships"] == [companion]
    assert [record["Id"] for record in found["Customers"]] == ["g3"]


async def test_a_wide_window_is_walked_to_the_same_answer(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    by_index = await desk.ids("orderItems/getAll", UpdatedUtc=MARCH)
    monkeypatch.setattr("connector.sandbox.mews.state._FEW", 0)
    assert await desk.ids("orderItems/getAll", UpdatedUtc=MARCH) == by_index
    assert len(by_index) == 5


async def test_records_outlive_the_process(desk: Any, open_desk: Any) -> None:
    await desk.control("edit", kind="Customers", id="g1", changes={"LastName": "Changed"})
    again = open_desk()
    found = await again.ask("customers/getAll", Limitation={"Count": 1}, CustomerIds=["g1"], **CUSTOMERS)
    assert found["Customers"][0]["LastName"] == "Changed"


async def test_all_records_are_listed_for_tests_with_what_the_api_hides(desk: Any) -> None:
    lines = (await desk.client.get("/_sandbox/records?kind=Customers")).text.splitlines()
    deleted = {record["Id"]: record["_Deleted"] for record in map(json.loads, lines)}
    assert deleted == {"g1": False, "g2": False, "g3": False, "gone": True}
