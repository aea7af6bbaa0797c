"""Who stays: guests made up for the bookings, the same ones for the same bookings and seed.

The bookings have no names. Rooms booked together have one owner, returning guests keep their profile or get a
second one, firms own their bookings and send a traveller, and now and then a companion is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Literal

from .bookings import Booking, Bookings
from .clock import Clock
from .identity import identity
from .names import DOMAINS, FIRST, LAST, PORTAL, plain
from .properties import MONTREAL, WIEN, Property, place_of

MemberBy = Literal["", "mews_id", "loyalty_code", "email", "other_name", "twin"]
EXTRA_FROM = 1_000_000
COUNTRIES = {"PRT": "PT", "GBR": "GB", "ESP": "ES", "IRL": "IE", "FRA": "FR", "DEU": "DE", "NLD": "NL"}
COUNTRIES |= {"CN": "CN", "ITA": "IT", "BEL": "BE", "CHE": "CH", "BRA": "BR", "POL": "PL", "USA": "US"}


@dataclass(frozen=True, slots=True)
class Guest:
    """One profile. ``member_by``: how the scheme's file names this guest; ``own``: came without an agency."""

    number: int
    first: str
    last: str
    email: str
    ota: bool
    home: Property
    country: str
    since: datetime
    own: bool
    member_by: MemberBy = ""
    loyalty_code: str = ""
    classification: str = ""
    merged_into: int = 0

    @property
    def id(self) -> str:
        return guest_id(self.number)

    @property
    def member_number(self) -> str:
        return f"AC{self.number:08}"


def guest_id(number: int) -> str:
    return identity("customer", number)


@dataclass(frozen=True, slots=True)
class Party:
    """Who comes with one booking; ``arrivals`` are the profiles that it brought into being."""

    owner: Guest | None
    others: tuple[Guest, ...]
    arrivals: tuple[Guest, ...]


class Cast:
    """Gives each booking its party; remembers the guests, because some come again."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self._clock = clock
        self._seed = seed
        self._count = 0
        self._arrivals: list[Guest] = []
        self._known: dict[tuple[str, bool], list[Guest]] = {}
        self._travellers: dict[str, list[Guest]] = {}
        self._together: dict[tuple[object, ...], Guest] = {}

    def seat(self, booking: Booking, since: datetime) -> Party:
        """The party of a booking made at ``since``; bookings come in the order in which they were made."""
        draw = Random(f"{self._seed}:party:{booking.booking}")
        self._arrivals = []
        if booking.company:
            return Party(None, (self._traveller(booking, since, draw),), tuple(self._arrivals))
        owner = self._owner(booking, since, draw)
        others = self._companions(booking, owner, since, draw)
        return Party(owner, others, tuple(self._arrivals))

    def _traveller(self, booking: Booking, since: datetime, draw: Random) -> Guest:
        known = self._travellers.setdefault(booking.company, [])
        if known and draw.random() < 0.6:
            return draw.choice(known)
        known.append(self._new(booking, since, draw))
        return known[-1]

    def _owner(self, booking: Booking, since: datetime, draw: Random) -> Guest:
        place = place_of(booking.booking)
        known = self._known.setdefault((place.table, not booking.by_agency), [])
        together = (
            place.table,
            booking.arrival,
            booking.booked,
            booking.agent,
            booking.country,
            booking.nights,
        )
        if together in self._together and draw.random() < 0.8:
            return self._together[together]
        owner = self._returning(booking, known, since, draw) or self._first_timer(booking, known, since, draw)
        self._together[together] = owner
        return owner

    def _returning(self, booking: Booking, known: list[Guest], since: datetime, draw: Random) -> Guest | None:
        if not known or draw.random() > (0.95 if booking.repeated_guest else 0.11):
            return None
        guest = draw.choice(known)
        chance = draw.random()
        if chance < 0.08:
            return self._second_profile(guest, since, draw)
        if chance < 0.16:
            self._merged_profile(guest, since, draw)
        return guest

    def _second_profile(self, guest: Guest, since: datetime, draw: Random) -> Guest:
        """The same person with a new e-mail address: a second profile, with the loyalty code of the first."""
        changes = self._numbered(guest, since, draw)
        return self._arrive(replace(changes, member_by="", loyalty_code=guest.loyalty_code))

    def _merged_profile(self, guest: Guest, since: datetime, draw: Random) -> None:
        duplicate = replace(self._numbered(guest, since, draw), member_by="", loyalty_code="")
        self._arrive(replace(duplicate, merged_into=guest.number))

    def _numbered(self, guest: Guest, since: datetime, draw: Random) -> Guest:
        self._count += 1
        email = address(guest.first, guest.last, self._count, draw)
        return replace(guest, number=self._count, email=email, ota=False, since=since)

    def _first_timer(self, booking: Booking, known: list[Guest], since: datetime, draw: Random) -> Guest:
        known.append(self._new(booking, since, draw))
        return known[-1]

    def _companions(self, booking: Booking, owner: Guest, since: datetime, draw: Random) -> tuple[Guest, ...]:
        """Of one couple in twelve both are known; the owner's profile has the address that they share."""
        if not 2 <= booking.adults <= 4 or draw.random() > 0.08:
            return ()
        companion = self._new(booking, since, draw, last=owner.last)
        return (companion,)

    def _new(self, booking: Booking, since: datetime, draw: Random, last: str = "") -> Guest:
        self._count += 1
        guest = invented(self._count, place_of(booking.booking), since, draw)
        guest = replace(guest, country=COUNTRIES.get(booking.country, ""), own=not booking.by_agency)
        if last:
            return self._arrive(replace(guest, last=last, email="", ota=False, member_by="", loyalty_code=""))
        if booking.by_agency and booking.market_segment == "Online TA" and draw.random() < 0.4:
            email = f"{guest.number:06x}@{PORTAL}"
            guest = replace(guest, email=email, ota=True, member_by="", loyalty_code="")
        if guest.member_by == "twin":
            self._twin(guest, draw)
        if guest.member_by == "loyalty_code" and draw.random() < 0.08:
            self._second_profile(guest, since, draw)
        return self._arrive(guest)

    def _twin(self, guest: Guest, draw: Random) -> None:
        """A second profile with the same e-mail address and names, as an import leaves it."""
        self._count += 1
        later = self._clock.past(guest.since + timedelta(minutes=draw.randint(5, 60)))
        self._arrive(replace(guest, number=self._count, since=later, member_by="", loyalty_code=""))

    def _arrive(self, guest: Guest) -> Guest:
        self._arrivals.append(guest)
        return guest


