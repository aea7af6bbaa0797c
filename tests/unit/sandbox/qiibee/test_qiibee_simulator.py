"""What the qiibee simulator accepts, refuses and remembers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.sandbox.child import made_for
from connector.sandbox.options import SandboxOptions
from connector.sandbox.qiibee.application import create_app, operation_of
from connector.sandbox.qiibee.reading import Reading
from tests.serving import running

KEY = {"X-API-KEY": "sandbox-qiibee-key"}
NUMBERS = {"exchange_provider_implementation_name": "miles_and_more", "membership_number": "992001234567894"}
ADA: dict[str, Any] = {"email": "ada@alpenglow.example", "auth_id": "A-1", "id": 11}
EVA: dict[str, Any] = {"email": "eva@alpenglow.example", "auth_id": "A-2", "id": 12}
BLANK = {"first_name": None, "second_name": None, "language": None, "country_ISO": None, "metadata": {}}


@asynccontextmanager
async def opened(path: Path, reading: str = "") -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(path, reading=Reading.parse(reading))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://qiibee", headers=KEY) as client:
        yield client
    app.state.users.close()
    app.state.journal.close()


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(tmp_path / "qiibee.db") as client:
        yield client


async def load(client: httpx.AsyncClient, *users: dict[str, Any], method: str = "POST") -> httpx.Response:
    return await client.request(method, "/_sandbox/users", json=users)


async def get(client: httpx.AsyncClient, path: str = "users", **query: Any) -> Any:
    return (await client.get(f"/api/admin/{path}", params=query)).json()


async def addresses(client: httpx.AsyncClient) -> list[str]:
    return [user["email"] for user in (await get(client))["users"]]


class TestReadings:
    @pytest.mark.parametrize(
        ("reading", "page"),
        [
            ("", {"users": [{**ADA, **BLANK}], "total_users_count": 1}),
            ("users=data,total=count", {"data": [{**ADA, **BLANK}], "count": 1}),
            ("total=", {"users": [{**ADA, **BLANK}]}),
            ("users=", [{**ADA, **BLANK}]),
            ("embedded", {"users": [{**ADA, **BLANK, "memberships": [NUMBERS]}], "total_users_count": 1}),
        ],
    )
    async def test_a_list_has_the_names_chosen(self, tmp_path: Path, reading: str, page: object) -> None:
        async with opened(tmp_path / "db", reading) as client:
            await load(client, {**ADA, "memberships": [NUMBERS]})
            assert await get(client) == page

    @pytest.mark.parametrize("wrapped", [False, True])
    async def test_single_objects_come_as_they_are_or_within_their_name(self, tmp_path: Path, wrapped: bool) -> None:
        expected = {
            "users/A-1": ("user", {**ADA, **BLANK}),
            "users/A-1/memberships": ("memberships", [NUMBERS]),
            "users/A-1/memberships/miles_and_more": ("membership", NUMBERS),
        }
        async with opened(tmp_path / "db", "wrapped" if wrapped else "") as client:
            await load(client, {**ADA, "memberships": [NUMBERS]})
            for path, (name, content) in expected.items():
                assert await get(client, path) == ({name: content} if wrapped else content)

    async def test_the_newest_user_may_come_first(self, tmp_path: Path) -> None:
        async with opened(tmp_path / "db", "newest_first") as client:
            await load(client, *({"email": f"m{number}@alpenglow.example", "id": number} for number in range(5)))
            pages = [await get(client, offset=offset, limit=2) for offset in (0, 2, 4, 6)]
        assert [[user["id"] for user in page["users"]] for page in pages] == [[4, 3], [2, 1], [0], []]

    @pytest.mark.parametrize(("reading", "status"), [("", 200), ("beyond=404", 404)])
    async def test_a_page_behind_the_last_user_has_the_status_chosen(
        self, tmp_path: Path, reading: str, status: int
    ) -> None:
        async with opened(tmp_path / "db", reading) as client:
            assert (await client.get("/api/admin/users/")).status_code == status
            await load(client, ADA)
            assert (await client.get("/api/admin/users/")).status_code == 200
            behind = await client.get("/api/admin/users/", params={"offset": 1})
            assert (behind.status_code, behind.json()["users"]) == (status, [])

    async def test_an_error_has_the_name_chosen(self, tmp_path: Path) -> None:
        async with opened(tmp_path / "db", "error=error") as client:
            answer = await client.get("/api/admin/users", headers={"X-API-KEY": "wrong"})
            assert answer.json() == {"error": "Invalid API Key"}

    @pytest.mark.parametrize(
        "text", ["wrapped=yes", "total", "beyond=soon", "beyond=500", "users=a,total=a", "error=", "x=1"]
    )
    def test_a_reading_that_there_is_not_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="expected"):
            Reading.parse(text)


class TestRefusals:
    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"email": "ada@@alpenglow.example"}, "email"),
            ({**ADA, "first_name": 5}, "first_name"),
            ({**ADA, "second_name": ["Berg"]}, "second_name"),
            ({**ADA, "auth_id": ""}, "auth_id"),
            ({**ADA, "metadata": "GOLD"}, "metadata"),
            ("ada@alpenglow.example", "user"),
        ],
    )
    async def test_a_wrong_user_is_a_400_that_names_the_field(
        self, client: httpx.AsyncClient, fields: object, reason: str
    ) -> None:
        answer = await client.post("/api/admin/users", json={"user": fields})
        assert answer.status_code == 400
        assert answer.json()["message"].startswith(f"{reason}: ")
        assert await addresses(client) == []

    @pytest.mark.parametrize("content", [b"{", b"[]", b"{}", b'{"email": "ada@alpenglow.example"}'])
    async def test_a_user_comes_within_user(self, client: httpx.AsyncClient, content: bytes) -> None:
        assert (await client.post("/api/admin/users", content=content)).status_code == 400

    async def test_a_user_keeps_an_address(self, client: httpx.AsyncClient) -> None:
        await load(client, ADA)
        answer = await client.patch("/api/admin/users/A-1", json={"user": {"email": None}})
        assert answer.status_code == 400
        assert await addresses(client) == [ADA["email"]]

    @pytest.mark.parametrize(
        "query", [{"limit": "0"}, {"limit": "101"}, {"limit": "-1"}, {"offset": "x"}, {"offset": "1" * 20}]
    )
    async def test_a_span_that_is_none_is_a_400(self, client: httpx.AsyncClient, query: dict[str, str]) -> None:
        assert (await client.get("/api/admin/users", params=query)).status_code == 400

    @pytest.mark.parametrize("number", [None, "", "  ", [1], True])
    async def test_a_membership_needs_a_number(self, client: httpx.AsyncClient, number: object) -> None:
        await load(client, ADA)
        body = {**NUMBERS, "membership_number": number}
        assert (await client.post("/api/admin/users/A-1/memberships", json=body)).status_code == 400
        assert await get(client, "users/A-1/memberships") == []

    async def test_whose_form_is_not_known_so_a_whole_number_will_do(self, client: httpx.AsyncClient) -> None:
        await load(client, ADA)
        body = {"membership": {**NUMBERS, "membership_number": 992001234567894}}
        assert (await client.post("/api/admin/users/A-1/memberships", json=body)).status_code == 201
        assert await get(client, "users/A-1/memberships") == [NUMBERS]


class TestState:
    async def test_users_and_memberships_outlive_a_restart(self, tmp_path: Path) -> None:
        async with opened(tmp_path / "db") as client:
            await client.post("/api/admin/users", json={"user": {**ADA, "vip": True}})
            await client.post("/api/admin/users/A-1/memberships", json=NUMBERS)
        async with opened(tmp_path / "db") as client:
            assert await get(client, "users/A-1") == {**ADA, **BLANK, "vip": True}
            assert await get(client, "users/A-1/memberships") == [NUMBERS]

    async def test_what_it_makes_up_is_the_same_for_the_same_users(self, tmp_path: Path) -> None:
        made = []
        for name in ("one", "two"):
            async with opened(tmp_path / name) as client:
                await load(client, {"email": "ada@alpenglow.example"}, {"email": "eva@alpenglow.example"})
                made.append([(user["auth_id"], user["id"]) for user in (await get(client))["users"]])
        assert made[0] == made[1]
        assert len({auth_id for auth_id, _ in made[0]}) == 2

    async def test_two_users_may_have_one_address(self, client: httpx.AsyncClient) -> None:
        body = {"user": {"email": "ada@alpenglow.example"}}
        answers = [await client.post("/api/admin/users", json=body) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert (await get(client))["total_users_count"] == 2

    async def test_a_change_leaves_a_user_in_its_place(self, client: httpx.AsyncClient) -> None:
        await load(client, ADA, EVA)
        await client.put("/api/admin/users/A-1", json={"user": {"email": "ada@berg.example"}})
        assert await addresses(client) == ["ada@berg.example", EVA["email"]]


class TestLoading:
    async def test_users_are_added_and_changed_by_auth_id(self, client: httpx.AsyncClient) -> None:
        assert (await load(client, ADA)).json() == {"users": 1}
        assert (await load(client, EVA, {**ADA, "email": "ada@berg.example"})).json() == {"users": 2}
        assert await addresses(client) == ["ada@berg.example", EVA["email"]]

    async def test_put_leaves_only_those_given(self, client: httpx.AsyncClient) -> None:
        await load(client, ADA, EVA)
        assert (await load(client, EVA, method="PUT")).json() == {"users": 1}
        assert (await get(client, offset=0))["users"] == [{**EVA, **BLANK}]
        assert (await client.get("/api/admin/users/A-1")).status_code == 404

    @pytest.mark.parametrize("method", ["POST", "PUT"])
    @pytest.mark.parametrize(
        "wrong",
        [
            {"email": "eva"},
            "eva",
            {**EVA, "memberships": 5},
            {**EVA, "memberships": [{**NUMBERS, "membership_number": ""}]},
        ],
    )
    async def test_one_wrong_user_leaves_all_as_they_were(
        self, client: httpx.AsyncClient, method: str, wrong: Any
    ) -> None:
        await load(client, ADA)
        answer = await load(client, EVA, wrong, method=method)
        assert (answer.status_code, answer.json()["message"].startswith("user 2: ")) == (400, True)
        assert await addresses(client) == [ADA["email"]]

    @pytest.mark.parametrize("content", [b"{", b'{"users": []}', b"\xff"])
    async def test_what_is_no_list_is_a_400(self, client: httpx.AsyncClient, content: bytes) -> None:
        assert (await client.post("/_sandbox/users", content=content)).status_code == 400

    async def test_columns_are_fields_memberships_and_metadata(self, client: httpx.AsyncClient) -> None:
        lines = [
            "email,auth_id,second_name,miles_and_more,etihad,tier,points",
            'ada@alpenglow.example,A-1,"Berg, von",992001234567894,,GOLD,120',
            "eva@alpenglow.example,A-2,,,,,",
        ]
        headers = {"Content-Type": "text/csv; charset=utf-8"}
        answer = await client.post("/_sandbox/users", content="\r\n".join(lines).encode("utf-8-sig"), headers=headers)
        assert answer.json() == {"users": 2}
        ada, eva = (await get(client))["users"]
        assert (ada["second_name"], ada["metadata"]) == ("Berg, von", {"tier": "GOLD", "points": "120"})
        assert (eva["second_name"], eva["metadata"]) == (None, {})
        assert await get(client, "users/A-1/memberships") == [NUMBERS]

    async def test_the_chain_s_own_members_can_be_given_as_they_are(self, client: httpx.AsyncClient) -> None:
        members = (
            "member_id,number,email,first_name,last_name,tier\n"
            "G1,A1,ada@alpenglow.example,Ada,Berg,GOLD\nG2,A2,,Eva,Wald,SILVER\n"
        )
        headers = {"Content-Type": "text/csv"}
        answer = await client.post("/_sandbox/users", content=members, headers=headers)
        assert answer.json() == {"users": 1}
        (ada,) = (await get(client))["users"]
        assert (ada["auth_id"], ada["second_name"], ada["metadata"]) == ("G1", "Berg", {"number": "A1", "tier": "GOLD"})

    async def test_a_table_without_addresses_is_a_400(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/_sandbox/users", content="name\nAda\n", headers={"Content-Type": "text/csv"})
        assert (answer.status_code, answer.json()) == (400, {"message": "expected a column email"})


class TestStatistics:
    async def test_calls_are_counted_by_method_and_operation(self, client: httpx.AsyncClient) -> None:
        await load(client, ADA)
        await get(client)
        await get(client, "users/", offset=1)
        await get(client, "users/A-1/memberships/etihad")
        await client.post("/api/admin/users", json={}, headers={"X-API-KEY": "wrong"})
        stats = (await client.get("/_sandbox/stats")).json()
        assert stats == {"GET users": 2, "GET membership": 1, "POST users": 1}

    @pytest.mark.parametrize(
        ("path", "operation"),
        [
            ("/api/admin/users", "users"),
            ("/api/admin/users/", "users"),
            ("/api/admin/users/A-1", "user"),
            ("/api/admin/users/A-1/memberships", "memberships"),
            ("/api/admin/users/A-1/memberships/etihad", "membership"),
            ("/api/admin/codes", "/api/admin/codes"),
        ],
    )
    def test_operations_have_short_names(self, path: str, operation: str) -> None:
        assert operation_of(path) == operation


@asynccontextmanager
async def served(state: Path, *faults: str) -> AsyncIterator[httpx.AsyncClient]:
    """The server as the sandbox makes it, over a real socket."""
    server = made_for("qiibee", SandboxOptions(state, faults=faults))
    async with running(server) as url, httpx.AsyncClient(base_url=url, headers=KEY) as client:
        yield client


class TestFaults:
    async def test_a_call_may_be_limited_fail_break_or_be_garbled(self, tmp_path: Path) -> None:
        faults = (
            "qiibee:users=429,header.Retry-After=2,times=1",
            "qiibee:users=500,times=1",
            "qiibee:users=drop,times=1",
            "qiibee:users=garbage,times=1",
        )
        async with served(tmp_path, *faults) as client:
            limited = await client.get("/api/admin/users/")
            assert (limited.status_code, limited.headers["Retry-After"]) == (429, "2")
            assert (await client.get("/api/admin/users/")).status_code == 500
            with pytest.raises(httpx.TransportError):
                await client.get("/api/admin/users/")
            with pytest.raises(ValueError, match="Expecting value"):
                await get(client)
            assert await get(client) == {"users": [], "total_users_count": 0}

    async def test_what_was_done_before_the_answer_was_lost_is_done(self, tmp_path: Path) -> None:
        async with served(tmp_path, "qiibee:users=lose,times=1") as client:
            with pytest.raises(httpx.TransportError):
                await client.post("/api/admin/users", json={"user": ADA})
            assert (await client.post("/api/admin/users", json={"user": ADA})).status_code == 400
            assert await addresses(client) == [ADA["email"]]
