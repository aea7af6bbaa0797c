"""What an earn request must look like, by the table of fields on the service's page."""

from __future__ import annotations

import json
import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from connector.sandbox.journal import CREDIT, REVERSAL

_ACTIONS = {"C": CREDIT, "UC": REVERSAL}
_MOST_MILES = 999_999


class Refused(Exception):
    """The request is answered with HTTP 400 and this sentence."""


@dataclass(frozen=True)
class Earning:
    """A checked request; ``reference`` is the first value in additionalPartnerData, ``original`` an uncredit's."""

    card: str
    kind: str
    miles: int
    reference: str
    original: str
    fields: Mapping[str, Any]


def checked(content: bytes, today: date, original_field: str) -> Earning:
    """The request of a credit or uncredit; raises ``Refused``."""
    body = _parsed(content)
    _expect(_text_or_number(body.get("pid", 0), r"[0-9]{1,9}"), "pid: expected at most 9 digits")
    _expect(_text(body.get("cardNo"), r"[0-9]{9,15}"), "cardNo: expected 9 to 15 digits")
    _expect(body.get("action") in _ACTIONS, "action: expected C or UC")
    _expect(_text(body.get("property", "A"), r"[0-9A-Za-z]{1,6}"), "property: expected at most 6 letters and digits")
    miles = body.get("miles")
    _expect(type(miles) is int and 0 < miles <= _MOST_MILES, f"miles: expected 1 to {_MOST_MILES}")
    _activity(body.get("activityDate"), today)
    _expect(
        _text(body.get("transactionText"), r"[0-9A-Za-z ]{1,20}"), "transactionText: expected at most 20 characters"
    )
    further = body.get("additionalPartnerData", {})
    _expect(isinstance(further, dict), "additionalPartnerData: expected an object")
    reference = next((str(value) for value in further.values()), "")
    original = str(body.get(original_field, ""))
    return Earning(body["cardNo"], _ACTIONS[body["action"]], int(body["miles"]), reference, original, body)


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except ValueError:
        raise Refused("the body is not JSON") from None
    _expect(isinstance(body, dict), "expected a JSON object")
    return dict(body)


def _activity(value: Any, today: date) -> None:
    try:
        day = datetime.strptime(value, "%d.%m.%Y").date() if _text(value, r"[\d.]{10}") else None  # noqa: DTZ007
    except ValueError:
        day = None
    if day is None:
        raise Refused("activityDate: expected DD.MM.YYYY")
    _expect(day >= _oldest(today), "activityDate: more than 14 months past")
    _expect(day <= today + timedelta(days=2), "activityDate: more than 2 days ahead")


def _oldest(today: date) -> date:
    year, month = (today.year - 2, today.month + 10) if today.month <= 2 else (today.year - 1, today.month - 2)
    return date(year, month, min(today.day, monthrange(year, month)[1]))


def _text(value: Any, pattern: str) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII) is not None


def _text_or_number(value: Any, pattern: str) -> bool:
    return _text(str(value) if type(value) is int else value, pattern)


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Refused(otherwise)
