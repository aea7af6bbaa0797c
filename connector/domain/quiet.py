"""Hours of the day in which nothing new is sent to a partner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day to another, beyond midnight where ``to`` is the earlier; the first belongs to them."""

    start: time
    end: time

    def end_after(self, moment: datetime) -> datetime | None:
        """Return when the quiet hours end in which a moment lies; None when it lies in none.

        The moment and what is returned are in the time zone of the hours.
        """
        clock = moment.time()
        within = self.start <= clock < self.end
        if self.start > self.end:
            within = clock >= self.start or clock < self.end
        if not within:
            return None
        day = moment.date() + timedelta(days=int(clock >= self.end))
        end = datetime.combine(day, self.end, moment.tzinfo)
        # in the hour that the clock shows twice, the first of two such moments may be over
        return end if end.astimezone(UTC) > moment.astimezone(UTC) else end.replace(fold=1)
