"""The qiibee simulator: users, memberships and exchanges below ``/api/admin``, each call with an API key."""

from __future__ import annotations

import hmac
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from io import StringIO
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connector.sandbox.controls import application
from connector.sandbox.journal import Journal
from connector.sandbox.qiibee import exchange, loading, requests
from connector.sandbox.qiibee.exchange import Trade
from connector.sandbox.qiibee.reading import Reading
from connector.sandbox.qiibee.requests import Refused
from connector.sandbox.qiibee.users import User, Users

API_KEY = "sandbox-qiibee-key"
BASE = "/api/admin"
_USER = f"{BASE}/users/{{auth_id}}"
_MEMBERSHIP = f"{_USER}/memberships/{{implementation}}"
_OPERATIONS = ("users", "user", "memberships", "membership")

Act = Callable[[Request], Awaitable[Response]]


class Missing(Exception):
    """There is no such user or membership: answered with HTTP 404 and an empty object."""


def operation_of(path: str) -> str:
    """The operation's name in a fault plan: ``users``, ``user``, ``memberships``, ``membership``, ``transactions``."""
    if path == f"{BASE}/transactions":
        return "transactions"
    parts = path.removeprefix(f"{BASE}/").strip("/").split("/")
    known = parts[0] == "users" and len(parts) <= len(_OPERATIONS)
    return _OPERATIONS[len(parts) - 1] if known else path


def create_app(
    state_path: Path,
    *,
    reading: Reading | None = None,
    trade: Trade | None = None,
    clock: Callable[[], float] = time.time,
) -> Starlette:
    """The server, its users in the file ``state_path`` and its exchanges in a journal beside it.

    They are ``app.state.users``, ``app.state.journal`` and ``app.state.exchange``. Beside ``/_sandbox/stats``, which
    counts calls as ``GET users``, ``credits`` and ``totals``, there is ``/_sandbox/users``: POST adds many users at
    once or changes them, PUT holds those given and no others; JSON, or CSV by its content type.
    """
    users, journal = Users(state_path), Journal(state_path.with_name(f"{state_path.stem}-exchanges.db"))
    trading = exchange.Desk(journal, users, trade or Trade(), clock)
    desk = Desk(users, reading or Reading(), trading)
    app = application(journal, desk.calls, [*desk.routes(), *_controls(users)], users.close)
    app.state.users, app.state.exchange = users, trading
    return app


class Desk:
    """The endpoints; ``calls`` counts the calls of each method and operation."""

    def __init__(self, users: Users, reading: Reading, trading: exchange.Desk) -> None:
        self._users = users
        self._reading = reading
        self._trading = trading
        self.calls: Counter[str] = Counter()

    def routes(self) -> list[Route]:
        """Every documented path of users, memberships and exchanges."""
        served: list[tuple[str, str, Act]] = [
            ("GET", f"{BASE}/users", self._list),
            ("POST", f"{BASE}/users", self._add),
            ("GET", f"{BASE}/users/", self._list),
            ("POST", f"{BASE}/users/", self._add),
            ("GET", _USER, self._one),
            ("PUT", _USER, self._change),
            ("PATCH", _USER, self._change),
            ("GET", f"{_USER}/memberships", self._memberships),
            ("POST", f"{_USER}/memberships", self._join),
            ("GET", _MEMBERSHIP, self._membership),
            ("DELETE", _MEMBERSHIP, self._leave),
            ("POST", f"{BASE}/transactions", self._exchange),
            ("GET", f"{BASE}/transactions", self._transactions),
        ]
        return [Route(path, self._guarded(act), methods=[method]) for method, path, act in served]

    def _guarded(self, act: Act) -> Act:
        async def endpoint(request: Request) -> Response:
            self.calls[f"{request.method} {operation_of(request.url.path)}"] += 1
            if (refusal := _refusal(request)) is not None:
                return JSONResponse(self._reading.problem(refusal), 401)
            try:
                return await act(request)
            except Refused as refused:
                return JSONResponse(self._reading.problem(str(refused)), 400)
            except Missing:
                return JSONResponse({}, 404)

        return endpoint

    async def _list(self, request: Request) -> Response:
        offset, limit = requests.span(request.query_params)
        found = self._users.page(offset, limit, newest_first=self._reading.newest_first)
        status = 200 if found else self._reading.beyond
        return JSONResponse(self._reading.page(found, self._users.count()), status)

    async def _add(self, request: Request) -> Response:
        user = User(requests.new_user(await request.body()))
        if user.fields.get("auth_id") and self._users.find(user.auth_id):
            raise Refused("auth_id: already in use")
        return self._answer(self._users.save(user), 201)

    async def _one(self, request: Request) -> Response:
        return self._answer(self._asked(request))

    async def _change(self, request: Request) -> Response:
        user = self._asked(request)
        changes = requests.changes(await request.body(), user.auth_id)
        return self._answer(self._users.save(User({**user.fields, **changes}, user.memberships)))

    async def _memberships(self, request: Request) -> Response:
        return JSONResponse(self._reading.memberships(self._asked(request)))

    async def _join(self, request: Request) -> Response:
        user = self._asked(request)
        implementation, number = requests.membership(await request.body())
        joined = User(user.fields, {**user.memberships, implementation: number})
        return self._answer(self._users.save(joined), 201)

    async def _membership(self, request: Request) -> Response:
        user = self._asked(request)
        return JSONResponse(self._reading.membership(user, _held(request, user)))

    async def _leave(self, request: Request) -> Response:
        requests.implementation(request.path_params["implementation"])
        user = self._asked(request)
        left = _held(request, user)
        kept = {name: number for name, number in user.memberships.items() if name != left}
        self._users.save(User(user.fields, kept))
        return Response(status_code=204)

    async def _exchange(self, request: Request) -> Response:
        self._trading.exchange(await request.body())
        return JSONResponse({}, 202)

    async def _transactions(self, request: Request) -> Response:
        """A user's exchanges; other types are not kept, and whoever is no user has none."""
        query = request.query_params
        offset, limit = requests.span(query)
        wanted = "exchange" in query.get("types", "exchange").split(",")
        shown = self._trading.shown(query.get("user_auth_id", "")) if wanted else []
        return JSONResponse(self._reading.transactions(shown[offset : offset + limit], len(shown)))

    def _asked(self, request: Request) -> User:
        if (user := self._users.find(request.path_params["auth_id"])) is None:
            raise Missing
        return user

    def _answer(self, user: User, status: int = 200) -> Response:
        return JSONResponse(self._reading.user(user), status)


def _refusal(request: Request) -> str | None:
    """The documented message for a key that is missing or wrong."""
    key = request.headers.get("x-api-key")
    if key is None:
        return "Missing x-api-key header"
    return None if hmac.compare_digest(key.encode(), API_KEY.encode()) else "Invalid API Key"


def _held(request: Request, user: User) -> str:
    implementation = str(request.path_params["implementation"])
    if implementation not in user.memberships:
        raise Missing
    return implementation


def _controls(users: Users) -> list[Route]:
    async def load(request: Request) -> Response:
        body = await request.body()
        as_csv = request.headers.get("content-type", "").startswith("text/csv")
        take = users.replace if request.method == "PUT" else users.load
        try:
            text = body.decode("utf-8-sig")
            take(loading.from_csv(StringIO(text, newline="")) if as_csv else loading.from_json(text))
        except ValueError as fault:
            return JSONResponse({"message": str(fault)}, 400)
        return JSONResponse({"users": users.count()})

    return [Route("/_sandbox/users", load, methods=["POST", "PUT"])]
