"""The qiibee simulator against requests written by hand from the published pages on users and memberships."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.sandbox.qiibee.application import create_app

USER = {
    "email": "ada@alpenglow.example",
    "auth_id": "0b0d8c8e-3d6c-4a43-9c53-1a1f1f4f8c7e",
    "id": "A-1",
    "first_name": "Ada",
    "second_name": "Berg",
    "language": "en",
    "country_ISO": "usa",
    "metadata": {"tier": "GOLD"},
}
MEMBERSHIP = {"exchange_provider_implementation_name": "miles_and_more", "membership_number": "992001234567894"}
ONE = f"/users/{USER['auth_id']}"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(tmp_path / "qiibee.db")
    headers = {"X-API-KEY": "sandbox-qiibee-key"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://qiibee/api/admin", headers=headers) as client:
        yield client
    app.state.users.close()
    app.state.journal.close()


async def add(client: httpx.AsyncClient, **fields: Any) -> httpx.Response:
    return await client.post("/users", json={"user": fields})


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, "Missing x-api-key header"),
        ({"X-API-KEY": "wrong"}, "Invalid API Key"),
        ({"X-API-KEY": ""}, "Invalid API Key"),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/users/"), ("GET", "/users"), ("POST", "/users"), ("GET", ONE), ("PUT", ONE), ("PATCH", ONE),
        ("GET", f"{ONE}/memberships"), ("POST", f"{ONE}/memberships"),
        ("GET", f"{ONE}/memberships/etihad"), ("DELETE", f"{ONE}/memberships/etihad"),
    ],
)  # fmt: skip
async def test_no_endpoint_serves_without_the_key(
    client: httpx.AsyncClient, method: str, path: str, headers: dict[str, str], message: str
) -> None:
    del client.headers["X-API-KEY"]
    answer = await client.request(method, path, headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"message": message})


async def test_a_user_is_added_read_and_listed(client: httpx.AsyncClient) -> None:
    added = await add(client, **USER)
    assert (added.status_code, added.json()) == (201, USER)
    one = await client.get(ONE)
    assert (one.status_code, one.json()) == (200, USER)
    for path in ("/users", "/users/"):
        listed = await client.get(path)
        assert (listed.status_code, listed.json()) == (200, {"users": [USER], "total_users_count": 1})


async def test_the_address_is_all_that_a_user_needs(client: httpx.AsyncClient) -> None:
    user = (await add(client, email="ada@alpenglow.example")).json()
    assert uuid.UUID(user["auth_id"])
    assert user["id"] not in (None, user["auth_id"])
    assert {name: user[name] for name in USER if name not in ("email", "auth_id", "id")} == {
        "first_name": None, "second_name": None, "language": None, "country_ISO": None, "metadata": {},
    }  # fmt: skip
    assert (await client.get(f"/users/{user['auth_id']}")).json() == user


async def test_an_auth_id_is_used_once(client: httpx.AsyncClient) -> None:
    await add(client, **USER)
    again = await add(client, email="eva@alpenglow.example", auth_id=USER["auth_id"])
    assert again.status_code == 400
    assert (await client.get(ONE)).json() == USER


@pytest.mark.parametrize("email", [None, "", "ada", "ada@alpenglow", "a da@alpenglow.example", 7])
async def test_an_address_that_is_none_is_a_400(client: httpx.AsyncClient, email: object) -> None:
    answer = await add(client, email=email)
    assert answer.status_code == 400
    assert (await client.get("/users/")).json()["total_users_count"] == 0


async def test_the_id_does_not_stand_for_the_auth_id(client: httpx.AsyncClient) -> None:
    await add(client, **USER)
    assert (await client.get(f"/users/{USER['id']}")).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_any_field_but_the_auth_id_is_changed(client: httpx.AsyncClient, method: str) -> None:
    await add(client, **USER)
    changes = {"second_name": "Wald", "metadata": {"tier": "SILVER"}}
    answer = await client.request(method, ONE, json={"user": changes})
    assert (answer.status_code, answer.json()) == (200, {**USER, **changes})
    assert (await client.request(method, ONE, json={"user": {"auth_id": "another"}})).status_code == 400
    assert (await client.request(method, "/users/another", json={"user": changes})).status_code == 404
    assert (await client.get(ONE)).json() == {**USER, **changes}


async def test_a_page_has_a_hundred_users_at_most(client: httpx.AsyncClient) -> None:
    people = [{"email": f"m{number}@alpenglow.example", "auth_id": f"A-{number}"} for number in range(250)]
    await client.post("http://qiibee/_sandbox/users", json=people)
    pages = [
        (await client.get("/users/", params=span)).json()
        for span in ({}, {"offset": 100}, {"offset": 200, "limit": 100})
    ]
    assert [len(page["users"]) for page in pages] == [100, 100, 50]
    assert [user["auth_id"] for page in pages for user in page["users"]] == [f"A-{number}" for number in range(250)]
    assert {page["total_users_count"] for page in pages} == {250}
    few = (await client.get("/users/", params={"offset": 7, "limit": 3})).json()["users"]
    assert [user["auth_id"] for user in few] == ["A-7", "A-8", "A-9"]
    assert (await client.get("/users/", params={"limit": 101})).status_code == 400


async def test_memberships_are_kept_one_per_provider(client: httpx.AsyncClient) -> None:
    await add(client, **USER)
    joined = await client.post(f"{ONE}/memberships", json={"membership": MEMBERSHIP})
    assert (joined.status_code, joined.json()) == (201, USER)
    etihad = {"exchange_provider_implementation_name": "etihad", "membership_number": "100"}
    await client.post(f"{ONE}/memberships", json=etihad)
    assert (await client.get(f"{ONE}/memberships")).json() == [MEMBERSHIP, etihad]
    one = await client.get(f"{ONE}/memberships/miles_and_more")
    assert (one.status_code, one.json()) == (200, MEMBERSHIP)


async def test_a_membership_that_is_not_there_is_a_404_with_an_empty_object(client: httpx.AsyncClient) -> None:
    await add(client, **USER)
    for path in (f"{ONE}/memberships/miles_and_more", "/users/another/memberships/miles_and_more"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()) == (404, {})
        assert (await client.delete(path)).status_code == 404
    assert (await client.post("/users/another/memberships", json=MEMBERSHIP)).status_code == 404


async def test_a_membership_is_deleted(client: httpx.AsyncClient) -> None:
    await add(client, **USER)
    await client.post(f"{ONE}/memberships", json=MEMBERSHIP)
    answer = await client.delete(f"{ONE}/memberships/miles_and_more")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await client.get(f"{ONE}/memberships")).json() == []


async def test_a_provider_that_qiibee_does_not_have_is_a_400(client: httpx.AsyncClient) -> None:
    await add(client, **USER)
    unknown = {**MEMBERSHIP, "exchange_provider_implementation_name": "air_miles"}
    assert (await client.post(f"{ONE}/memberships", json=unknown)).status_code == 400
    assert (await client.delete(f"{ONE}/memberships/air_miles")).status_code == 400
