"""What is wrong at present, as the store, the runs of the jobs and the disk tell it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.incidents import Incident, Trouble, is_silent, since
from connector.jobs import throttled
from connector.jobs.brakes import CEILING
from connector.jobs.prepayment import EXHAUSTED, LOW
from connector.jobs.report import JobOutcome
from connector.store import pauses, runs, signs
from connector.store.runs import Run

_DAY = timedelta(days=1)
_PATIENCE = timedelta(minutes=10)  # with a job that fails, at least
_TIMES = 3  # so many of its intervals
_PAUSES = (CEILING, pauses.OUTLIER, EXHAUSTED)


@dataclass(frozen=True, slots=True)
class Bounds:
    """From when on something is an incident, as configured.

    ``intervals`` are how often each job runs; ``live`` are the partners that get miles; ``disk`` is where the database
    lies (None: on another machine), of which ``disk_free`` bytes must be free.
    """

    intervals: Mapping[str, timedelta] = field(default_factory=dict)
    live: frozenset[str] = frozenset()
    silence: timedelta = timedelta(days=2)
    suspense_growth: int = 50
    open_bills: int = 10
    disk: Path | None = None
    disk_free: int = 0


async def present(connection: AsyncConnection, now: datetime, bounds: Bounds) -> list[Incident]:
    """Return what is wrong and cheap to find, for every minute."""
    return [
        *await _circuits(connection),
        *await _paused(connection),
        *await _runs(connection, now, bounds),
        *await _cases(connection, now, bounds),
        *await throttled.lately(connection, now),
        *_disk(bounds),
    ]


async def silences(connection: AsyncConnection, now: datetime, bounds: Bounds) -> list[Incident]:
    """Return which partners and properties show nothing for unusually long; this counts four weeks of rows."""
    found: list[Incident] = []
    for partner, pulse in (await signs.credits_since(connection, since(now))).items():
        if partner in bounds.live and is_silent(pulse.times, pulse.last, now, bounds.silence):
            found.append(Incident(Trouble.SILENCE, partner, f"no credit since {pulse.last:%Y-%m-%d %H:%M}Z"))
    for name, pulse in (await signs.changes_since(connection, since(now))).items():
        if is_silent(pulse.times, pulse.last, now, bounds.silence):
            found.append(Incident(Trouble.QUIET, name, f"no reservation changed since {pulse.last:%Y-%m-%d %H:%M}Z"))
    return found


async def _circuits(connection: AsyncConnection) -> list[Incident]:
    opened = await signs.open_circuits(connection)
    return [
        Incident(Trouble.CIRCUIT, key.removeprefix("partner "), f"no request went through since {at:%Y-%m-%d %H:%M}Z")
        for key, at in sorted(opened.items())
    ]


async def _paused(connection: AsyncConnection) -> list[Incident]:
    paused = await signs.cases_of(connection, _PAUSES)
    low = await signs.cases_of(connection, [LOW])
    return [
        *(Incident(Trouble.PAUSED, _of(partner, subject), text) for partner, subject, text in paused),
        *(Incident(Trouble.CREDITS, _of(partner, subject), text) for partner, subject, text in low),
    ]


async def _runs(connection: AsyncConnection, now: datetime, bounds: Bounds) -> list[Incident]:
    found: list[Incident] = []
    for job, record in (await runs.latest(connection)).items():
        run = record.ended
        if run is None or run.outcome == runs.OK:
            continue
        if run.unauthorized:
            found.append(Incident(Trouble.TOKEN, job, run.error))
        elif run.outcome == JobOutcome.REFUSED:
            found.append(Incident(Trouble.REFUSED, job, run.error))
        elif run.outcome in (JobOutcome.FAILED, JobOutcome.PARTIAL) and _is_overdue(record.ok, job, now, bounds):
            found.append(Incident(Trouble.JOB, job, run.error))
    return found


def _is_overdue(ok: Run | None, job: str, now: datetime, bounds: Bounds) -> bool:
    patience = max(_PATIENCE, _TIMES * bounds.intervals.get(job, _PATIENCE))
    return ok is None or ok.ended_at is None or now - ok.ended_at > patience


def _of(partner: str, subject: str) -> str:
    return partner if partner in ("", subject) else f"{partner}, {subject}"


async def _cases(connection: AsyncConnection, now: datetime, bounds: Bounds) -> list[Incident]:
    found: list[Incident] = []
    recent = await signs.cases_since(connection, now - _DAY)
    if sum(recent.values()) >= bounds.suspense_growth:
        most = ", ".join(f"{count} {reason}" for reason, count in sorted(recent.items(), key=_descending)[:3])
        found.append(Incident(Trouble.SUSPENSE, "", f"{sum(recent.values())} new cases in a day: {most}"))
    bills = (await signs.cases(connection)).get("open_bill", 0)
    if bills >= bounds.open_bills:
        found.append(Incident(Trouble.OPEN_BILLS, "", f"{bills} stays wait for a bill that stays open"))
    return found


def _descending(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def _disk(bounds: Bounds) -> list[Incident]:
    if bounds.disk is None:
        return []
    free = shutil.disk_usage(bounds.disk).free
    if free >= bounds.disk_free:
        return []
    return [Incident(Trouble.DISK, "", f"{free // 2**20} MiB are free; expected {bounds.disk_free // 2**20}")]
