"""Dates as the hotel counts them: property-local, a business day ending at its closing offset."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from connector.domain.ruling import Suspense
from connector.domain.stays import Property, Reservation
from connector.errors import Skippable

_DURATION = re.compile(
    r"(?P<sign>-?)P(?=\d|T\d)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?",
    re.ASCII,
)
_LONGEST_MONTH = 31
_LONGEST_YEAR = 366


def duration(text: str) -> timedelta:
    """Read an ISO-8601 duration as Mews writes it (P0M7DT0H0M0S); raise Skippable when it is none.

    A month is taken for 31 days and a year for 366: intervals here say how long a folio may still change, and
    waiting a day too long is harmless where a day too short is not.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise Skippable(f"{text[:40]!r} is no ISO-8601 duration such as P0M7DT0H0M0S")
    part = {name: float(value or 0) for name, value in match.groupdict().items() if name != "sign"}
    days = part["years"] * _LONGEST_YEAR + part["months"] * _LONGEST_MONTH + part["weeks"] * 7 + part["days"]
    try:
        length = timedelta(days, part["seconds"], minutes=part["minutes"], hours=part["hours"])
    except OverflowError:
        raise Skippable("an ISO-8601 duration is longer than any calendar") from None
    return -length if match["sign"] else length


def business_date(moment: datetime, place: Property) -> date:
    """Return the property's business day of a moment: the wall clock's date, less the closing offset."""
    try:
        zone = ZoneInfo(place.time_zone)
    except (KeyError, ValueError, OSError):
        text = f"property {place.table}: {place.time_zone[:40]!r} is no IANA time zone"
        raise Suspense("unknown_time_zone", text) from None
    return (moment.astimezone(zone).replace(tzinfo=None) - place.day_offset).date()


def booked(reservation: Reservation, place: Property) -> date:
    """Return the business day on which the reservation was made."""
    return business_date(reservation.created, place)


def arrival(reservation: Reservation, place: Property) -> date:
    """Return the first night, that of the scheduled start; of a day use, its day."""
    return business_date(reservation.scheduled_start, place)


def departure(reservation: Reservation, place: Property) -> date:
    """Return the business day of check-out."""
    return business_date(reservation.departed_at, place)


def day_left(reservation: Reservation, place: Property) -> date:
    """Return the business day of check-out; the UTC day at a property in a time zone that nobody knows."""
    try:
        return departure(reservation, place)
    except Suspense:
        return reservation.departed_at.date()


def nights(reservation: Reservation, place: Property) -> int:
    """Return the nights from the scheduled start to the earlier of scheduled and actual end; 0: a day use."""
    end = min(reservation.scheduled_end, reservation.departed_at)
    return max(0, (business_date(end, place) - arrival(reservation, place)).days)
