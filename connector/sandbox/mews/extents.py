"""Answers that are more than filtered records: what an ``Extent`` adds, amounts in another currency."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from connector.sandbox.mews.filters import among
from connector.sandbox.mews.records import text
from connector.sandbox.mews.refusals import Refused
from connector.sandbox.mews.state import State

Lists = dict[str, list[str]]

_AMOUNTS = ("Amount", "UnitAmount", "OriginalAmount")
_VALUES = frozenset({"NetValue", "GrossValue", "Value", "TaxValue"})


def _customers(state: State, bodies: list[str], body: Mapping[str, Any]) -> Lists:
    return {"Customers": bodies if body["Extent"].get("Customers") else []}


def _companionships(state: State, bodies: list[str], body: Mapping[str, Any]) -> Lists:
    extent, lists = body["Extent"], {"Companionships": bodies}
    if extent.get("Reservations"):
        raise Refused("The sandbox does not serve 'Extent.Reservations': ask reservations/getAll/2023-06-06.")
    records = [json.loads(found) for found in bodies]
    if extent.get("Customers"):
        lists["Customers"] = _named(state, {record["CustomerId"] for record in records})
    if extent.get("ReservationGroups"):
        groups = sorted({record["ReservationGroupId"] for record in records})
        lists["ReservationGroups"] = [text({"Id": group}) for group in groups]
    return lists


def _named(state: State, ids: set[str]) -> list[str]:
    return state.page("Customers", [among("Id", ids, narrow=True)], max(1, len(ids))).bodies


def _order_items(state: State, bodies: list[str], body: Mapping[str, Any]) -> Lists:
    if (currency := body.get("Currency")) is None:
        return {"OrderItems": bodies}
    items = [json.loads(found) for found in bodies]
    rates = _rates(state, currency)
    return {"OrderItems": [text(_converted(item, currency, rates)) for item in items]}


def _rates(state: State, currency: str) -> dict[tuple[str, str], Decimal]:
    rates = [record.body for record in state.every("ExchangeRates", [among("TargetCurrency", [currency])])]
    return {(rate["EnterpriseId"], rate["SourceCurrency"]): Decimal(str(rate["Value"])) for rate in rates}


def _converted(item: dict[str, Any], currency: str, rates: Mapping[tuple[str, str], Decimal]) -> dict[str, Any]:
    source = item["Amount"]["Currency"]
    if source == currency:
        return item
    if (rate := rates.get((item["EnterpriseId"], source))) is None:
        raise Refused(f"Invalid value of 'Currency': no exchange rate from {source} to {currency}.")
    return item | {name: _exchanged(item[name], rate) | {"Currency": currency} for name in _AMOUNTS}


def _exchanged(value: Any, rate: Decimal) -> Any:
    """Convert the money within an amount, to two decimals."""
    if isinstance(value, dict):
        return {
            name: float(round(Decimal(str(inner)) * rate, 2)) if name in _VALUES else _exchanged(inner, rate)
            for name, inner in value.items()
        }
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_exchanged(inner, rate) for inner in value]
    return value


EXTENTS: Mapping[str, Callable[[State, list[str], Mapping[str, Any]], Lists]] = {
    "customers/getAll": _customers,
    "companionships/getAll": _companionships,
    "orderItems/getAll": _order_items,
}
