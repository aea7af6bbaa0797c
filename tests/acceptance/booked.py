"""The published bookings as stays of one hotel: as the connector takes them, and as the reference does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

from connector.domain.stays import Holder, Membership, OrderItem, Property, Reservation, Stay
from connector.sandbox.bookings import load
from connector.sandbox.bookings.bookings import Booking
from tests.reference.earning import Charge, Room

FILE = Path(__file__).parents[1] / "data" / "bookings_resort.csv.gz"
BOOKINGS, CHECKED_OUT = 40_060, 28_938
NOW = datetime(2017, 12, 31, 12, tzinfo=UTC)
RATES = {
    ("EUR", "CAD"): Decimal("1.497255"),
    ("CHF", "EUR"): Decimal("0.8547"),
    ("CHF", "CAD"): Decimal("1.279731"),
}
# guests come before it is day in Greenwich, and leave after midnight, when the business day has not ended
ZONE, CLOSING = ZoneInfo("Asia/Tokyo"), timedelta(hours=4)
PLACE = Property("p", "Resort", "resort", ZONE.key, "EUR", day_offset=CLOSING)
TIERS = ("", "SILVER", "GOLD")
CATEGORIES = {"SpaceOrder": "rooms", "ProductOrder": "bar"}
STATES = {"Check-Out": "Processed", "Canceled": "Canceled", "No-Show": "Canceled"}


@dataclass(frozen=True, slots=True)
class Booked:
    """One booking, told to both sides."""

    stay: Stay
    room: Room
    tier: str = ""

    @property
    def id(self) -> str:
        """The reservation's id."""
        return self.stay.reservation.id


def booked() -> Iterator[Booked]:
    """Yield all bookings of the file."""
    for booking in load(FILE).rows:
        yield _booked(booking)


def _booked(booking: Booking) -> Booked:
    identity = f"r{booking.booking:06}"
    scheduled = booking.arrival + timedelta(days=booking.nights)
    left = booking.status_date if booking.status == "Check-Out" else scheduled
    charges = tuple(_charges(booking, identity))
    reservation = Reservation(
        *(identity, str(booking.booking), PLACE.id, "s", STATES[booking.status], f"g{booking.booking:06}", "Customer"),
        scheduled_start=_moment(booking.arrival, 6),
        scheduled_end=_moment(scheduled + timedelta(days=1), 1),
        actual_end=_moment(left + timedelta(days=1), 2),
        created=_moment(booking.booked, 9),
        updated=NOW,
        rate_id=booking.market_segment,
    )
    items = tuple(_item(charge, identity) for charge in charges)
    tier = TIERS[booking.booking % 3]
    number = f"99200{booking.booking:010}"
    member = Membership(f"m{booking.booking}", "MM", number, "Enrolled", is_primary=True, tier_code=tier or None)
    stay = Stay(reservation, items, PLACE, Holder(reservation.account_id), (member,), RATES)
    room = Room(booking.arrival, scheduled, left, charges, booking.booked, booking.market_segment)
    return Booked(stay, room, tier)


def _moment(day: date, hour: int) -> datetime:
    """Return when it is this hour of a day at the hotel, as Mews tells it."""
    return datetime.combine(day, time(hour), ZONE).astimezone(UTC)


def _charges(booking: Booking, identity: str) -> Iterator[Charge]:
    """Yield the room, city tax, for some a drink, for some a rebate of the room and a part of that taken back.

    Further for some: a canceled night and its rebate, a drink in francs, a rebate of what is on no bill of this stay,
    and a rebate of a drink above all that was charged.
    """
    gross = Fraction(booking.adr) * booking.nights
    yield _charge(f"{identity}-1", "SpaceOrder", gross)
    yield _charge(f"{identity}-2", "CityTax", Fraction(2 * booking.nights))
    if booking.booking % 3 == 0:
        yield _charge(f"{identity}-3", "ProductOrder", Fraction(1234, 100))
    if booking.booking % 5 == 0:
        yield _charge(f"{identity}-4", "NightRebate", Fraction(-1575, 100), f"{identity}-1")
    if booking.booking % 10 == 0:
        yield _charge(f"{identity}-5", "NightRebate", Fraction(525, 100), f"{identity}-4")
    if booking.booking % 7 == 0:
        yield _charge(f"{identity}-6", "SpaceOrder", Fraction(99), canceled=True)
        yield _charge(f"{identity}-7", "NightRebate", Fraction(-9), f"{identity}-6")
    if booking.booking % 4 == 0:
        yield _charge(f"{identity}-8", "ProductOrder", Fraction(2175, 100), currency="CHF")
    if booking.booking % 13 == 0:
        yield _charge(f"{identity}-9", "NightRebate", Fraction(-20), "of another stay")
    if booking.booking % 33 == 0:
        yield _charge(f"{identity}-A", "ProductOrderRebate", Fraction(-9999), f"{identity}-3")


def _charge(
    identity: str, kind: str, gross: Fraction, lowers: str = "", *, currency: str = "EUR", canceled: bool = False
) -> Charge:
    category = CATEGORIES.get(kind, "")
    return Charge(identity, kind, gross * Fraction(9, 10), gross, currency, lowers, canceled, category=category)


def _item(charge: Charge, reservation: str) -> OrderItem:
    return OrderItem(
        *(charge.id, reservation, charge.kind, "Canceled" if charge.canceled else "Closed", charge.currency),
        net=_decimal(charge.net),
        gross=_decimal(charge.gross),
        updated=NOW,
        closed=NOW - timedelta(days=60),
        lowers_id=charge.lowers or None,
        category_id=charge.category or None,
    )


def _decimal(amount: Fraction) -> Decimal:
    """Return an amount whose decimals end."""
    return Decimal(amount.numerator) / Decimal(amount.denominator)
