"""The whole chain: every record that the local Mews starts with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from .bookings import Booking, Bookings
from .clock import Clock
from .directory import chain_directory
from .folio import folio
from .guests import Cast, Guest, Party, extra_guests
from .memberships import memberships, programs
from .profiles import customer
from .stays import booked_at, companionship, reservation, source_assignments, stay_of

Entry = tuple[str, dict[str, Any]]


def generate(bookings: Bookings, *, today: date, seed: int = 1, guests_extra: int = 0) -> Iterator[Entry]:
    """Yield (kind, record), the kind being the property of the Mews answer that holds such records.

    Properties that begin with an underscore are for the server: ``_EnterpriseId`` where Mews records name no
    property, ``_Table`` and ``_Currency`` of an enterprise, ``_CreatedUtc`` and ``_UpdatedUtc`` of records
    without times, ``_DeletedUtc`` of merged profiles. Names and chances depend on ``seed``, times on
    ``today``. ``guests_extra`` adds guests without bookings.
    """
    clock = Clock.over(bookings, today)
    yield from chain_directory(bookings, clock)
    yield from programs(clock)
    payers = tuple(sorted({row.company for row in bookings.rows if row.company}))
    for booking, party in _parties(bookings, clock, seed):
        for guest in party.arrivals:
            yield from _profile(guest, clock, seed)
        yield from _stay(booking, party, clock, seed, payers)
    for guest in extra_guests(bookings, clock, seed, guests_extra):
        yield from _profile(guest, clock, seed)


def guests(bookings: Bookings, *, today: date, seed: int = 1, guests_extra: int = 0) -> Iterator[Guest]:
    """The guests whose profiles ``generate`` yields for the same arguments."""
    clock = Clock.over(bookings, today)
    for _, party in _parties(bookings, clock, seed):
        yield from party.arrivals
    yield from extra_guests(bookings, clock, seed, guests_extra)


def _parties(bookings: Bookings, clock: Clock, seed: int) -> Iterator[tuple[Booking, Party]]:
    """The bookings in the order in which they were made, so that nobody returns before the first visit."""
    cast = Cast(clock, seed)
    for since, _, booking in sorted(_made(bookings, clock), key=lambda made: made[:2]):
        yield booking, cast.seat(booking, since)


def _made(bookings: Bookings, clock: Clock) -> Iterator[tuple[datetime, int, Booking]]:
    for booking in bookings.rows:
        yield booked_at(booking, clock), booking.booking, booking


def _profile(guest: Guest, clock: Clock, seed: int) -> Iterator[Entry]:
    yield "Customers", customer(guest, clock)
    yield from memberships(guest, clock, seed)


def _stay(booking: Booking, party: Party, clock: Clock, seed: int, payers: tuple[str, ...]) -> Iterator[Entry]:
    stay = stay_of(booking, clock, seed)
    yield "Reservations", reservation(stay, party)
    yield from source_assignments(stay)
    for guest in party.others:
        yield "Companionships", companionship(stay, guest)
    yield from folio(stay, party, payers)
