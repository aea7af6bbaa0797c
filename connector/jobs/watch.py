"""The watch: what is wrong becomes an incident, of which people are told once when it begins and once when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

from connector.domain.incidents import MEANINGS, Incident, sentence
from connector.errors import ConnectorError, Superseded
from connector.jobs import conditions
from connector.jobs.chain import Chain
from connector.jobs.conditions import Bounds
from connector.jobs.throttled import Throttled
from connector.ports.notices import Notice, Teller
from connector.ports.turns import Turn, within
from connector.store import incidents, leases, notices
from connector.store.incidents import Standing
from connector.store.notices import Waiting

LEASE = timedelta(minutes=5)
_WATCH = "watch"  # its lease
STEADY = timedelta(minutes=2)  # so long something is well before it is over
_SLOW = timedelta(minutes=15)  # between looks that count four weeks of rows
_KEPT = timedelta(days=60)  # what was told, and what could not be told
_FIRST, _LONGEST = timedelta(minutes=1), timedelta(hours=1)  # waits before a notice is tried again
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Daily:
    """Something that is told once a day, from a time of day on; ``write`` makes the notice."""

    name: str
    at: time
    write: Callable[[datetime], Awaitable[Notice]]


@dataclass(slots=True)
class Watch:
    """One instance's watch; of several on one database one looks at a time.

    ``tellers`` are the ways to tell people, by name; ``dailies`` are told once a day, at times of day in ``zone``.
    """

    chain: Chain
    bounds: Bounds
    tellers: Mapping[str, Teller]
    dailies: Sequence[Daily] = ()
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    _throttled: Throttled = field(default_factory=Throttled)
    _silences: list[Incident] = field(default_factory=list)
    _counted_at: datetime | None = None
    _told_on: dict[str, str] = field(default_factory=dict)  # the last day of each daily

    async def look(self) -> None:
        """Look once, and tell what is to be told. What fails here is logged and tried again."""
        now = self.chain.clock.now()
        await self._throttled.note(self.chain.database, now)
        async with self.chain.database.write() as connection:
            if not await leases.take(connection, _WATCH, self.chain.owner, now, now + LEASE):
                return
        try:
            with within(Turn(_WATCH, self.chain.owner, self._renew)):
                await self._settle(now)
                await self._tell(now)
        except Superseded as taken:
            _log.info("what this process saw is left to another one", reason=str(taken))
        finally:
            async with self.chain.database.write() as connection:
                await leases.give_back(connection, _WATCH, self.chain.owner)

    async def _settle(self, now: datetime) -> None:
        async with self.chain.database.read() as connection:
            found = await conditions.present(connection, now, self.bounds)
            if self._counted_at is None or now - self._counted_at >= _SLOW:
                self._silences, self._counted_at = await conditions.silences(connection, now, self.bounds), now
        due = [(each.name, await each.write(now)) for each in self.dailies if self._is_time(each, now)]
        async with self.chain.database.write() as connection:
            began, ended = await incidents.settle(connection, [*found, *self._silences], now, STEADY)
            for each in began:
                await notices.add(connection, _about(each, "opened"), _opened(each), list(self.tellers))
            for each in ended:
                told = await notices.withdraw(connection, _about(each, "opened"))
                await notices.add(connection, _about(each, "ended"), _ended(each, now), sorted(told))
            for name, notice in due:
                self._told_on[name] = self._day(now)
                await notices.add(connection, f"{name} {self._told_on[name]}", notice, list(self.tellers))
            await notices.forget(connection, now - _KEPT)
        for each in began:
            _log.warning("incident", kind=str(each.incident.kind), subject=each.incident.subject)
        for each in ended:
            _log.info("incident over", kind=str(each.incident.kind), subject=each.incident.subject)

    async def _tell(self, now: datetime) -> None:
        async with self.chain.database.read() as connection:
            due = await notices.due(connection, now, list(self.tellers))
        by_name = {name: [each for each in due if each.teller == name] for name in self.tellers}
        await asyncio.gather(*(self._tell_by(name, waiting) for name, waiting in by_name.items()))

    async def _tell_by(self, name: str, due: Sequence[Waiting]) -> None:
        """Tell by one way, until it fails: what follows would fail as well.

        Another instance that took the watch over tells the rest, and may have told it already.
        """
        for each in due:
            if not await self._renew():
                return
            try:
                await self.tellers[name].tell(each.notice)
            except ConnectorError as error:
                _log.warning("a notice was not told", teller=name, about=each.about, error=str(error))
                await self._postpone(each)
                return
            async with self.chain.database.write(fenced=False) as connection:
                await notices.told(connection, each, self.chain.clock.now())

    async def _renew(self) -> bool:
        until = self.chain.clock.now() + LEASE
        async with self.chain.database.write(fenced=False) as connection:
            return await leases.renew(connection, _WATCH, self.chain.owner, until)

    async def _postpone(self, waiting: Waiting) -> None:
        pause = min(_LONGEST, _FIRST * 2 ** min(waiting.attempts, 10))
        async with self.chain.database.write() as connection:
            await notices.postpone(connection, waiting, self.chain.clock.now() + pause)

    def _is_time(self, daily: Daily, now: datetime) -> bool:
        return self._told_on.get(daily.name) != self._day(now) and now.astimezone(self.zone).time() >= daily.at

    def _day(self, now: datetime) -> str:
        return now.astimezone(self.zone).date().isoformat()


def _about(standing: Standing, event: str) -> str:
    return f"incident {standing.id} {event}"


def _opened(standing: Standing) -> Notice:
    meaning, incident = MEANINGS[standing.incident.kind], standing.incident
    text = f"{incident.text}\n\n{meaning.means}\n{meaning.advice}"
    return Notice("incident.opened", _title(incident), text, standing.opened_at, _facts(standing))


def _ended(standing: Standing, now: datetime) -> Notice:
    began = f"{standing.opened_at:%Y-%m-%d %H:%M}Z"
    text = f"It is over. It began {began}: {standing.incident.text}"
    return Notice("incident.ended", f"Over: {_title(standing.incident)}", text, now, _facts(standing))


def _title(incident: Incident) -> str:
    title = MEANINGS[incident.kind].title
    return f"{title} ({incident.subject})" if incident.subject else title


def _facts(standing: Standing) -> dict[str, str]:
    incident = standing.incident
    return {
        "incident": str(standing.id),
        "kind": str(incident.kind),
        "subject": incident.subject,
        "summary": sentence(incident),
    }
