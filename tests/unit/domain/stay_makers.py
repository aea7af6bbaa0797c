"""A plain stay of two nights in Vienna and a plain contract; tests change what they are about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from connector.domain.contract import Contract, Hold
from connector.domain.rules import Rule
from connector.domain.stays import Holder, Membership, OrderItem, Property, Reservation, Stay

MEMBER = "992003669288601"  # the Lufthansa documentation's sample
COLLECTOR = "80085102028"  # the AIR MILES documentation's sample
ARRIVAL = datetime(2026, 12, 10, 14, tzinfo=UTC)
CHECK_OUT = datetime(2026, 12, 12, 10, tzinfo=UTC)
NOW = CHECK_OUT + timedelta(days=20)

VIENNA = Property(
    id="p-1",
    name="Alpenglow Wien",
    table="wien",
    time_zone="Europe/Vienna",
    currency="EUR",
    editable=timedelta(days=7),
)


def reservation(**changes: Any) -> Reservation:
    facts: dict[str, Any] = {
        "id": "r-1",
        "number": "4711",
        "property_id": "p-1",
        "service_id": "s-1",
        "state": "Processed",
        "account_id": "a-1",
        "account_type": "Customer",
        "scheduled_start": ARRIVAL,
        "scheduled_end": CHECK_OUT,
        "actual_end": CHECK_OUT,
        "created": ARRIVAL,
        "updated": CHECK_OUT,
    }
    return Reservation(**(facts | changes))


def item(identity: str = "i-1", gross: str = "100.00", **changes: Any) -> OrderItem:
    facts: dict[str, Any] = {
        "reservation_id": "r-1",
        "type": "SpaceOrder",
        "state": "Closed",
        "currency": "EUR",
        "net": Decimal(gross) * Decimal("0.9"),
        "gross": Decimal(gross),
        "updated": CHECK_OUT,
        "closed": CHECK_OUT,
    }
    return OrderItem(id=identity, **(facts | changes))


def rebate(identity: str, of: str, gross: str = "-10.00", **changes: Any) -> OrderItem:
    return item(identity, gross, **({"type": "NightRebate", "lowers_id": of} | changes))


def membership(**changes: Any) -> Membership:
    facts: dict[str, Any] = {
        "id": "m-1",
        "program_code": "MM",
        "number": MEMBER,
        "state": "Enrolled",
        "is_primary": True,
    }
    return Membership(**(facts | changes))


def stay(*items: OrderItem, **changes: Any) -> Stay:
    facts: dict[str, Any] = {
        "reservation": reservation(),
        "items": items or (item(),),
        "property": VIENNA,
        "holder": Holder("a-1"),
        "memberships": (membership(),),
    }
    return Stay(**(facts | changes))


def rule(**changes: Any) -> Rule:
    facts: dict[str, Any] = {"name": "base", "basis": "spend", "miles": Decimal(1), "currency": "EUR"}
    return Rule(**(facts | changes))


def contract(*rules: Rule, **changes: Any) -> Contract:
    facts: dict[str, Any] = {
        "name": "miles_and_more",
        "program_code": "MM",
        "number_scheme": "miles_and_more",
        "rules": rules or (rule(),),
        "hold": Hold("none"),
        "start": date(2026, 12, 1),
        "competing": frozenset({"MM", "AM"}),
    }
    return Contract(**(facts | changes))
