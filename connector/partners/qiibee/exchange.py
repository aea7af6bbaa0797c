"""The one request that gives miles: POST /transactions of the type ``exchange`` ("Points Exchange").

qiibee gives floor(points x rate) miles, so the points are chosen for exactly the miles of the award.
"""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

from connector.domain.awards import Credit
from connector.errors import Skippable
from connector.partners.qiibee.terms import Terms


def body(credit: Credit, terms: Terms, auth_id: str) -> bytes:
    """Write the exchange of a credit; raises Skippable when no number of points gives its miles."""
    points = points_for(credit.miles, terms.rate)
    transaction: dict[str, Any] = {
        "type": "exchange",
        "user_auth_id": auth_id,
        "amount": points if terms.amount == "int" else str(points),
        "brandB_token_id": terms.token_id(terms.brand_b_token),
        "brandB_membership_number": credit.member_number,
    }
    if terms.brand_a_field:
        transaction[terms.brand_a_field] = terms.token_id(terms.brand_a_token)
    if terms.send_rate:
        transaction["exchange_rate_override"] = _number(terms.rate)
    return json.dumps({"transaction": transaction}, separators=(",", ":")).encode()


def points_for(miles: int, rate: Decimal) -> int:
    """Return the least whole number of points of which the rate makes exactly so many miles.

    Above a rate of 1 some numbers of miles are made by none: raises Skippable.
    """
    each = Fraction(rate)
    points = -(-miles // each)
    if points * each // 1 != miles:
        raise Skippable(f"{miles} miles are no whole number of points at the exchange rate {rate}")
    return points


def _number(rate: Decimal) -> int | float:
    return int(rate) if rate == rate.to_integral_value() else float(rate)
