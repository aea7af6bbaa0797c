"""Where others call: Mews's general webhook, and partners that tell of miles exchanged for points.

A call is answered when what it tells is stored, and nothing more is done about it here: Mews waits five seconds. Who
may not call is told what a page that does not exist would tell.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connector.bootstrap.events import receivers, webhook_tokens
from connector.domain.deposits import CHANGED, UNREADABLE, without_card
from connector.domain.hints import Hint
from connector.errors import Skippable
from connector.jobs.deposits import KIND
from connector.mews.payloads.events import of_webhook
from connector.ports import Receiver
from connector.settings import Settings
from connector.store import deposits, hints, suspense
from connector.store.deposits import Arrival
from connector.store.suspense import Case
from connector.telemetry import metrics
from connector.web.console import Console, console_of
from connector.web.routing import Open

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Doors:
    """Who may call by these settings: tokens as digests, and partners by channel and name."""

    settings: Settings
    tokens: tuple[bytes, ...]
    receivers: Mapping[tuple[str, str], Receiver]

    def opens(self, token: str) -> bool:
        """Tell, in the same time for every token, whether Mews may call with this one."""
        given = sha256(token.encode("utf-8", "replace")).digest()
        return sum(hmac.compare_digest(known, given) for known in self.tokens) > 0


def _doors(request: Request) -> Doors:
    """Return the doors of the present settings, which may have changed since the last call."""
    settings = console_of(request).app.settings
    known: Doors | None = getattr(request.app.state, "doors", None)
    if known is None or known.settings is not settings:
        tokens = tuple(sha256(token.encode()).digest() for token in webhook_tokens(settings))
        known = request.app.state.doors = Doors(settings, tokens, receivers(settings))
    return known


async def mews(request: Request) -> Response:
    """Take the events of the general webhook as hints: 202, 404 for a wrong token, 400 for what is no such call."""
    if not _doors(request).opens(request.path_params["token"]):
        metrics.count(metrics.CALLS, "mews", "", "unauthorized")
        raise HTTPException(404)
    try:
        found = of_webhook(await request.body())
    except Skippable as fault:
        metrics.count(metrics.CALLS, "mews", "", "unreadable")
        _log.warning("a call of Mews's webhook cannot be read", error=str(fault))
        return JSONResponse({"error": str(fault)}, 400)
    await _keep(console_of(request), found)
    metrics.count(metrics.CALLS, "mews", "", "taken")
    return Response(status_code=202)


async def _keep(console: Console, found: list[Hint]) -> None:
    if found:
        async with console.app.database.write() as connection:
            await hints.save(connection, found, console.now())


async def partner(request: Request) -> Response:
    """Keep what a partner tells of an exchange: 202, 401 without its credentials, 400 for what cannot be told apart.

    What is told again changes nothing. A call that cannot be read is a case too: the partner stops repeating it.
    """
    channel, name = request.path_params["channel"], request.path_params["partner"]
    receiver = _doors(request).receivers.get((channel, name))
    if receiver is None:
        raise HTTPException(404)
    if not receiver.knows(request.headers.get("authorization", "")):
        metrics.count(metrics.CALLS, channel, name, "unauthorized")
        return JSONResponse({"error": "This needs the partner's credentials."}, 401, {"WWW-Authenticate": "Basic"})
    content, console = await request.body(), console_of(request)
    try:
        deposit = without_card(receiver.read(content))
    except Skippable as fault:
        metrics.count(metrics.CALLS, channel, name, "unreadable")
        await _open(console, _unreadable(name, content, str(fault)))
        return JSONResponse({"error": str(fault)}, 400)
    async with console.app.database.write() as connection:
        arrival = await deposits.keep(connection, name, deposit, console.now())
        if arrival is Arrival.CHANGED:
            await suspense.open_cases(connection, [_changed(name, deposit.reference)], console.now())
    metrics.count(metrics.CALLS, channel, name, "changed" if arrival is Arrival.CHANGED else "taken")
    return Response(status_code=202)


def _changed(name: str, reference: str) -> Case:
    text = f"deposit {reference} was told again in other words; the first ones stand: ask the partner which are right"
    return Case(KIND, reference, CHANGED, text, name)


def _unreadable(name: str, content: bytes, fault: str) -> Case:
    subject = f"call {sha256(content).hexdigest()[:16]}"
    text = f"a call of the partner cannot be read: {fault}; ask the partner what was exchanged, and tell the scheme"
    return Case(KIND, subject, UNREADABLE, text, name)


async def _open(console: Console, case: Case) -> None:
    _log.warning("a call of a partner cannot be read", partner=case.partner, error=case.text)
    async with console.app.database.write() as connection:
        await suspense.open_cases(connection, [case], console.now())


ROUTES = [
    Open("/webhooks/mews/{token}", mews, methods=["POST"]),
    Open("/webhooks/{channel}/{partner}", partner, methods=["POST"]),
]
