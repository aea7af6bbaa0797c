"""The body of POST and REVERSE: a basket with an issuance for each offer code.

The arithmetic of the published samples is kept: items add up to the amount before tax, and that plus the taxes to
the amount after tax. Which Mews tax code is which Canadian tax is a setting: the API has a field for each of four.
"""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal

from connector.domain.awards import Credit
from connector.errors import Skippable
from connector.partners.airmiles.issuance import constants, device, identifier, issuances, written
from connector.partners.airmiles.terms import Tax, Terms

_CENT = Decimal("0.01")
_DOLLAR = Decimal(1)


def basket(credit: Credit, terms: Terms) -> bytes:
    """Return the exact bytes of an issuance or its reversal; raises Skippable for what cannot be written."""
    net, gross = _cents(credit.value_net), _cents(credit.value_gross)
    content = {
        **constants(credit, terms),
        **_taxes(credit, terms, gross - net),
        "basketPostTaxAmount": _number(gross),
        "basketPreTaxAmount": _number(net),
        "checkoutDateTime": written(credit.departed_at),
        "checkoutTransactionId": identifier(credit, terms),
        "collectorNumber": credit.member_number,
        "context": {"reservation": credit.reservation_number, "departure": credit.departure.isoformat()},
        **device(terms),
        "issuances": [
            {"contributingItemIds": [credit.reservation_number], **each} for each in issuances(credit, terms, "Stay")
        ],
        "items": [_item(credit, net)],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _item(credit: Credit, net: Decimal) -> dict[str, object]:
    return {
        "id": credit.reservation_number,
        "name": credit.description or "Stay",
        "number": 1,
        "quantity": 1,
        "baseAmount": _number(net),
        "finalAmount": _number(net),
    }


def _taxes(credit: Credit, terms: Terms, total: Decimal) -> dict[str, object]:
    """Return the basket's taxes; cents that rounding left over go to the largest."""
    sums: dict[Tax, Decimal] = {}
    for code, value in credit.taxes:
        if value:
            tax = _tax(code, terms)
            sums[tax] = sums.get(tax, Decimal(0)) + value
    rounded = _settled({tax: _cents(value) for tax, value in sums.items()}, total)
    return {f"basket{tax}Amount": _number(value) for tax, value in sorted(rounded.items())}


def _tax(code: str, terms: Terms) -> Tax:
    if not code:
        raise Skippable("a tax of the stay has no code; expected Mews to name each tax by one in tax_codes")
    if code not in terms.taxes:
        raise Skippable(f"tax code {code} is not mapped; expected it in tax_codes as GST, HST, PST or QST")
    return terms.taxes[code]


def _settled(taxes: dict[Tax, Decimal], total: Decimal) -> dict[Tax, Decimal]:
    left_over = total - sum(taxes.values(), Decimal(0))
    if not left_over:
        return taxes
    # rounding leaves cents over, never a dollar: that is a tax which nobody named
    if not taxes or abs(left_over) >= _DOLLAR:
        raise Skippable(f"{abs(left_over)} of the stay's tax has no tax code; expected the items to name all of it")
    largest = max(sorted(taxes), key=lambda tax: taxes[tax])
    return {**taxes, largest: taxes[largest] + left_over}


def _cents(value: Decimal) -> Decimal:
    return value.quantize(_CENT, ROUND_HALF_UP)


def _number(value: Decimal) -> float:
    # two decimals survive a JSON number unchanged
    return float(value)