def invented(number: int, home: Property, since: datetime, draw: Random) -> Guest:
    """A guest with a name, mostly an e-mail address, and one chance in four to be a member of the scheme."""
    first, last = draw.choice(FIRST), draw.choice(LAST)
    email = address(first, last, number, draw) if draw.random() < 0.93 else ""
    member_by = _member_by(draw) if email else ""
    guest = Guest(number, first, last, email, False, home, "", since, True, member_by)
    coded = member_by == "loyalty_code" or draw.random() < 0.005  # a few codes mean nothing to the scheme
    return replace(
        guest,
        loyalty_code=guest.member_number if coded else "",
        classification=_classification(draw.random()),
    )


def address(first: str, last: str, number: int, draw: Random) -> str:
    return f"{plain(first)}.{plain(last)}{number}@{draw.choice(DOMAINS)}"


def _member_by(draw: Random) -> MemberBy:
    if draw.random() > 0.25:
        return ""
    ways: tuple[MemberBy, ...] = ("mews_id", "loyalty_code", "email", "other_name", "twin")
    return draw.choices(ways, weights=(6, 14, 72, 4, 4))[0]


def _classification(chance: float) -> str:
    if chance < 0.006:
        return "Staff"
    return "PaymasterAccount" if chance < 0.010 else ""


def extra_guests(bookings: Bookings, clock: Clock, seed: int, count: int) -> Iterator[Guest]:
    """``count`` guests without a booking, their profiles spread over the time since the first booking."""
    start = clock.opened + timedelta(days=30)
    span = int((clock.now - start).total_seconds()) - 1
    for place in range(count):
        draw = Random(f"{seed}:extra:{place}")
        home = MONTREAL if draw.random() < 0.3 else WIEN
        since = start + timedelta(seconds=span * place // count)
        yield replace(invented(EXTRA_FROM + place, home, since, draw), own=False)
