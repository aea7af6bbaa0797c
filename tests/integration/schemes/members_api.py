"""A members API as a hotel group has one: a real server whose pages, clock, credentials and faults a test tells."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from connector.http.auth import Auth
from connector.http.client import Client
from connector.ports import Clock
from connector.sandbox.connections import drop
from connector.sandbox.fault_layer import FaultLayer
from connector.sandbox.faults import Effect, Fault, FaultPlan
from connector.schemes.address import Address
from connector.schemes.enrolment import HttpEnrolment
from connector.schemes.http_api import HttpApi
from connector.schemes.http_listing import HttpListing
from connector.schemes.paging import Paging
from connector.schemes.records import Records
from tests.serving import serving
from tests.unit.http.memory import HandClock

Row = dict[str, Any]
MEMBERS, TOKEN, ENROL = "/api/members", "/login/token", "/api/enrolments"
BY_PAGE = Paging("page", 2)
BY_CURSOR = Paging("cursor", 2, parameter="cursor", next="meta.next")
BY_LINK = Paging("link", 2, next="meta.link")
BY_HEADER = Paging("link", 2)
NAMES = ("member_id", "number", "email", "first_name", "last_name", "tier", "points", "expires_on", "state", "mews_id")


class _Half(JSONResponse):
    """An answer whose connection breaks in the middle of its content."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body[: len(self.body) // 2], "more_body": True})
        await drop(scope, receive)


