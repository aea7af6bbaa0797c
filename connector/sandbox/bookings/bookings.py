"""The published bookings, as rows that know their dates.

The format is one line a booking, comma separated, with a header; plain or gzipped. The columns read here are
``COLUMNS``; others may stand beside them. ``adr`` is the average daily rate in euros.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from sys import intern

COLUMNS = (
    "booking",
    "arrival",
    "nights",
    "lead_time",
    "adults",
    "children",
    "babies",
    "meal",
    "country",
    "market_segment",
    "distribution_channel",
    "repeated_guest",
    "reserved_room_type",
    "deposit_type",
    "agent",
    "company",
    "customer_type",
    "adr",
    "status",
    "status_date",
)
STATUSES = ("Check-Out", "Canceled", "No-Show")
EXTRACT = Path(__file__).with_name("extract.csv.gz")


class BookingError(ValueError):
    """The file of bookings cannot be used; the message is one sentence: where, what, what was expected."""


@dataclass(frozen=True, slots=True)
class Booking:
    """One line of the file; empty words are empty strings, dates are those of the file (not shifted)."""

    booking: int
    nights: int
    lead_time: int
    adults: int
    children: int
    babies: int
    repeated_guest: int
    meal: str
    country: str
    market_segment: str
    distribution_channel: str
    reserved_room_type: str
    deposit_type: str
    agent: str
    company: str
    customer_type: str
    arrival: date
    adr: Decimal
    status: str
    status_date: date

    @property
    def booked(self) -> date:
        return self.arrival - timedelta(days=self.lead_time)

    @property
    def scheduled_departure(self) -> date:
        return self.arrival + timedelta(days=self.nights)

    @property
    def departure(self) -> date:
        """The day the guest left: a few left before the scheduled day."""
        return min(self.scheduled_departure, max(self.arrival, self.status_date))

    @property
    def by_agency(self) -> bool:
        """Sold by a travel agency or a tour operator."""
        segment = self.market_segment in ("Online TA", "Offline TA/TO")
        return segment and self.distribution_channel == "TA/TO" and bool(self.agent)


@dataclass(frozen=True, slots=True)
class Bookings:
    """The rows asked for, and two dates of the whole file, which place the rows in time."""

    rows: tuple[Booking, ...]
    first_booked: date
    last_departure: date

    @classmethod
    def of(cls, rows: Iterable[Booking], *, since: date | None = None, until: date | None = None) -> Bookings:
        """Those of ``rows`` that arrive from ``since`` to ``until``, both included."""
        every = tuple(rows)
        departures = [row.departure for row in every if row.status == "Check-Out"]
        if not departures:
            raise BookingError("The bookings hold no checked-out stay; at least one is expected.")
        chosen = (row for row in every if (since or date.min) <= row.arrival <= (until or date.max))
        return cls(tuple(chosen), min(row.booked for row in every), max(departures))


def load(path: Path, *, since: date | None = None, until: date | None = None) -> Bookings:
    """The bookings of a file that arrive from ``since`` to ``until``, both included.

    Raises ``BookingError`` if the file cannot be read or a line is not a booking.
    """
    try:
        rows = tuple(_rows(path))
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error) as error:
        raise BookingError(f"{path} cannot be read as a file of bookings: {error}.") from error
    try:
        return Bookings.of(rows, since=since, until=until)
    except BookingError as error:
        raise BookingError(f"{path}: {error}") from None


def _rows(path: Path) -> Iterator[Booking]:
    with _text(path) as lines:
        reader = csv.DictReader(lines)
        missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            raise BookingError(f"{path} line 1: the header lacks {', '.join(missing)}.")
        yield from _unique(path, reader)


def _text(path: Path) -> io.TextIOBase:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    if zipped:
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _unique(path: Path, reader: csv.DictReader[str]) -> Iterator[Booking]:
    seen: set[int] = set()
    for record in reader:
        try:
            row = _booking(record)
        except BookingError as error:
            raise BookingError(f"{path} line {reader.line_num}: {error}.") from None
        if row.booking in seen:
            raise BookingError(f"{path} line {reader.line_num}: booking {row.booking} stands here a second time.")
        seen.add(row.booking)
        yield row


def _booking(record: Mapping[str, str | None]) -> Booking:
    cells = {column: (record[column] or "").strip() for column in COLUMNS}
    if cells["status"] not in STATUSES:
        raise BookingError(f"status is {cells['status']!r}, expected one of {', '.join(STATUSES)}")
    return Booking(
        booking=_count(cells, "booking"),
        nights=_count(cells, "nights"),
        lead_time=_count(cells, "lead_time"),
        adults=_count(cells, "adults"),
        children=_count(cells, "children"),
        babies=_count(cells, "babies"),
        repeated_guest=_count(cells, "repeated_guest"),
        meal=intern(cells["meal"]),
        country=intern(cells["country"]),
        market_segment=intern(cells["market_segment"]),
        distribution_channel=intern(cells["distribution_channel"]),
        reserved_room_type=intern(cells["reserved_room_type"]),
        deposit_type=intern(cells["deposit_type"]),
        agent=intern(cells["agent"]),
        company=intern(cells["company"]),
        customer_type=intern(cells["customer_type"]),
        arrival=_day(cells, "arrival"),
        adr=_rate(cells["adr"]),
        status=intern(cells["status"]),
        status_date=_day(cells, "status_date"),
    )


def _count(cells: Mapping[str, str], column: str) -> int:
    cell = cells[column]
    if not (cell.isascii() and cell.isdigit()):
        raise BookingError(f"{column} is {cell!r}, expected a whole number of 0 or more")
    return int(cell)


def _day(cells: Mapping[str, str], column: str) -> date:
    try:
        return date.fromisoformat(cells[column])
    except ValueError:
        raise BookingError(f"{column} is {cells[column]!r}, expected a date as YYYY-MM-DD") from None


def _rate(cell: str) -> Decimal:
    try:
        rate = Decimal(cell)
    except InvalidOperation:
        rate = Decimal("NaN")
    if not rate.is_finite():
        raise BookingError(f"adr is {cell!r}, expected an amount such as 75.50")
    return rate
