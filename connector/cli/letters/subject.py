"""The stay that a letter is about, by the property's own dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from connector.domain.calendar import business_date, nights
from connector.domain.ruling import Suspense
from connector.domain.stays import Property, Reservation


@dataclass(frozen=True, slots=True)
class Subject:
    """A stay and its property."""

    reservation: Reservation
    place: Property

    @property
    def arrival(self) -> date:
        """The day of the scheduled arrival: nights are counted from it."""
        return self.local(self.reservation.scheduled_start)

    @property
    def departure(self) -> date:
        """The day of check-out."""
        return self.local(self.reservation.departed_at)

    @property
    def nights(self) -> int:
        """The nights that count; where the time zone is none, those by universal time."""
        try:
            return nights(self.reservation, self.place)
        except Suspense:
            return max(0, (self.departure - self.arrival).days)

    def local(self, moment: datetime) -> date:
        """Return the property's day of a moment; where its time zone is none, the universal one."""
        try:
            return business_date(moment, self.place)
        except Suspense:
            return moment.date()
