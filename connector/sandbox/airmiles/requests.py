"""What an issuance request must look like; fields that may exist beyond the visible documentation pass."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

_TAXES = ("basketGSTAmount", "basketHSTAmount", "basketPSTAmount", "basketQSTAmount")
Body = Mapping[str, Any]


class Refused(Exception):
    """The request is answered with HTTP 400 and this sentence."""


@dataclass(frozen=True)
class Sponsor:
    """The partner whose contract this is: its offer and location codes, both agreed with AIR MILES.

    ``inactive`` are Collectors whose history is not shown, because their account is not active.
    """

    code: str = "SBOX"
    offers: frozenset[str] = frozenset({"STANDARD", "STANDAR2"})
    locations: frozenset[str] = frozenset({"0037", "1100"})
    inactive: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Issuance:
    """A checked request: ``miles`` is the positive sum of its issuances, ``at`` the time that it states."""

    collector: str
    reference: str
    at: str | None
    miles: int
    parts: Sequence[Body]


def checked(operation: str, content: bytes, sponsor: Sponsor) -> Issuance:
    """The request of ``post``, ``reverse``, their ``/event`` forms or ``record``; raises ``Refused``."""
    body = _parsed(content)
    reference = "clientTransactionId" if operation.endswith("/event") else "checkoutTransactionId"
    if operation.endswith("/event"):
        _text(body, reference)
    else:
        _basket(body)
    parts = body.get("issuances") or []
    _expect(isinstance(parts, list), "issuances: expected a list")
    _expect(bool(parts) or operation == "record", "issuances: expected at least one")
    reverse = operation.startswith("reverse")
    miles = sum(_part(part, body, sponsor, reverse) for part in parts)
    collector = _collector(body, required=operation != "record")
    return Issuance(collector, str(body.get(reference, "")), _moment(body), miles, parts)


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content, parse_float=Decimal)
    except ValueError:
        raise Refused("the body is not JSON") from None
    _expect(isinstance(body, dict), "expected a JSON object")
    return dict(body)


def _collector(body: Body, *, required: bool) -> str:
    number = body.get("collectorNumber")
    if number is None and not required:
        return ""
    good = isinstance(number, str) and re.fullmatch(r"8[0-9]{10}", number)
    _expect(bool(good), "collectorNumber: expected 11 digits that begin with 8")
    return str(number)


def _moment(body: Body) -> str | None:
    moment = body.get("checkoutDateTime")
    if moment is None:
        return None
    shaped = isinstance(moment, str) and re.fullmatch(r"[\d-]{10}T[\d:]{8}\.\d{3}Z", moment)
    expected = "checkoutDateTime: expected a time in UTC such as 2019-05-30T14:12:59.479Z"
    _expect(bool(shaped) and _is_date(moment), expected)
    return str(moment)


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _basket(body: Body) -> None:
    """The sums that hold in every published sample: items make the pre-tax amount, taxes the difference."""
    pre, post = _amount(body, "basketPreTaxAmount"), _amount(body, "basketPostTaxAmount")
    taxes = sum(_amount(body, tax) for tax in _TAXES if body.get(tax) is not None)
    _expect(pre + taxes == post, "basketPostTaxAmount: expected basketPreTaxAmount and the taxes")
    if body.get("items") is not None:
        _expect(_sum_of(body["items"]) == pre, "basketPreTaxAmount: expected the sum of items[].finalAmount")


def _sum_of(items: Any) -> Decimal:
    objects = isinstance(items, list) and all(isinstance(item, dict) for item in items)
    _expect(objects, "items: expected a list of objects")
    return sum((_amount(item, "finalAmount") for item in items), Decimal(0))


def _part(part: Any, body: Body, sponsor: Sponsor, reverse: bool) -> int:
    """Miles of one issuance, without sign: that of a reversal is not published, so both are taken."""
    _expect(isinstance(part, dict), "issuances[]: expected an object")
    _expect(part.get("issuanceOfferCode") in sponsor.offers, "issuanceOfferCode: unknown offer code")
    _expect(part.get("locationCode") in sponsor.locations, "locationCode: unknown location code")
    _expect(isinstance(part.get("offerId"), str | int | None), "offerId: expected a string or a number")
    _contributing(part, body)
    miles = part.get("milesAmount")
    whole = type(miles) is int and (miles > 0 or (reverse and miles < 0))
    _expect(whole, "milesAmount: expected a positive whole number")
    return abs(int(miles))


def _contributing(part: Body, body: Body) -> None:
    known = {item.get("id") for item in body.get("items") or []}
    unknown = set(part.get("contributingItemIds") or []) - known
    _expect(not unknown, "contributingItemIds: expected identifiers from items[].id")


def _amount(fields: Body, name: str) -> Decimal:
    value: Any = fields.get(name)
    _expect(type(value) in (int, Decimal), f"{name}: expected a number")
    return Decimal(value)


def _text(fields: Body, name: str) -> None:
    _expect(isinstance(fields.get(name), str) and fields[name] != "", f"{name}: expected a text")


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Refused(otherwise)
