"""The body of an earn request, field by field as the page of the Earn service lists them.

The limits of the fields are its own: miles from 1 to 999,999, an activity date at most 14 months past and 2 days
ahead, a statement text of 20 characters. Whether an uncredit names the transaction that it takes back is not published
(the Spend service's does), so ``uncredit_reference`` says in which field, if any.
"""

from __future__ import annotations

import json
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from connector.domain.awards import Credit, Kind
from connector.errors import Skippable
from connector.partners.lufthansa.statement import statement

OLDEST_MONTHS = 14
_AHEAD = timedelta(days=2)
_MOST_MILES = 999_999
_TRANSACTION = "transactionId"  # as the pages of Earn and Spend call it
_ACTIONS = {Kind.CREDIT: "C", Kind.REVERSAL: "UC"}
PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 "


@dataclass(frozen=True, slots=True)
class Terms:
    """What the partner contract fixes, and how the request is written where the publication leaves it open.

    ``path`` is relative to the endpoint. ``promotion`` goes into ``property`` ("": not sent); ``characters`` may stand
    in the statement text. ``reference_field`` is the name in additionalPartnerData that holds our key,
    ``uncredit_reference`` the field in which an uncredit names its credit; "": not sent. ``transaction_field`` is what
    an answer calls the transaction id that it must have ("": none must). An answer is a success if ``success_field``
    has one of ``success_values`` ("": if it tells of no error).
    """

    path: str
    pid: str = "0"
    pid_format: Literal["number", "text"] = "number"
    promotion: str = ""
    characters: str = field(default=PLAIN, repr=False)
    reference_field: str = ""
    transaction_field: str = ""
    success_field: str = ""
    success_values: tuple[str, ...] = ()
    uncredit_reference: str = ""

    @property
    def transaction(self) -> str:
        """Return what a transaction id is called, as far as that is known."""
        return self.transaction_field or _TRANSACTION


def body(credit: Credit, terms: Terms, today: date) -> bytes:
    """Return the exact bytes of a credit or uncredit; raises Skippable for what cannot be written on this day.

    The day decides only whether they may be written, never what they are.
    """
    if not 0 < credit.miles <= _MOST_MILES:
        raise Skippable(f"{credit.miles} miles cannot be sent at once; expected 1 to {_MOST_MILES}")
    content = {
        "pid": int(terms.pid) if terms.pid_format == "number" else terms.pid,
        "cardNo": credit.member_number,
        "action": _ACTIONS[credit.kind],
        **({"property": terms.promotion} if terms.promotion else {}),
        "miles": credit.miles,
        "activityDate": _activity(credit.departure, today),
        "transactionText": _text(credit, terms),
        **({"additionalPartnerData": {terms.reference_field: str(credit.key)}} if terms.reference_field else {}),
        **_original(credit, terms),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def earliest(today: date) -> date:
    """Return the oldest activity date that is taken: the day 14 months before, or the last of that month."""
    year, month = divmod(today.year * 12 + today.month - 1 - OLDEST_MONTHS, 12)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))


def _activity(day: date, today: date) -> str:
    if day < earliest(today):
        raise Skippable(
            f"the stay ended on {day}, more than {OLDEST_MONTHS} months ago; the partner takes nothing older than "
            f"{earliest(today)}, agree with it on these miles"
        )
    if day > today + _AHEAD:
        raise Skippable(f"the stay ends on {day}; the partner takes nothing later than {today + _AHEAD}")
    return f"{day:%d.%m.%Y}"


def _text(credit: Credit, terms: Terms) -> str:
    text = statement(credit.description, terms.characters) or statement("Stay", terms.characters)
    if not text:
        raise Skippable("the statement text cannot be written; expected letters in statement_characters")
    return text


def _original(credit: Credit, terms: Terms) -> dict[str, str]:
    if credit.kind is Kind.CREDIT or not terms.uncredit_reference:
        return {}
    if credit.original is None:
        raise Skippable(
            "an uncredit names the partner's transaction (uncredit_reference), and the answer to this credit held "
            f"none in {terms.transaction!r}; have the partner take these miles back"
        )
    return {terms.uncredit_reference: credit.original}
