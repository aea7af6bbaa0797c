"""Amounts as Mews shows them: net, gross and the taxes between."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from .properties import Property

CENT = Decimal("0.01")


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


@lru_cache(maxsize=4096)
def taxed(place: Property, price: Decimal) -> dict[str, Any]:
    """The amount of a price: gross prices hold their taxes, to net prices they are added.

    Remembered, since the nights of a stay cost the same: what is returned is shared and must not be changed.
    """
    if place.pricing == "Gross":
        ((code, rate),) = place.taxes
        net = cents(price / (1 + rate))
        return _amount(place, net, [(code, price - net)])
    return _amount(place, price, [(code, cents(price * rate)) for code, rate in place.taxes])


@lru_cache(maxsize=256)
def untaxed(place: Property, price: Decimal) -> dict[str, Any]:
    """The amount of a price that bears no tax, such as a city tax; remembered and shared too."""
    return _amount(place, price, [])


def _amount(place: Property, net: Decimal, taxes: list[tuple[str, Decimal]]) -> dict[str, Any]:
    gross = net + sum((value for _, value in taxes), Decimal())
    items = [{"TaxRateCode": code, "NetValue": float(net), "TaxValue": float(value)} for code, value in taxes]
    return {
        "Currency": place.currency,
        "NetValue": float(net),
        "GrossValue": float(gross),
        "TaxValues": [{"Code": code, "Value": float(value)} for code, value in taxes],
        "Breakdown": {"Items": items or [{"NetValue": float(net), "TaxValue": 0.0}]},
    }
