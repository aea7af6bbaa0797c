"""What ``createEvent`` does: checks, the duplicate check, and the journal."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo

from connector.sandbox.journal import CREDIT, Entry, Journal

APP_ID = "sandbox-app"
TEST_SECRET = "sandbox-test-secret"
PRODUCTION_SECRET = "sandbox-production-secret"
ACCESS_TOKEN = "sandbox-access-token"
MOST_MILES = 999_999

Arguments = Mapping[str, Any]


class Duplicate(StrEnum):
    """How a repeated ``uniqueId`` is answered; the documentation does not say which it is."""

    TRUE = "true"
    FALSE = "false"
    ERROR = "error"


@dataclass(frozen=True)
class Caller:
    """Who signed the call; with the test secret nothing is credited."""

    app_id: str
    production: bool


def caller(app_id: str, secret: str) -> Caller | None:
    """The caller with these credentials, if they are good."""
    if app_id != APP_ID or secret not in (TEST_SECRET, PRODUCTION_SECRET):
        return None
    return Caller(app_id, production=secret == PRODUCTION_SECRET)


def holder(token: str) -> Caller | None:
    """Who holds this access token: how one is obtained is not published, so there is one, of production."""
    return Caller(APP_ID, production=True) if token == ACCESS_TOKEN else None


def now() -> str:
    """This moment in UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Events:
    """Root value of the mutation: one ``createEvent`` of either form."""

    def __init__(self, journal: Journal, duplicate: Duplicate, clock: Callable[[], str] = now) -> None:
        self._journal = journal
        self._duplicate = duplicate
        self._clock = clock

    def createEvent(self, info: GraphQLResolveInfo[Caller], **arguments: Any) -> bool:  # noqa: N802 - the field's name
        """Book the event once; raises ``GraphQLError`` for one that cannot be booked."""
        signed = info.context
        if arguments.get("appId") not in (None, signed.app_id):
            raise GraphQLError("appId does not belong to these credentials")
        entry = self._entry(signed, arguments)
        if self._journal.find(entry.key):
            return self._repeated()
        self._journal.record(entry)
        return True

    def _entry(self, signed: Caller, arguments: Arguments) -> Entry:
        reward = _reward(arguments)
        kind = "analytics" if reward is None else CREDIT if signed.production else "test"
        unique = arguments.get("uniqueId") or str(uuid.uuid4())
        wallet, miles = reward or ("", 0)
        return Entry(
            key=unique if signed.production else f"test/{unique}",
            kind=kind,
            member=wallet,
            miles=miles if kind == CREDIT else 0,
            at=self._clock(),
            reference=_first_object(arguments),
            detail=json.dumps({"businessValue": arguments["businessValue"], "action": arguments["action"]}),
        )

    def _repeated(self) -> bool:
        self._journal.count("duplicates_answered")
        if self._duplicate is Duplicate.ERROR:
            raise GraphQLError("an event with this uniqueId was processed before")
        return self._duplicate is Duplicate.TRUE


def _reward(arguments: Arguments) -> tuple[str, int] | None:
    """Card number without blanks and miles, of whichever form was used; None books nothing."""
    given = [part for part in (arguments.get("transaction"), _flat(arguments)) if part]
    if not given:
        return None
    if len(given) > 1:
        raise GraphQLError("expected transaction, or walletAddress with baselineReward, not both")
    return _wallet(given[0]["walletAddress"]), _miles(given[0]["baselineReward"]["amount"])


def _flat(arguments: Arguments) -> Arguments:
    names = ("walletAddress", "baselineReward")
    flat = {name: arguments[name] for name in names if arguments.get(name) is not None}
    if len(flat) == 1:
        raise GraphQLError("expected walletAddress and baselineReward together")
    return flat


def _wallet(address: str) -> str:
    number = address.replace(" ", "")
    if not re.fullmatch(r"[0-9]{15}", number):
        raise GraphQLError("walletAddress is not a card number of 15 digits")
    return number


def _miles(amount: int) -> int:
    if not 0 < amount <= MOST_MILES:
        raise GraphQLError(f"baselineReward.amount is not between 1 and {MOST_MILES}")
    return amount


def _first_object(arguments: Arguments) -> str:
    return next((thing["id"] for thing in arguments["objects"] if thing and thing.get("id")), "")
