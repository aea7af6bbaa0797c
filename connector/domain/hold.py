"""When the hold of a stay ends: the moment at which its award may be sent and its membership is judged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connector.domain.contract import Contract
from connector.domain.folio import Entry
from connector.domain.ruling import Ruling, suspended, waiting
from connector.domain.stays import Stay


def ends(stay: Stay, contract: Contract, counted: Sequence[Entry], now: datetime) -> datetime | Ruling:
    """Return when the hold ended, or why it has not; ``counted`` are the items that count for some rule.

    Without a hold it ends at first sight, which is ``now``. Items of no value stay Inactive for ever, so a
    folio of nothing else is settled at check-out; one without any counting item only after the timeout.
    """
    if contract.hold.kind == "none":
        return now
    if contract.hold.kind == "after":
        return _reached(stay.reservation.departed_at + contract.hold.wait, now, "hold", "the hold has not passed")
    return _settled(stay, contract, counted, now)


def _settled(stay: Stay, contract: Contract, counted: Sequence[Entry], now: datetime) -> datetime | Ruling:
    timeout = stay.reservation.departed_at + contract.settle_timeout
    still_open = sum(entry.item.state == "Open" for entry in counted)
    if still_open and now >= timeout:
        return suspended("open_bill", f"open bill: {still_open} counting items are still open")
    if still_open:
        return waiting("open_bill", f"{still_open} counting items are still open", timeout)
    if not counted:
        return _reached(timeout, now, "no_charges", "no charge that counts is known yet")
    closings = [entry.item.closed or entry.item.updated for entry in counted if entry.item.state == "Closed"]
    end = max([stay.reservation.departed_at, *closings]) + stay.property.editable
    return _reached(end, now, "editable", "the folio can still be changed")


def _reached(moment: datetime, now: datetime, reason: str, text: str) -> datetime | Ruling:
    return moment if now >= moment else waiting(reason, f"{text}; it ends at {moment:%Y-%m-%d %H:%M} UTC", moment)
