"""How fast and when a partner's messages are sent, as configured."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo

from connector.domain.outliers import Bounds
from connector.domain.quiet import QuietHours
from connector.http.limiter import Limiter, Unlimited


@dataclass(frozen=True, slots=True)
class Pacing:
    """The pace of one partner.

    ``limiter`` says when the next request may leave; ``retry_from`` is the first wait before a message is sent again,
    ``retry_up_to`` the longest; after ``max_attempts`` a message that alone fails is left to a person. ``zone`` is the
    chain's time zone, in which quiet hours and days are meant.
    """

    limiter: Limiter = field(default_factory=Unlimited)
    retry_from: timedelta = timedelta(seconds=30)
    retry_up_to: timedelta = timedelta(hours=1)
    max_attempts: int = 12
    quiet: QuietHours | None = None
    outliers: Bounds = field(default_factory=Bounds)
    zone: tzinfo = UTC

    def quiet_until(self, now: datetime) -> datetime | None:
        """Return when the quiet hours end, in UTC; None outside them."""
        end = self.quiet.end_after(now.astimezone(self.zone)) if self.quiet else None
        return end.astimezone(UTC) if end else None

    def day(self, now: datetime) -> date:
        """Return what day it is in the chain's time zone."""
        return now.astimezone(self.zone).date()

    def midnight(self, now: datetime, days_before: int = 0) -> datetime:
        """Return when today, or a day before it, began in the chain's time zone; in UTC."""
        day = self.day(now) - timedelta(days=days_before)
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)
