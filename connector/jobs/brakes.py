"""What holds credits back though they are due: the day's ceiling, quiet hours, a property far above its usual day.

None of these holds back a reversal or what was sent before, but for quiet hours, in which only the latter goes on: a
person would hear of a reversal at night as well, while a doubt is about miles that have most likely moved already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Kind, Message
from connector.domain.outliers import DAYS, is_outlier, usual
from connector.jobs.contracts import Partnership
from connector.store import launch, leftovers, outbox, pauses, suspense
from connector.store.suspense import Case

CEILING = "daily_ceiling"
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Brakes:
    """The brakes of one partner during a pass. ``full``: the day's miles are given; ``paused``: these properties wait.

    ``said`` is what the pass reports. ``rehearsed_since``: the partner is not live since then (None: it is), and what
    belongs to live mode waits; ``unclear``: of that something was sent already.
    """

    partnership: Partnership
    full: bool = False
    paused: set[str] = field(default_factory=set)
    said: str = ""
    rehearsed_since: datetime | None = None
    unclear: bool = False

    async def spare(self, connection: AsyncConnection) -> None:
        """Leave alone what belongs to live mode, while the partner is only rehearsed with."""
        name, account = self.partnership.name, self.partnership.account
        self.rehearsed_since = since = await launch.since(connection, name)
        shown = self.partnership.channel.books is not None
        sent, unsent = await leftovers.count(connection, name, since, account=account, shown=shown)
        self.unclear = sent > 0
        if sent + unsent:
            self._say(f"{sent + unsent} messages about miles given live wait until it is live again")

    async def check(self, connection: AsyncConnection, now: datetime) -> None:
        """Look at the hour and at what each property is about to give."""
        name = self.partnership.name
        if until := self.partnership.pacing.quiet_until(now):
            await outbox.postpone(connection, name, now, until, account=self.partnership.account)
        self.paused = await pauses.paused(connection, name)
        if self.partnership.pacing.outliers.factor:
            await self._outliers(connection, now)
        if self.paused:
            self._say(f"{len(self.paused)} of its properties wait for a person")

    async def _outliers(self, connection: AsyncConnection, now: datetime) -> None:
        pacing, name = self.partnership.pacing, self.partnership.name
        midnight = pacing.midnight(now)
        day = pacing.day(now)
        free = self.paused | await pauses.released(connection, name, day)
        for place, miles in (await pauses.today(connection, name, midnight, now)).items():
            if place in free or miles <= pacing.outliers.minimum:
                continue
            midnights = [pacing.midnight(now, n) for n in range(DAYS, -1, -1)]
            before = await pauses.days_before(connection, name, place, midnights)
            if is_outlier(miles, before, pacing.outliers):
                await pauses.pause(connection, name, place, day, now)
                await self._open(connection, place, miles, usual(before), now)
                self.paused.add(place)

    async def _open(
        self, connection: AsyncConnection, place: str, miles: int, median: int | None, now: datetime
    ) -> None:
        name, day = self.partnership.name, self.partnership.pacing.day(now)
        text = (
            f"{miles} miles on {day}, {median} on a usual day of the last {DAYS}; nothing more is sent for "
            "this property until a person lets it go on (ledger release --property)"
        )
        _log.error("a property is paused", partner=name, property=place, miles=miles, usual=median)
        await suspense.open_cases(connection, [Case("property", place, pauses.OUTLIER, text, name)], now)

    async def below_ceiling(self, connection: AsyncConnection, due: Sequence[Message], now: datetime) -> list[Message]:
        """Return what keeps the day's miles below the ceiling; a reversal or a doubt never waits for it."""
        ceiling = self.partnership.daily_ceiling
        if ceiling is None:
            return list(due)
        midnight = self.partnership.pacing.midnight(now)
        sent = await outbox.sent_since(connection, self.partnership.name, midnight, account=self.partnership.account)
        allowed: list[Message] = []
        for message in due:
            counts = is_bounded(message)
            if counts and sent + message.miles > ceiling:
                self.full = True
                continue
            sent += message.miles if counts else 0
            allowed.append(message)
        await outbox.leave_lanes(connection, [m.key for m in due if m not in allowed])
        await self._report_ceiling(connection, ceiling, now)
        return allowed

    async def _report_ceiling(self, connection: AsyncConnection, ceiling: int, now: datetime) -> None:
        label = self.partnership.label
        if not self.full:
            await suspense.close_cases(connection, "partner", [label], now, reasons=[CEILING])
            return
        reason = self._say(f"the daily ceiling of {ceiling} miles is reached")
        _log.error("a partner is paused", partner=label, reason=reason)
        text = f"partner {reason}; it goes on tomorrow, or raise daily_ceiling"
        case = Case("partner", label, CEILING, text, self.partnership.name)
        await suspense.open_cases(connection, [case], now)

    def _say(self, words: str) -> str:
        said = f"{self.partnership.label}: {words}"
        self.said = said if not self.said or words in self.said else f"{self.said}; {words}"
        return said


def is_bounded(message: Message) -> bool:
    """Tell whether a message counts against the day's ceiling: a credit that was not sent before."""
    return message.kind is Kind.CREDIT and message.last_sent_at is None
