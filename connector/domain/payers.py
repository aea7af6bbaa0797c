"""Who pays for a stay, and whether it is paid: by the bill of each item, not by the owner of the reservation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from connector.domain.contract import Contract
from connector.domain.folio import Entry, Why
from connector.domain.ruling import Ruling, excluded, suspended, waiting
from connector.domain.stays import OrderItem, Stay

LOOK_AGAIN = timedelta(days=1)  # it is not documented that a payment changes a bill's update time


def foreign(stay: Stay, contract: Contract) -> frozenset[str]:
    """Return the ids of the items that stand on a bill of anybody but the person who earns."""
    if contract.who_pays == "any":
        return frozenset()
    person = stay.holder.account_id
    others = {each.id for each in stay.bills.values() if not each.fault and each.account_id != person}
    return frozenset(item.id for item in stay.items if item.bill_id in others)


def judge(
    stay: Stay, contract: Contract, counted: Sequence[Entry], regardless: Sequence[Entry], now: datetime
) -> Ruling | None:
    """Ask the bills, once the hold has ended, whether what is ``counted`` may be awarded.

    ``regardless`` is what would count whoever paid. Bills that must be known or paid are waited for, and after the
    settle timeout a person is asked.
    """
    if not contract.asks_for_bills:
        return None
    items = _worth(counted)
    if not items and _worth(regardless):
        return excluded("paid_by_another", "whoever earns pays nothing of what would count")
    bills = [stay.bills.get(item.bill_id or "") for item in items]
    if faults := sorted({each.fault for each in bills if each is not None and each.fault}):
        return suspended("bill_unreadable", f"bills with counting items cannot be read: {'; '.join(faults)}")
    if unknown := bills.count(None):
        return _later(stay, contract, now, "bill_unknown", f"the bill of {unknown} counting items is not known")
    owed = {each.id for each in bills if each is not None and not each.is_paid}
    if contract.require_paid and owed:
        return _later(stay, contract, now, "unpaid_bill", f"{len(owed)} bills with counting items are not paid")
    return None


def _worth(entries: Sequence[Entry]) -> list[OrderItem]:
    """Return the items whose bill matters: a rebate follows the item that it lowers, and some are worth nothing."""
    return [each.item for each in entries if each.why is Why.LISTED and (each.item.gross or each.item.net)]


def _later(stay: Stay, contract: Contract, now: datetime, reason: str, text: str) -> Ruling:
    timeout = stay.reservation.departed_at + contract.settle_timeout
    return suspended(reason, text) if now >= timeout else waiting(reason, text, min(now + LOOK_AGAIN, timeout))
