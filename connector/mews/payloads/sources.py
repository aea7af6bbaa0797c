"""Where a reservation came from (Connector API: sourceAssignments/getAll/2024-09-20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connector.mews.payloads.records import Record, flag, moment, text


@dataclass(frozen=True, slots=True)
class Assignment:
    """One of the sources of a reservation; one is meant to be primary."""

    reservation_id: str
    source_id: str
    primary: bool
    updated: datetime


def assignment(record: Record) -> Assignment:
    """Read an assignment."""
    return Assignment(
        reservation_id=text(record, "ReservationId"),
        source_id=text(record, "SourceId"),
        primary=flag(record, "IsPrimary"),
        updated=moment(record, "UpdatedUtc"),
    )
