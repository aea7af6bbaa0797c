"""Exchanges of points for miles: what is taken, what it costs the brand, and when it shows in the list.

The brand is a light one: its users have no balance of points. Miles are paid from prepaid credits, one a mile.
"""

from __future__ import annotations

import json
import math
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from connector.sandbox.journal import CREDIT, Entry, Journal
from connector.sandbox.qiibee.requests import Refused
from connector.sandbox.qiibee.users import User, Users

BRAND_A, BRAND_B = "sandbox-points", "sandbox-miles"
_PROVIDER = "miles_and_more"
_MOST = 10**9


@dataclass(frozen=True)
class Trade:
    """How exchanges go; ``ValueError`` says what cannot be.

    ``rate`` is how many miles a point gives, ``prepaid`` the credits paid for (None: without end), ``processing`` the
    seconds until an exchange shows in the list; with ``pending`` it is there at once, with this status until then.
    """

    rate: str = "1"
    prepaid: int | None = None
    processing: float = 0.0
    pending: str = ""

    def __post_init__(self) -> None:
        """Refuse what no brand could agree on."""
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", self.rate) or not Fraction(self.rate):
            raise ValueError(f"rate: {self.rate!r}, expected a number above 0 such as 0.5")
        if (self.prepaid or 0) < 0 or self.processing < 0:
            raise ValueError("prepaid, processing: expected 0 or more")


class Desk:
    """The exchanges of a brand, each committed to the journal before it is answered.

    ``prepaid`` may be changed while it serves. An exchange of a user that comes before the one before shows counts as
    an overlap. ``clock`` gives seconds since 1970.
    """

    def __init__(self, journal: Journal, users: Users, trade: Trade, clock: Callable[[], float]) -> None:
        self.journal = journal
        self.prepaid = trade.prepaid
        self._users = users
        self._rate = Fraction(trade.rate)
        self._processing = timedelta(seconds=trade.processing)
        self._pending = trade.pending
        self._clock = clock

    def exchange(self, content: bytes) -> None:
        """Take one exchange; raises ``Refused``."""
        fields = _fields(content)
        user = self._users.find(str(fields.get("user_auth_id")))
        if user is None:
            raise Refused("user does not exist")
        points, rate = _points(fields), _rate(fields) or self._rate
        member, miles = _member(fields, user), math.floor(points * rate)
        if miles < 1:
            raise Refused("amount: gives no miles")
        if self.prepaid is not None and self.journal.totals()["miles"] + miles > self.prepaid:
            raise Refused("Insufficient credits")
        if any(not self._is_done(entry) for entry in self.journal.of_reference(user.auth_id)):
            self.journal.count("overlaps")
        detail = {"points": points, "rate": str(rate), "user_auth_id": user.auth_id}
        at = self._now().isoformat()
        self.journal.record(
            Entry(str(uuid.uuid4()), CREDIT, member, miles, at, user.auth_id, json.dumps(detail), "", 202)
        )

    def shown(self, auth_id: str) -> list[dict[str, Any]]:
        """The exchanges of a user that are shown, newest first, as one reading of their fields has them."""
        told = [(each, "done" if self._is_done(each) else self._pending) for each in self.journal.of_reference(auth_id)]
        return [_transaction(entry, status) for entry, status in reversed(told) if status]

    def _is_done(self, entry: Entry) -> bool:
        return datetime.fromisoformat(entry.at) + self._processing <= self._now()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def _fields(content: bytes) -> Mapping[str, Any]:
    try:
        fields = json.loads(content)["transaction"]
    except (ValueError, KeyError, TypeError):
        raise Refused("transaction: missing") from None
    if not isinstance(fields, dict) or fields.get("type") != "exchange":
        raise Refused("type: expected exchange")
    if fields.get("brandB_token_id") != BRAND_B or fields.get("brandA_token_id", BRAND_A) != BRAND_A:
        raise Refused("token does not exist")
    return fields


def _points(fields: Mapping[str, Any]) -> int:
    given = fields.get("amount")
    text = str(given) if type(given) is int or isinstance(given, str) else ""
    if not re.fullmatch("[0-9]{1,10}", text) or not 0 < int(text) <= _MOST:
        raise Refused("amount: expected a whole number above 0")
    return int(text)


def _rate(fields: Mapping[str, Any]) -> Fraction | None:
    given = fields.get("exchange_rate_override")
    if given is None:
        return None
    if type(given) not in (int, float) or given <= 0:
        raise Refused("exchange_rate_override: expected a number above 0")
    return Fraction(str(given))


def _member(fields: Mapping[str, Any], user: User) -> str:
    """The number for this call, else the saved one; the rule is not published, here it has fifteen digits."""
    number = str(fields.get("brandB_membership_number") or user.memberships.get(_PROVIDER, ""))
    if not re.fullmatch("[0-9]{15}", number):
        raise Refused("invalid membership number")
    return number


def _transaction(entry: Entry, status: str) -> dict[str, Any]:
    detail = json.loads(entry.detail)
    return {
        "id": entry.key,
        "type": "exchange",
        "user_auth_id": entry.reference,
        "amount": detail["points"],
        "received": entry.miles,
        "status": status,
        "timestamp": entry.at,
    }
