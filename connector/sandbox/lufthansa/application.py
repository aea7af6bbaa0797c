"""The Earn service simulator: token endpoint and earn path on one host.

Published are the fields of a request and the token call. The earn path, the answer and how a repeat is treated are
not: here a repeat is a further transaction, as it may be there, and an answer holds a transaction id.
"""

from __future__ import annotations

import json
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connector.sandbox.bearer import Tokens
from connector.sandbox.controls import application
from connector.sandbox.journal import CREDIT, REVERSAL, Entry, Journal
from connector.sandbox.lufthansa.requests import Earning, Refused, checked

CLIENT_ID = "sandbox-earn-client"
CLIENT_SECRET = "sandbox-earn-secret"
TOKEN_PATH = "/v1/partners/oauth/token"
PROFILES = "/v1/profiles"
EARN = "earn"
ORIGINAL = "transactionId"
_NAMES = {TOKEN_PATH: "token", f"{PROFILES}/{EARN}": EARN}


def operation_of(path: str) -> str:
    """The operation's name in fault plan and statistics: ``token`` or ``earn``."""
    return _NAMES.get(path, path)


def create_app(
    state_path: Path,
    *,
    accept: int = 200,
    uncredit: str = "free",
    answers: str = "transaction",
    token_lifetime: int = 3600,
    clock: Callable[[], float] = time.time,
) -> Starlette:
    """The server, its journal in the file ``state_path``; the journal is ``app.state.journal``.

    ``accept`` is the status of a success. ``uncredit``: ``free``, or ``transaction`` when it must name the transaction
    of its credit. ``answers``: with the id of the ``transaction``, or ``empty``. ``token_lifetime`` is in seconds,
    ``clock`` gives seconds since 1970.
    """
    journal = Journal(state_path)
    tokens = Tokens(CLIENT_ID, CLIENT_SECRET, token_lifetime, clock)
    desk = Desk(journal, accept, uncredit == "transaction", answers == "empty", tokens, clock)
    return application(journal, desk.calls, desk.routes())


@dataclass
class Desk:
    """The endpoints; ``calls`` counts the calls of each operation."""

    journal: Journal
    accept: int
    named: bool
    silent: bool
    tokens: Tokens
    clock: Callable[[], float]
    calls: Counter[str] = field(default_factory=Counter)

    def routes(self) -> list[Route]:
        """Every path that the simulator serves."""
        return [
            Route(TOKEN_PATH, self._token, methods=["POST"]),
            Route(f"{PROFILES}/{EARN}", self._earn, methods=["POST"]),
        ]

    async def _token(self, request: Request) -> Response:
        self.calls["token"] += 1
        return await self.tokens.answer(request)

    async def _earn(self, request: Request) -> Response:
        self.calls[EARN] += 1
        if not self.tokens.accepts(request.headers.get("authorization", "")):
            return JSONResponse({"errors": [{"message": "no valid Bearer token"}]}, 401)
        now = datetime.fromtimestamp(self.clock(), UTC)
        try:
            transaction = self._done(checked(await request.body(), now.date(), ORIGINAL), now)
        except Refused as refusal:
            return JSONResponse({"errors": [{"message": str(refusal)}]}, 400)
        return Response(status_code=self.accept) if self.silent else JSONResponse({ORIGINAL: transaction}, self.accept)

    def _done(self, earning: Earning, now: datetime) -> str:
        """Book it and return its transaction id; a request that came before is booked once more."""
        if earning.kind == REVERSAL:
            self._takes_back(earning)
        transaction = str(uuid.uuid4())
        entry = Entry(
            key=self._key(earning.reference or transaction),
            kind=earning.kind,
            member=earning.card,
            miles=earning.miles if earning.kind == CREDIT else -earning.miles,
            at=now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            reference=transaction,
            detail=json.dumps(dict(earning.fields)),
        )
        self.journal.record(entry)
        return transaction

    def _takes_back(self, earning: Earning) -> None:
        credited = {each.reference: each.miles for each in self.journal.of_member(earning.card) if each.miles > 0}
        if self.named and credited.get(earning.original) != earning.miles:
            raise Refused(f"{ORIGINAL}: expected the transaction of a credit of these miles")
        if earning.miles > self.journal.balance(earning.card):
            raise Refused("miles: more than was credited to this card")

    def _key(self, reference: str) -> str:
        """The reference itself; of a repeated one with the number of its repeat."""
        key, number = reference, 1
        while self.journal.find(key):
            number += 1
            key = f"{reference}/{number}"
        return key
