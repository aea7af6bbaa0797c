"""The one crediting operation, ``createEvent``, in both forms that are published, or as the settings write it.

The developer pages put card number and miles into a ``transaction`` argument; the Miles & More guide writes them, and
the App ID, as arguments of their own. Type names of the input objects are not published, so every value stands in the
document as a literal and none is a GraphQL variable: what looks like one is a place that is filled here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Literal

from connector.domain.awards import Credit
from connector.errors import Skippable

Signature = Literal["transaction", "flat"]
_EVENT = (
    "businessValue: {amount: $amount, currency: $currency}, "
    "action: purchase, "
    "objects: [{id: $reservation, type: product, name: $name}]"
)
_REWARD = "walletAddress: $wallet, baselineReward: {amount: $miles, currency: milesandmore}"
_SIGNATURES: Mapping[Signature, str] = {
    "transaction": f"{_EVENT}, transaction: {{{_REWARD}}}",
    "flat": f"appId: $app_id, {_REWARD}, {_EVENT}",
}
PLACE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Form:
    """How the document is written where the publications leave it open.

    ``wallet``: card number plain or in the printed 4-4-4-3 groups; ``amount``: business value whole or with
    decimals; ``unique_id``: whether the key is sent, which makes a repeated send harmless. ``document``: the whole
    mutation with the places of ``PLACES``, instead of a published form.
    """

    signature: Signature = "transaction"
    wallet: Literal["plain", "grouped"] = "plain"
    amount: Literal["int", "decimal"] = "int"
    unique_id: bool = True
    document: str = ""


def template(form: Form) -> str:
    """Return the mutation with places for its values."""
    if form.document:
        return form.document
    unique = ", uniqueId: $unique_id" if form.unique_id else ""
    return f"mutation {{ createEvent({_SIGNATURES[form.signature]}{unique}) }}"


def document(credit: Credit, form: Form, app_id: str) -> str:
    """Return the mutation of a credit; raises Skippable for what cannot be written."""
    return PLACE.sub(lambda place: PLACES[place[1]](credit, form, app_id), template(form))


def _amount(credit: Credit, form: Form, _: str) -> str:
    if form.amount == "int":
        return format(credit.value_gross.quantize(Decimal(1), ROUND_DOWN), "f")
    return format(credit.value_gross.quantize(Decimal("0.01"), ROUND_HALF_UP), "f")


def _currency(credit: Credit, form: Form, _: str) -> str:
    """Write the currency as the enum literal of the examples: its code in lower case, without quotes."""
    if not re.fullmatch("[A-Za-z]{3}", credit.currency):
        raise Skippable(f"currency {credit.currency!r} cannot be written; expected a code of three letters")
    return credit.currency.lower()


def _wallet(credit: Credit, form: Form, _: str) -> str:
    number = credit.member_number
    if form.wallet == "plain":
        return _text(number)
    return _text(" ".join(number[start : start + 4] for start in range(0, len(number), 4)))


def _text(value: str) -> str:
    # JSON's escapes are a subset of GraphQL's
    return json.dumps(value, ensure_ascii=True)


PLACES: Mapping[str, Callable[[Credit, Form, str], str]] = {
    "amount": _amount,
    "app_id": lambda credit, form, app_id: _text(app_id),
    "currency": _currency,
    "currency_text": lambda credit, form, app_id: _text(credit.currency),
    "departure": lambda credit, form, app_id: _text(credit.departure.isoformat()),
    "miles": lambda credit, form, app_id: str(credit.miles),
    "name": lambda credit, form, app_id: _text(credit.description or "Stay"),
    "reservation": lambda credit, form, app_id: _text(credit.reservation_number),
    "unique_id": lambda credit, form, app_id: _text(str(credit.key)),
    "wallet": _wallet,
}
"""What writes each place's value as a GraphQL literal, quoted and escaped."""
