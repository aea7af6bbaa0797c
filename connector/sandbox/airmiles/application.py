"""The AIR MILES simulator: token endpoint, issuance, transaction history and offers on one host."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connector.sandbox.airmiles.history import page
from connector.sandbox.airmiles.issuance import OPERATIONS, Answer, Desk, answer
from connector.sandbox.airmiles.offers import Shelf, Unknown
from connector.sandbox.airmiles.requests import Refused, Sponsor
from connector.sandbox.airmiles.tokens import tokens
from connector.sandbox.bearer import Tokens
from connector.sandbox.controls import application
from connector.sandbox.journal import Journal

_ISSUANCE = "/checkout/issuance/"
_HISTORY = "/transaction-history/"
_NAMES = {"/oauth/token": "token", f"{_HISTORY}sponsors": "history", f"{_HISTORY}health": "health"}


def operation_of(path: str) -> str:
    """The operation's name in fault plan and statistics: ``post/event``, ``token``, ``history``, ``offers``, …"""
    parts = path.strip("/").split("/")
    if parts[0] == "offers":
        return ("offers", "offer", "offer/states")[len(parts) - 1]
    return _NAMES.get(path, path.removeprefix(_ISSUANCE))


def create_app(
    state_path: Path,
    *,
    sponsor: Sponsor | None = None,
    accept: int = 200,
    processing: float = 0.0,
    token_lifetime: int = 86_400,
    ended_offers: Collection[str] = (),
    dropped: Collection[str] = (),
    clock: Callable[[], float] = time.time,
) -> Starlette:
    """The server, its journal in the file ``state_path``; the journal is ``app.state.journal``.

    ``accept`` is the status of a credit or reversal (200, or 202 for one that is pending), ``processing`` the
    seconds that each takes, ``token_lifetime`` is in seconds, ``clock`` gives seconds since 1970. ``ended_offers``
    are over, and not shown. ``dropped`` (post, reverse) are accepted with 202, and never done.
    """
    journal = Journal(state_path)
    desk = Desk(journal, sponsor or Sponsor(), accept, processing, lambda: _moment(clock()), dropped)
    shelf = Shelf(journal, lambda: _moment(clock()), ended_offers)
    host = Host(desk, tokens(token_lifetime, clock), shelf)
    return application(journal, host.calls, host.routes())


class Host:
    """The endpoints; ``calls`` counts the calls of each operation."""

    def __init__(self, desk: Desk, tokens: Tokens, shelf: Shelf) -> None:
        self._desk = desk
        self._shelf = shelf
        self._tokens = tokens
        self.calls: Counter[str] = Counter()

    def routes(self) -> list[Route]:
        """Every documented path that the simulator serves."""
        return [
            Route("/oauth/token", self._token, methods=["POST"]),
            *(Route(_ISSUANCE + operation, self._issue, methods=["POST"]) for operation in OPERATIONS),
            Route(f"{_HISTORY}sponsors", self._history, methods=["GET"]),
            Route(f"{_HISTORY}health", self._health, methods=["GET"]),
            Route("/offers", self._offers, methods=["GET"]),
            Route("/offers/{id}", self._offers, methods=["GET"]),
            *(Route(f"/offers/{{id}}/{last}", self._offers, methods=["PUT"]) for last in ("states", "state")),
        ]

    async def _token(self, request: Request) -> Response:
        self._counted(request)
        return await self._tokens.answer(request)

    async def _issue(self, request: Request) -> Response:
        operation = self._counted(request)
        if not self._authorized(request):
            return _unauthorized()
        key = request.headers.get("idempotency-key")
        return _response(await self._desk.serve(operation, key, await request.body()))

    async def _history(self, request: Request) -> Response:
        self._counted(request)
        if not self._authorized(request):
            return _unauthorized()
        if request.query_params.get("collectorNumber") in self._desk.sponsor.inactive:
            return _response(answer(401, "account is not active"))
        try:
            return JSONResponse(page(self._desk.journal, self._desk.sponsor, request.query_params))
        except Refused as refusal:
            return _response(answer(400, str(refusal)))

    async def _health(self, request: Request) -> Response:
        self._counted(request)
        return JSONResponse({"status": "up"}) if self._authorized(request) else _unauthorized()

    async def _offers(self, request: Request) -> Response:
        """Offers as for the public, without a token; a token's Collector is the one in the header."""
        self._counted(request)
        headers, collector = request.headers, request.headers.get("collector-number")
        if ("authorization" in headers or request.method == "PUT") and not self._authorized(request):
            return _unauthorized()
        if "authorization" not in headers:
            collector = None
        try:
            return await self._offered(request, collector)
        except Unknown as unknown:
            return _response(answer(404, str(unknown)))
        except Refused as refusal:
            return _response(answer(400, str(refusal)))

    async def _offered(self, request: Request, collector: str | None) -> Response:
        offer_id = request.path_params.get("id")
        if not request.headers.get("x-origin-client"):
            raise Refused("X-Origin-Client: missing")
        if request.method == "PUT" and offer_id:
            if not collector:
                raise Refused("Collector-Number: missing")
            self._shelf.set(offer_id, collector, await request.body())
            trace = request.headers.get("x-correlation-id") or str(uuid.uuid4())
            return Response(status_code=204, headers={"X-Correlation-Id": trace})
        if offer_id is None:
            return JSONResponse(self._shelf.page(request.query_params, collector))
        return JSONResponse(self._shelf.single(offer_id, request.query_params, collector))

    def _counted(self, request: Request) -> str:
        operation = operation_of(request.url.path)
        self.calls[operation] += 1
        return operation

    def _authorized(self, request: Request) -> bool:
        return self._tokens.accepts(request.headers.get("authorization", ""))


def _moment(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z")


def _response(given: Answer) -> Response:
    return Response(given.body, given.status, media_type="application/json")


def _unauthorized() -> Response:
    return _response(answer(401, "no valid Bearer token"))