@dataclass
class MembersApi:
    """The members in their order, and what the server makes of a request.

    ``applied`` is what was posted to it, ``made`` the members by the reference that they were made by, and ``refuses``
    the last names that it takes nobody of. With ``lists`` a new member is in the listing at once.
    ``longest`` is its own limit of a page, ``told`` a total that it tells instead of the true one, ``halves`` how many
    answers break off. ``turned`` is called with the number of each page after it was answered.
    """

    rows: list[Row] = field(default_factory=list)
    longest: int = 1000
    told: int | None = None
    halves: int = 0
    elsewhere: str = ""
    bearers: set[str] | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    turned: Callable[[int], None] = lambda _: None
    asked: list[dict[str, str]] = field(default_factory=list)
    grants: int = 0
    applied: list[Row] = field(default_factory=list)
    made: dict[str, Row] = field(default_factory=dict)
    refuses: set[str] = field(default_factory=set)
    lists: bool = True
    url: str = ""
    faults: FaultPlan = field(default_factory=FaultPlan)
    clients: list[Client] = field(default_factory=list)

    # -- for tests

    def fault(self, effect: str, operation: str = MEMBERS, **more: Any) -> None:
        """Plan a fault, of the listing unless another path is named."""
        self.faults.add(Fault(operation, Effect(effect), **{"times": 1, **more}))

    def log_out(self) -> None:
        """Let the token that was given last be worth nothing from now on."""
        self.bearers = set()

    def requests(self) -> list[dict[str, str]]:
        """The query of each request since the last call."""
        asked, self.asked = self.asked, []
        return asked

    def source(
        self,
        paging: Paging = BY_PAGE,
        *,
        fields: Sequence[str] = NAMES,
        total: str = "meta.total",
        auth: Auth | None = None,
        clock: Clock | None = None,
        **more: Any,
    ) -> HttpApi:
        """The source that reads this API; nobody waits for a second try."""
        hand = HandClock()
        address = Address(f"{self.url}{MEMBERS}", {"status": "active"})
        client = Client(address.origin, name="API at 127.0.0.1", auth=auth)
        self.clients.append(client)
        listing = HttpListing(client, address, clock or hand, paging, "data", total, sleep=hand.sleep)
        return HttpApi(listing, **{"fields": {name: name for name in fields}, **more})

    def desk(self, **more: Any) -> HttpEnrolment:
        """Where this API takes members; nobody waits for a second try."""
        hand, address = HandClock(), Address(f"{self.url}{ENROL}")
        client = Client(address.origin, name="API at 127.0.0.1")
        self.clients.append(client)
        records = Records({name: name for name in NAMES}, {})
        body = {"reference": "ref", "email": "person.email", "first_name": "person.first", "last_name": "person.last"}
        return HttpEnrolment(
            client,
            address,
            hand,
            records,
            **{"body": body, "answer": "member", "reference_header": "Idempotency-Key", "sleep": hand.sleep, **more},
        )

    # -- the server

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[MembersApi]:
        """Serve on a port of this machine."""
        app = Starlette(
            routes=[
                Route(MEMBERS, self._list),
                Route(TOKEN, self._grant, methods=["POST"]),
                Route(ENROL, self._enrol, methods=["POST"]),
            ],
        )
        async with serving(FaultLayer(app, str, self.faults), own_date=True) as self.url:
            try:
                yield self
            finally:
                for client in self.clients:
                    await client.aclose()

    async def _list(self, request: Request) -> Response:
        query = dict(request.query_params)
        self.asked.append(query)
        if self.bearers is not None and request.headers.get("authorization", "") not in self.bearers:
            return JSONResponse({"error": "who is it?"}, 401)
        since = query.get("since", "")
        rows = [row for row in self.rows if str(row.get("changed", "")) >= since]
        size = min(int(query.get("limit", "1000")), self.longest)
        start = self._start(query, size)
        answer = self._answer(rows, start, size)
        self.turned(start // size + 1)
        return answer

    def _start(self, query: dict[str, str], size: int) -> int:
        if "cursor" in query:
            return int(query["cursor"].removeprefix("after-"))
        return int(query["offset"]) if "offset" in query else (int(query.get("page", "1")) - 1) * size

    def _answer(self, rows: list[Row], start: int, size: int) -> Response:
        page, cursor, after = rows[start : start + size], None, ""
        if start + size < len(rows):
            cursor = f"after-{start + size}"
            after = f"{self.elsewhere or self.url}{MEMBERS}?status=active&limit={size}&cursor={cursor}"
        total = len(rows) if self.told is None else self.told
        shown = [{name: value for name, value in row.items() if name != "changed"} for row in page]
        content = {"data": shown, "meta": {"total": total, "next": cursor, "link": after}}
        headers = {"Date": format_datetime(self.now(), usegmt=True)} | (
            {"Link": f'<{after}>; rel="next"'} if after else {}
        )
        self.halves, breaks = max(0, self.halves - 1), self.halves > 0
        return (_Half if breaks else JSONResponse)(content, headers=headers)

    async def _enrol(self, request: Request) -> Response:
        """Make one member of a person; who is one already is told by 409, a repeated reference like the first time."""
        asked = await request.json()
        self.applied.append(asked)
        assert request.headers["idempotency-key"] == asked["ref"]
        if (person := asked["person"])["last"] in self.refuses:
            return JSONResponse({"error": f"{person['last']} is not welcome"}, 422)
        email = person.get("email")
        known = next((row for row in self.rows if email and row.get("email") == email), None)
        if asked["ref"] not in self.made and known:
            return JSONResponse({"member": known}, 409)
        number = len(self.made) + 1
        new = {
            "member_id": f"e-{number}",
            "number": f"E-{number}",
            "tier": "SILVER",
            "state": "Enrolled",
            "email": email,
        }
        row = self.made.setdefault(asked["ref"], {**new, "first_name": person["first"], "last_name": person["last"]})
        if self.lists and row not in self.rows:
            self.rows.append(row)
        return JSONResponse({"member": row}, 201)

    async def _grant(self, request: Request) -> Response:
        assert parse_qs((await request.body()).decode())["grant_type"] == ["client_credentials"]
        self.grants += 1
        self.bearers = {f"Bearer token-number-{self.grants}"}
        return JSONResponse({"access_token": f"token-number-{self.grants}", "expires_in": 3600})
