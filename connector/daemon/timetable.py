"""When the jobs start, by APScheduler: first at once, then as the settings say."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from connector.domain.schedule import next_start
from connector.jobs.runner import JOBS
from connector.settings import Settings

Work = Callable[[], Awaitable[None]]
_WORDS = {EVENT_JOB_ERROR: "error", EVENT_JOB_MISSED: "missed", EVENT_JOB_MAX_INSTANCES: "overlong"}


class TimeOfDay(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """Every day at a time of the chain's clocks; the library's own trigger leaves out a day when they are changed."""

    def __init__(self, at: time, zone: ZoneInfo) -> None:
        self._at = at
        self._zone = zone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return the next start, as the library asks for it."""
        return next_start(self._at, self._zone, None, max(now, previous_fire_time or now))


def _scheduler() -> AsyncIOScheduler:
    # its defaults would drop a start that is a second late
    defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    return AsyncIOScheduler(timezone=UTC, job_defaults=defaults)


@dataclass(slots=True)
class Timetable:
    """The starts of the jobs. ``missed`` hears of each that did not come about: the job, and why in a word.

    The words are overlong (its run before goes on), missed and error (it ended with an error of its own).
    """

    settings: Settings
    missed: Callable[[str, str], None]
    scheduler: AsyncIOScheduler = field(default_factory=_scheduler)

    def add(self, name: str, work: Work) -> None:
        """Start a job at once, and then by the schedule of the settings."""
        self.scheduler.add_job(partial(_await, work), self._trigger(name), id=name, next_run_time=datetime.now(UTC))

    def tick(self, name: str, every: timedelta, work: Work) -> None:
        """Start something at once and again and again, whatever the settings say; no job has its name."""
        trigger = IntervalTrigger(seconds=every.total_seconds())
        self.scheduler.add_job(partial(_await, work), trigger, id=name, next_run_time=datetime.now(UTC))

    def start(self) -> None:
        """Begin."""
        self.scheduler.add_listener(self._heard, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        self.scheduler.start()

    def change(self, settings: Settings) -> None:
        """Go by other settings; a job whose schedule is the same starts when it would have started."""
        before, self.settings = self.settings, settings
        for job in self.scheduler.get_jobs():
            if job.id in JOBS and _when(before, job.id) != _when(settings, job.id):
                self.scheduler.reschedule_job(job.id, trigger=self._trigger(job.id))

    def every(self, name: str) -> timedelta:
        """Return the interval of a job."""
        every, _ = _when(self.settings, name)
        return timedelta(days=1) if isinstance(every, time) else timedelta(seconds=every.total_seconds())

    def postpone(self, name: str, until: datetime) -> None:
        """Start a job next at a moment or a little later, and from there on; one with a time of day keeps to that.

        A little later by chance: several instances wait for the same moment.
        """
        every, _ = _when(self.settings, name)
        if not isinstance(every, time):
            later = timedelta(seconds=random.SystemRandom().uniform(0, _spread(every.total_seconds())))
            self.scheduler.modify_job(name, next_run_time=until + later)

    def shift(self, step: timedelta) -> None:
        """Take up that the machine's clock was set by so much: intervals go on as before, times of day are met.

        Otherwise a clock that was set back an hour would start nothing for an hour.
        """
        now = datetime.now(UTC)
        for job in self.scheduler.get_jobs():
            if isinstance(job.trigger, IntervalTrigger):
                job.modify(next_run_time=job.next_run_time + step)
            else:
                job.modify(next_run_time=min(job.next_run_time, job.trigger.get_next_fire_time(None, now)))

    def pause(self) -> None:
        """Start nothing more."""
        self.scheduler.pause()

    def end(self) -> None:
        """End the scheduler, which would cancel what it still runs."""
        self.scheduler.shutdown(wait=False)

    def _trigger(self, name: str) -> BaseTrigger:
        every, zone = _when(self.settings, name)
        if isinstance(every, time):
            return TimeOfDay(every, ZoneInfo(zone))
        seconds = every.total_seconds()
        return IntervalTrigger(seconds=int(seconds), jitter=int(_spread(seconds)) or None)

    def _heard(self, event: JobEvent) -> None:
        self.missed(event.job_id, _WORDS[event.code])


def _when(settings: Settings, name: str) -> tuple[Any, str]:
    return getattr(settings.schedule, name), settings.chain.time_zone


def _spread(seconds: float) -> float:
    """Return by how many seconds at most a start is moved by chance."""
    return min(10.0, seconds * 0.1)


async def _await(work: Work) -> None:
    """Await work: the scheduler awaits nothing but a plain coroutine function or a partial of one."""
    await work()
