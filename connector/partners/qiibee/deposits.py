"""What qiibee tells of miles that a member exchanged for points (its guide, "Webhooks"), read tolerantly.

The page names the fields. It does not say what a reversal looks like beside ``tx_hash_reverted``, nor how large or
exact amounts are: what can be told apart by its ``tx_hash`` is taken, with the fault that keeps it from being handed
over. Refusing it would lose it when qiibee gives up, after its thirteenth retry.
"""

from __future__ import annotations

import hmac
import json
import re
from base64 import b64encode
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from connector.domain.deposits import Deposit
from connector.errors import Skippable

_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", re.ASCII)
_LONGEST = 200  # characters of a member or a token
_DIGITS, _DECIMALS = 10, 18  # before and after the point


class Receiver:
    """Takes qiibee's calls, which bear the Basic credentials that were agreed with qiibee."""

    def __init__(self, user: str, password: str) -> None:
        self._credentials = b64encode(f"{user}:{password}".encode())

    def knows(self, authorization: str) -> bool:
        """Tell, in constant time, whether a call's Authorization header bears the credentials."""
        scheme, _, credentials = authorization.strip().partition(" ")
        right = hmac.compare_digest(credentials.strip().encode("utf-8", "replace"), self._credentials)
        return right and scheme.lower() == "basic"

    def read(self, content: bytes) -> Deposit:
        """Return what a call tells; raises Skippable for what nobody could tell apart from others."""
        fields = _object(content)
        reference = _hash(fields.get("tx_hash"))
        if not reference:
            raise Skippable("tx_hash is missing or no hash; expected at most 128 letters, digits and hyphens")
        points = _amount(fields.get("amount"))
        return Deposit(
            reference=reference,
            member=_line(fields.get("auth_id")),
            points=abs(points or Decimal(0)),
            token=_line(fields.get("token_symbol")) or _line(fields.get("token_name")),
            at=_moment(fields.get("timestamp")),
            reverts=_hash(fields.get("tx_hash_reverted")),
            fault=_fault(fields, points),
        )


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content, parse_float=Decimal, parse_constant=Decimal)
    except (ValueError, RecursionError, InvalidOperation):
        raise Skippable("the body is not JSON; expected a JSON object") from None
    if not isinstance(found, dict):
        raise Skippable("the body is no JSON object; expected one")
    return found


def _hash(value: object) -> str:
    return value if isinstance(value, str) and _REFERENCE.fullmatch(value) else ""


def _line(value: object) -> str:
    """Return a text of one line; empty for what is none."""
    return value if isinstance(value, str) and len(value) <= _LONGEST and value.isprintable() else ""


def _fault(fields: dict[str, Any], points: Decimal | None) -> str:
    kind, reverts = fields.get("transaction_type") or "credit", fields.get("tx_hash_reverted") or ""
    if not _line(fields.get("auth_id")):
        return "its auth_id is missing or no text of one line"
    if points is None:
        return "its amount is no plain number"
    if reverts and (not _hash(reverts) or reverts == fields["tx_hash"]):
        return "its tx_hash_reverted is not the hash of another one"
    if not reverts and (not isinstance(kind, str) or kind.lower() != "credit"):
        return "its transaction_type is not credit, and it names nothing that it takes back"
    if not points or (points < 0 and not reverts):
        return "its amount is not above zero"
    return ""


def _amount(value: object) -> Decimal | None:
    """Read a number, or a text that is one; None for what is neither, or has more digits than amounts have."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    try:
        amount = Decimal(value)
    except (InvalidOperation, ValueError):
        return None
    if not amount.is_finite() or len(amount.as_tuple().digits) > _DIGITS + _DECIMALS:
        return None
    if not amount:
        return Decimal(0)
    decimals = -int(amount.as_tuple().exponent)
    return amount.normalize() if amount.adjusted() < _DIGITS and decimals <= _DECIMALS else None


def _moment(value: object) -> datetime | None:
    """Read a moment; one that tells no zone is taken as UTC."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        if found is None:
            return None
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
