"""The simulator against requests and answers written by hand from the public reference (state 2026-08-07)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.sandbox.mews.app import create_app

CHAIN = "1c1e3bd4-8a1e-4a5e-8a5b-0d5a4f8f0001"
HOTEL = "1c1e3bd4-8a1e-4a5e-8a5b-0d5a4f8f0002"
GUEST = "1c1e3bd4-8a1e-4a5e-8a5b-0d5a4f8f0003"
PROGRAM = "1c1e3bd4-8a1e-4a5e-8a5b-0d5a4f8f0004"

TOKENS = {
    "ClientToken": "sandbox-client",
    "AccessToken": "sandbox-access-wien",
    "Client": "Mews Loyalty Connector 1.0.0",
}
ONE_DAY = {"StartUtc": "2026-07-01T00:00:00Z", "EndUtc": "2026-07-02T00:00:00Z"}
THREE_MONTHS = {"StartUtc": "2026-04-30T00:00:00Z", "EndUtc": "2026-07-30T00:00:00Z"}
TOO_LONG = {"StartUtc": "2026-04-30T00:00:00Z", "EndUtc": "2026-07-30T00:00:01Z"}
PAGE = {"Count": 1000}
EXTENT = {"Customers": True, "Addresses": False}
MEMBERSHIP = {"AccountId": GUEST, "LoyaltyProgramId": PROGRAM, "IsPrimary": True}

RECORDS: list[tuple[str, dict[str, Any]]] = [
    (
        "Enterprises",
        {
            "Id": HOTEL,
            "ChainId": CHAIN,
            "Name": "Hotel",
            "TimeZoneIdentifier": "Europe/Vienna",
            "CreatedUtc": "2026-01-01T00:00:00Z",
            "UpdatedUtc": "2026-01-01T00:00:00Z",
            "_Table": "wien",
            "_Currency": "EUR",
        },
    ),
    (
        "Customers",
        {
            "Id": GUEST,
            "ChainId": CHAIN,
            "LastName": "Moser",
            "IsActive": True,
            "CreatedUtc": "2026-07-01T10:00:00Z",
            "UpdatedUtc": "2026-07-01T10:00:00Z",
        },
    ),
    (
        "LoyaltyPrograms",
        {
            "Id": PROGRAM,
            "ChainId": CHAIN,
            "Name": "Club",
            "Code": "CLUB",
            "Type": "Hotel",
            "Subscription": "Free",
        },
    ),
]


@pytest.fixture
async def mews(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(tmp_path / "mews.db")
    app.state.simulator.state.load(RECORDS)
    address = "http://127.0.0.1/api/connector/v1/"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=address) as client:
        yield client
    app.state.simulator.state.close()


ACCEPTED: list[tuple[str, dict[str, Any]]] = [
    ("configuration/get", {}),
    ("configuration/get", {"LanguageCode": "en-GB", "CultureCode": "en-GB"}),
    ("enterprises/getAll", {"Limitation": PAGE}),
    ("services/getAll", {"Limitation": {"Count": 1, "Cursor": None}, "ServiceType": "Bookable"}),
    ("rates/getAll", {"ServiceIds": [HOTEL], "Limitation": PAGE}),
    (
        "sourceAssignments/getAll/2024-09-20",
        {"UpdatedUtc": TOO_LONG, "Limitation": PAGE},
    ),  # no longest interval
    ("exchangeRates/getAll", {}),
    ("customers/getAll", {"UpdatedUtc": ONE_DAY, "Extent": EXTENT, "Limitation": PAGE}),
    ("customers/getAll", {"CustomerIds": [GUEST] * 1000, "Extent": EXTENT, "Limitation": PAGE}),
    (
        "reservations/getAll/2023-06-06",
        {"UpdatedUtc": THREE_MONTHS, "States": ["Processed"], "Limitation": PAGE},
    ),
    ("orderItems/getAll", {"ServiceOrderIds": [HOTEL], "Limitation": PAGE}),
    ("companionships/getAll", {"Extent": {"Customers": False}, "Limitation": PAGE}),
    ("loyaltyTiers/getAll", {"LoyaltyProgramIds": [PROGRAM], "Limitation": PAGE}),
    ("loyaltyMemberships/getAll", {"ActivityStates": ["Deleted"], "Limitation": PAGE}),
    ("loyaltyMemberships/add", {"LoyaltyMemberships": [MEMBERSHIP]}),
    ("loyaltyMemberships/add", {"LoyaltyMemberships": [{**MEMBERSHIP, "State": "New", "Points": None}]}),
    ("loyaltyMemberships/update", {"LoyaltyMembershipUpdates": []}),
    (
        "loyaltyPrograms/update",
        {"LoyaltyProgramUpdates": [{"LoyaltyProgramId": PROGRAM, "Name": {"Value": "N"}}]},
    ),
]


@pytest.mark.parametrize(("operation", "body"), ACCEPTED)
async def test_accepted(mews: httpx.AsyncClient, operation: str, body: dict[str, Any]) -> None:
    answer = await mews.post(operation, json={**TOKENS, **body})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Request-Id"]


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("configuration/get", {"Clinet": "x"}, "Clinet"),
    ("configuration/get", {"LanguageCode": "en-GB"}, "CultureCode"),
    ("enterprises/getAll", {}, "Limitation"),
    ("enterprises/getAll", {"Limitation": {}}, "Limitation.Count"),
    ("enterprises/getAll", {"Limitation": {"Count": 0}}, "Limitation.Count"),
    ("enterprises/getAll", {"Limitation": {"Count": 1001}}, "Limitation.Count"),
    ("enterprises/getAll", {"Limitation": {"Count": "10"}}, "Limitation.Count"),
    ("enterprises/getAll", {"Limitation": {"Count": True}}, "Limitation.Count"),
    ("rates/getAll", {"Limitation": PAGE}, "ServiceIds"),
    ("bills/getAll", {"Limitation": PAGE, "ClosedUtc": ONE_DAY}, "ClosedUtc"),
    ("customers/getAll", {"UpdatedUtc": ONE_DAY, "Limitation": PAGE}, "Extent"),
    ("customers/getAll", {"Extent": EXTENT, "Limitation": PAGE}, "filter"),
    (
        "customers/getAll",
        {"Extent": {"Documents": True}, "Emails": ["a"], "Limitation": PAGE},
        "Extent.Documents",
    ),
    (
        "customers/getAll",
        {"CustomerIds": [GUEST] * 1001, "Extent": EXTENT, "Limitation": PAGE},
        "CustomerIds",
    ),
    ("customers/getAll", {"CompanyIds": ["a", "b"], "Extent": EXTENT, "Limitation": PAGE}, "CompanyIds"),
    ("reservations/getAll/2023-06-06", {"UpdatedUtc": TOO_LONG, "Limitation": PAGE}, "3 months"),
    ("reservations/getAll/2023-06-06", {"States": ["Checked out"], "Limitation": PAGE}, "States[0]"),
    (
        "orderItems/getAll",
        {"UpdatedUtc": {"StartUtc": "2026-07-01"}, "Limitation": PAGE},
        "UpdatedUtc.EndUtc",
    ),
    (
        "orderItems/getAll",
        {
            "UpdatedUtc": {"StartUtc": "2026-07-01T00:00:00+02:00", "EndUtc": ONE_DAY["EndUtc"]},
            "Limitation": PAGE,
        },
        "UpdatedUtc.StartUtc",
    ),
    (
        "orderItems/getAll",
        {"UpdatedUtc": {"StartUtc": ONE_DAY["EndUtc"], "EndUtc": ONE_DAY["StartUtc"]}, "Limitation": PAGE},
        "ends before",
    ),
    ("companionships/getAll", {"Limitation": PAGE}, "Extent"),
    ("loyaltyTiers/getAll", {"Limitation": PAGE}, "LoyaltyProgramIds"),
    ("loyaltyMemberships/getAll", {"Codes": ["x"], "Limitation": PAGE}, "Codes"),
    ("loyaltyMemberships/add", {"LoyaltyMemberships": [{**MEMBERSHIP, "IsPrimary": None}]}, "[0].IsPrimary"),
    ("loyaltyMemberships/add", {"LoyaltyMemberships": [{**MEMBERSHIP, "State": "Active"}]}, "[0].State"),
    ("loyaltyMemberships/add", {"LoyaltyMemberships": [{**MEMBERSHIP, "Points": 1.5}]}, "[0].Points"),
    ("loyaltyMemberships/add", {"LoyaltyMemberships": [{**MEMBERSHIP, "Code": "x"}]}, "[0].Code"),
    (
        "loyaltyMemberships/add",
        {"LoyaltyMemberships": [{**MEMBERSHIP, "ProviderMembershipId": "x"}]},
        "[0].ProviderMembershipId",
    ),
    (
        "loyaltyPrograms/add",
        {"LoyaltyPrograms": [{"Name": "n" * 101, "Code": "C", "Type": "Hotel", "Subscription": "Free"}]},
        "[0].Name",
    ),
    (
        "loyaltyTiers/add",
        {"LoyaltyTiers": [{"LoyaltyProgramId": PROGRAM, "Name": "n", "Code": "c" * 51, "Ordering": 1}]},
        "[0].Code",
    ),
    (
        "loyaltyPrograms/update",
        {"LoyaltyProgramUpdates": [{"LoyaltyProgramId": PROGRAM, "Code": {"Value": "X"}}]},
        "[0].Code",
    ),
]


@pytest.mark.parametrize(("operation", "body", "named"), REFUSED)
async def test_refused(mews: httpx.AsyncClient, operation: str, body: dict[str, Any], named: str) -> None:
    answer = await mews.post(operation, json={**TOKENS, **body})
    assert answer.status_code == 400
    assert set(answer.json()) == {"Message", "RequestId"}
    assert named in answer.json()["Message"]


async def test_the_published_shape_of_a_membership(mews: httpx.AsyncClient) -> None:
    given = {**MEMBERSHIP, "MembershipNumber": "A-1", "Points": 5, "ExpirationDate": "2027-12-31"}
    added = await mews.post("loyaltyMemberships/add", json={**TOKENS, "LoyaltyMemberships": [given]})
    listed = await mews.post("loyaltyMemberships/getAll", json={**TOKENS, "Limitation": PAGE})
    (membership,) = listed.json()["LoyaltyMemberships"]
    assert added.json()["LoyaltyMemberships"] == [membership]
    author = {"Discriminator": "Integration"}
    signed = {"CreatorProfile": author, "UpdaterProfile": author}
    assert membership == {**given, **signed, "Id": membership["Id"], "ChainId": CHAIN, "State": "Enrolled"}


async def test_the_published_shape_of_a_page(mews: httpx.AsyncClient) -> None:
    body = {**TOKENS, "CustomerIds": [GUEST], "Extent": EXTENT, "Limitation": PAGE}
    answer = await mews.post("customers/getAll", json=body)
    assert answer.json() == {"Customers": [RECORDS[1][1]], "Cursor": None}


async def test_the_published_shape_of_the_configuration(mews: httpx.AsyncClient) -> None:
    answer = (await mews.post("configuration/get", json=TOKENS)).json()
    assert {"NowUtc", "Enterprise"} <= set(answer)
    assert {"Id": HOTEL, "ChainId": CHAIN, "TimeZoneIdentifier": "Europe/Vienna"}.items() <= answer[
        "Enterprise"
    ].items()
    assert len(answer["NowUtc"]) == len("2026-07-01T00:00:00Z")


async def test_a_delete_answers_with_an_empty_object(mews: httpx.AsyncClient) -> None:
    answer = await mews.post("loyaltyPrograms/delete", json={**TOKENS, "LoyaltyProgramIds": [PROGRAM]})
    assert (answer.status_code, answer.json()) == (200, {})
