"""One booking as Mews shows it: a reservation, its times, and who comes along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from .bookings import Booking
from .clock import DAY, Clock, stamp
from .directory import RATES, SOURCES, agency_id, company_id, source_id
from .guests import Guest, Party
from .identity import identity
from .properties import RECEPTION, Property, place_of

HOUR = 3600
ORIGINS: dict[str, tuple[str, str]] = {
    "Online TA": ("ChannelManager", ""),
    "Offline TA/TO": ("Commander", "Email"),
    "Groups": ("Commander", "Email"),
    "Corporate": ("Commander", "Phone"),
    "Complementary": ("Commander", "InPerson"),
}
REASONS = ("RequestedByGuest", "BookedElsewhere", "PriceTooHigh", "RequestedByBooker", "Other")
CHECKED_IN = ("AllCompanionsCheckedIn", "AnyCompanionCheckedIn", "ConnectorCheckIn", "OwnerCheckedIn")


@dataclass(frozen=True, slots=True)
class Stay:
    """A booking placed in time; all times are UTC. ``ended`` is check-out, cancellation or no-show."""

    id: str
    booking: Booking
    place: Property
    clock: Clock
    booked: datetime
    start: datetime
    end: datetime
    began: datetime
    ended: datetime
    draw: Random

    @property
    def processed(self) -> bool:
        return self.booking.status == "Check-Out"

    def night(self, number: int) -> datetime:
        """When the night of that number begins, counted from 0."""
        return self.clock.at(self.place.zone, self.booking.arrival + number * DAY, 15 * HOUR)


def booked_at(booking: Booking, clock: Clock) -> datetime:
    """In the morning, so that a booking for the same day is made before its check-in."""
    seconds = 6 * HOUR + booking.booking * 7919 % (5 * HOUR)
    return clock.past(clock.at(place_of(booking.booking).zone, booking.booked, seconds))


def stay_of(booking: Booking, clock: Clock, seed: int) -> Stay:
    draw = Random(f"{seed}:stay:{booking.booking}")
    place = place_of(booking.booking)
    checkout = (11 if booking.nights else 18) * HOUR
    return Stay(
        identity("reservation", booking.booking),
        booking,
        place,
        clock,
        booked_at(booking, clock),
        clock.at(place.zone, booking.arrival, 15 * HOUR),
        clock.at(place.zone, booking.scheduled_departure, checkout),
        clock.past(clock.at(place.zone, booking.arrival, 14 * HOUR + draw.randrange(2 * HOUR))),
        _ended(booking, place, clock, draw),
        draw,
    )


def _ended(booking: Booking, place: Property, clock: Clock, draw: Random) -> datetime:
    """Check-outs are late in the morning, on the day of arrival in the evening; the rest is by day."""
    if booking.status == "Check-Out":
        overnight = booking.departure > booking.arrival
        seconds = (9 * HOUR + HOUR // 2 if overnight else 17 * HOUR) + draw.randrange(2 * HOUR - 600)
        return clock.past(clock.at(place.zone, booking.departure, seconds))
    hour = 16 if booking.status == "No-Show" else 12
    return clock.past(clock.at(place.zone, booking.status_date, hour * HOUR + draw.randrange(2 * HOUR)))


def reservation(stay: Stay, party: Party) -> dict[str, Any]:
    """The ``Reservations`` record."""
    return _identity(stay) | _account(stay, party) | _terms(stay) | _sold(stay) | _state(stay)


def _identity(stay: Stay) -> dict[str, Any]:
    number = stay.booking.booking
    return {
        "Id": stay.id,
        "GroupId": identity("group", number),
        "Number": str(number),
        "ServiceId": stay.place.id("service", "Stay"),
        "CreatedUtc": stamp(stay.booked),
        "UpdatedUtc": stamp(stay.ended),
        "CreatorProfileId": RECEPTION,
        "UpdaterProfileId": RECEPTION,
        "_EnterpriseId": stay.place.enterprise_id,
    }


def _account(stay: Stay, party: Party) -> dict[str, Any]:
    """A firm owns what it booked; its traveller mostly made the booking."""
    if party.owner:
        return {"AccountType": "Customer", "AccountId": party.owner.id, "BookerId": party.owner.id}
    company = company_id(stay.booking.company)
    account = {"AccountType": "Company", "AccountId": company, "PartnerCompanyId": company}
    return account | ({"BookerId": party.others[0].id} if stay.draw.random() < 0.7 else {})


def _terms(stay: Stay) -> dict[str, Any]:
    booking, place = stay.booking, stay.place
    segment = booking.market_segment if booking.market_segment in RATES else "Direct"
    terms = {
        "RateId": place.id("rate", segment),
        "BusinessSegmentId": place.id("segment", segment),
        "RequestedResourceCategoryId": place.id("room type", booking.reserved_room_type),
        "AssignedResourceLocked": False,
        "PersonCounts": [
            {"AgeCategoryId": place.id("age", age), "Count": count} for age, count in _ages(booking) if count
        ],
        "Purpose": "Business" if booking.market_segment == "Corporate" else "Leisure",
    }
    block = {"AvailabilityBlockId": place.id("block", booking.arrival.year, booking.arrival.month)}
    return terms | (block if booking.customer_type == "Group" else {})


def _ages(booking: Booking) -> tuple[tuple[str, int], ...]:
    return ("adults", booking.adults), ("children", booking.children), ("babies", booking.babies)


def _sold(stay: Stay) -> dict[str, Any]:
    origin, commander = ORIGINS.get(stay.booking.market_segment, ("Distributor", ""))
    sold: dict[str, Any] = {"Origin": origin}
    if commander:
        sold["CommanderOrigin"] = commander
    if origin == "ChannelManager":
        sold["ChannelNumber"] = f"C{stay.booking.booking:07}"
    if stay.booking.by_agency:
        sold["TravelAgencyId"] = agency_id(stay.booking.agent)
    return sold


def _state(stay: Stay) -> dict[str, Any]:
    times = {"ScheduledStartUtc": stamp(stay.start), "ScheduledEndUtc": stamp(stay.end)}
    if stay.processed:
        actual = {"ActualStartUtc": stamp(stay.began), "ActualEndUtc": stamp(stay.ended)}
        return times | actual | {"State": "Processed", "Options": dict.fromkeys(CHECKED_IN, True)}
    reason = "NoShow" if stay.booking.status == "No-Show" else stay.draw.choice(REASONS)
    gone = {"CancelledUtc": stamp(stay.ended), "CancellationReason": reason}
    return times | gone | {"State": "Canceled", "Options": dict.fromkeys(CHECKED_IN, False)}


def source_assignments(stay: Stay) -> Iterator[tuple[str, dict[str, Any]]]:
    """The ``SourceAssignments`` record of a booking that came by a website or an online agency."""
    if (segment := stay.booking.market_segment) in SOURCES:
        yield (
            "SourceAssignments",
            {
                "Id": identity("source assignment", stay.booking.booking),
                "ReservationId": stay.id,
                "SourceId": source_id(segment),
                "IsPrimary": True,
                "UpdatedUtc": stamp(stay.booked),
                "_EnterpriseId": stay.place.enterprise_id,
            },
        )


def companionship(stay: Stay, guest: Guest) -> dict[str, Any]:
    """The ``Companionships`` record of a guest who comes along; known since shortly after the booking."""
    known = stamp(stay.clock.past(stay.booked + timedelta(minutes=2)))
    return {
        "Id": identity("companionship", stay.booking.booking, guest.number),
        "CustomerId": guest.id,
        "ReservationGroupId": identity("group", stay.booking.booking),
        "ReservationId": stay.id,
        "_EnterpriseId": stay.place.enterprise_id,
        "_CreatedUtc": known,
        "_UpdatedUtc": known,
    }
