from __future__ import annotations

from typing import Any

import pytest

from connector.sandbox.mews.app import operation_of
from connector.sandbox.mews.limit import Limit, SlidingWindow

ROOT = "/api/connector/v1/"


@pytest.mark.parametrize(
    "path", ["loyaltyprograms/getAll", "reservations/getAll", "loyaltyPrograms/getAll/", "payments/getAll"]
)
async def test_other_addresses_are_not_found(desk: Any, path: str) -> None:
    assert (await desk.refusal(path))[0] == 404


async def test_only_post_is_served(desk: Any) -> None:
    answer = await desk.client.get(ROOT + "configuration/get")
    assert (answer.status_code, "Request-Id" in answer.headers) == (405, True)


async def test_every_answer_carries_a_request_id_and_the_date(desk: Any) -> None:
    for operation in ("configuration/get", "services/getAll", "nothing/getAll"):
        answer = await desk.post(operation)
        assert answer.headers["Date"].endswith("GMT")
        assert answer.json().get("RequestId", answer.headers["Request-Id"]) == answer.headers["Request-Id"]


@pytest.mark.parametrize("content", [b"{", b"[]", b'"text"', b"\xff"])
async def test_a_body_that_is_no_json_object_is_refused(desk: Any, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await desk.client.post(ROOT + "configuration/get", content=content, headers=headers)
    assert answer.status_code == 400


async def test_another_content_type_is_refused(desk: Any) -> None:
    answer = await desk.client.post(ROOT + "configuration/get", content=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 400


@pytest.mark.parametrize("wrong", [{"ClientToken": "x"}, {"AccessToken": "x"}, {"AccessToken": None}])
async def test_a_wrong_token_is_unauthorized(desk: Any, wrong: dict[str, Any]) -> None:
    assert (await desk.refusal("configuration/get", **wrong))[0] == 401


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("loyaltyPrograms/delete", {"LoyaltyProgramIds": ["alpen"]}),
        ("loyaltyTiers/update", {"LoyaltyTierUpdates": []}),
        ("loyaltyTiers/delete", {"LoyaltyTierIds": []}),
        ("bills/getAll", {"Limitation": {"Count": 1}}),
    ],
)
async def test_portfolio_tokens_do_not_open_everything(desk: Any, operation: str, body: dict[str, Any]) -> None:
    assert (await desk.with_token("sandbox-access-portfolio").refusal(operation, **body))[0] == 401
    assert (await desk.post(operation, **body)).status_code == 200


async def test_a_portfolio_token_names_the_chain_when_it_writes(desk: Any) -> None:
    portfolio = desk.with_token("sandbox-access-portfolio")
    assert (await portfolio.refusal("loyaltyMemberships/delete", LoyaltyMembershipIds=["m1"]))[0] == 400
    wrong = {"LoyaltyMembershipIds": ["m1"], "ChainId": "other"}
    assert (await portfolio.refusal("loyaltyMemberships/delete", **wrong))[0] == 400
    await portfolio.ask("loyaltyMemberships/delete", LoyaltyMembershipIds=["m1"], ChainId="chain-1")


async def test_too_many_requests_of_one_token_are_told_when_to_come_back(open_desk: Any) -> None:
    desk = open_desk(Limit(2, 30))
    desk.state.load([("Enterprises", {"Id": "h", "ChainId": "c", "_Table": "wien"})])
    assert [(await desk.post("configuration/get")).status_code for _ in range(3)] == [200, 200, 429]
    answer = await desk.post("configuration/get")
    assert 29 <= int(answer.headers["Retry-After"]) <= 30
    stats = (await desk.client.get("/_sandbox/stats")).json()["configuration/get"]
    assert stats == {"calls": 4, "ok": 2, "refused": 0, "rate_limited": 2, "records": 2}


async def test_arrivals_are_told_with_their_moments(open_desk: Any) -> None:
    desk = open_desk(Limit(1, 30))
    desk.state.load([("Enterprises", {"Id": "h", "ChainId": "c", "_Table": "wien"})])
    for each in (desk, desk.with_token("wrong"), desk):
        await each.post("configuration/get")
    first, second = (await desk.client.get("/_sandbox/arrivals")).json()
    assert 0 <= second.pop("at") - first.pop("at") < 30
    same = {"token": "sandbox-access-wien", "operation": "configuration/get"}
    assert [first, second] == [same | {"admitted": True}, same | {"admitted": False}]


def test_the_window_slides() -> None:
    now = 0.0
    window = SlidingWindow(Limit(2, 30), clock=lambda: now)
    waits = []
    for now in (0.0, 20.0, 25.0, 29.5, 30.0, 31.0):  # noqa: B007 - the clock reads it
        waits.append(window.admit("token"))
    assert waits == [0, 0, 5, 1, 0, 19]
    assert window.admit("another") == 0


def test_limits_are_read_from_text() -> None:
    assert Limit.parse("20/30s") == Limit(20, 30)
    assert Limit.parse("off") is None
    with pytest.raises(ValueError, match="200/30s"):
        Limit.parse("20 per minute")


async def test_writes_answer_without_a_body_when_asked(desk: Any) -> None:
    tokens = {"ClientToken": "sandbox-client", "AccessToken": "sandbox-access-wien", "Client": "Test 1.0.0"}
    answer = await desk.client.post(
        ROOT + "loyaltyMemberships/delete",
        json={**tokens, "LoyaltyMembershipIds": ["m1"]},
        headers={"Prefer": "return=minimal"},
    )
    assert (answer.status_code, answer.content) == (204, b"")


def test_operations_are_named_by_their_paths() -> None:
    assert operation_of(ROOT + "reservations/getAll/2023-06-06") == "reservations/getAll/2023-06-06"
    assert operation_of("/guests") == "/guests"
