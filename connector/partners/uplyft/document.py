"""The one crediting operation, ``createEvent``, in both forms that are published.

The developer pages put card number and miles into a ``transaction`` argument; the Miles & More guide writes them, and
the App ID, as arguments of their own. Type names of the input objects are not published, so every value stands in the
document as a literal and none is a variable.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Literal

from connector.domain.awards import Credit
from connector.errors import Skippable


@dataclass(frozen=True, slots=True)
class Form:
    """How the document is written where the publications leave it open.

    ``wallet``: card number plain or in the printed 4-4-4-3 groups; ``amount``: business value whole or with
    decimals; ``unique_id``: whether the key is sent, which makes a repeated send harmless.
    """

    signature: Literal["transaction", "flat"] = "transaction"
    wallet: Literal["plain", "grouped"] = "plain"
    amount: Literal["int", "decimal"] = "int"
    unique_id: bool = True


def document(credit: Credit, form: Form, app_id: str) -> str:
    """Return the mutation of a credit; raises Skippable for what cannot be written."""
    reward = f"walletAddress: {_text(_wallet(credit, form))}, baselineReward: {_reward(credit)}"
    arguments = [
        f"businessValue: {{amount: {_amount(credit, form)}, currency: {_currency(credit)}}}",
        "action: purchase",
        f"objects: [{{id: {_text(credit.reservation_number)}, type: product, name: {_text(_name(credit))}}}]",
    ]
    if form.signature == "transaction":
        arguments.append(f"transaction: {{{reward}}}")
    else:
        arguments = [f"appId: {_text(app_id)}", reward, *arguments]
    if form.unique_id:
        arguments.append(f"uniqueId: {_text(str(credit.key))}")
    return f"mutation {{ createEvent({', '.join(arguments)}) }}"


def _reward(credit: Credit) -> str:
    return f"{{amount: {credit.miles}, currency: milesandmore}}"


def _amount(credit: Credit, form: Form) -> str:
    if form.amount == "int":
        return format(credit.value_gross.quantize(Decimal(1), ROUND_DOWN), "f")
    return format(credit.value_gross.quantize(Decimal("0.01"), ROUND_HALF_UP), "f")


def _currency(credit: Credit) -> str:
    """Write the currency as the enum literal of the examples: its code in lower case, without quotes."""
    if not re.fullmatch("[A-Za-z]{3}", credit.currency):
        raise Skippable(f"currency {credit.currency!r} cannot be written; expected a code of three letters")
    return credit.currency.lower()


def _wallet(credit: Credit, form: Form) -> str:
    number = credit.member_number
    if form.wallet == "plain":
        return number
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _name(credit: Credit) -> str:
    return credit.description or "Stay"


def _text(value: str) -> str:
    # JSON's escapes are a subset of GraphQL's
    return json.dumps(value, ensure_ascii=True)
