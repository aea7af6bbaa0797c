"""Companionships: which guests come along on a reservation (Connector API: companionships/getAll)."""

from __future__ import annotations

from connector.mews.payloads.records import Record, optional_text, text


def companionship(record: Record) -> tuple[str | None, str]:
    """Return (reservation id, customer id); a companionship of a whole group names no reservation."""
    return optional_text(record, "ReservationId"), text(record, "CustomerId")
