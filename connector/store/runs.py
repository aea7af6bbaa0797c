"""The runs of the jobs, as people look back at them: what is under way, what came of the last ones.

A run stands here from its start on, so that one whose process died is seen, too. Of each job the latest
runs are kept, and the last one that was ok, however long ago that was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.rows import table
from connector.store.tables.running import JobRun

OK, INTERRUPTED = "ok", "interrupted"
KEPT = 1000  # runs of each job
_RUN = table(JobRun)
_UNDER_WAY = _RUN.c.ended_at.is_(None)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a job; ``ended_at`` None and no outcome while it is under way.

    ``outcome`` is a job's (ok, partial, refused, failed, skipped), or interrupted: its process ended before it did.
    """

    job: str
    run: str
    instance: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = ""
    read: int = 0
    written: int = 0
    requests: int = 0
    seconds: float = 0.0
    skipped: int = 0
    error: str = ""
    unauthorized: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """The latest runs of a job: ``last`` may be under way; ``ended`` and ``ok`` are the last that ended, and well."""

    last: Run
    ended: Run | None
    ok: Run | None


_DONE = (OK, "partial", "refused")
_TOLD = ("outcome", "read", "written", "requests", "seconds", "error", "unauthorized")
_FIELDS = tuple(Run.__dataclass_fields__)
_COLUMNS = tuple(_RUN.c[name] for name in _FIELDS)


async def begin(connection: AsyncConnection, job: str, run: str, instance: str, now: datetime) -> None:
    """Note the start of a run by whoever holds the job's lease; one that is still under way was interrupted."""
    await _interrupt(connection, _RUN.c.job == job, now)
    await connection.execute(
        _RUN.insert().values(
            job=job,
            run=run,
            instance=instance,
            started_at=now,
            outcome="",
            read=0,
            written=0,
            requests=0,
            seconds=0.0,
            skipped=0,
            error="",
            unauthorized=False,
        )
    )


async def end(connection: AsyncConnection, run: Run) -> None:
    """Note how a run ended, and forget the oldest of its job."""
    done = {name: getattr(run, name) for name in _TOLD}
    mine = and_(_RUN.c.job == run.job, _RUN.c.run == run.run, _UNDER_WAY)
    await connection.execute(update(_RUN).where(mine).values(ended_at=run.ended_at, **done))
    await _prune(connection, run.job)


async def skip(connection: AsyncConnection, job: str) -> None:
    """Count a start of a job that was left out because its run is still under way."""
    under_way = and_(_RUN.c.job == job, _UNDER_WAY)
    await connection.execute(update(_RUN).where(under_way).values(skipped=_RUN.c.skipped + 1))


async def interrupt(connection: AsyncConnection, instance: str, now: datetime) -> None:
    """Note that the runs of a process that is dead ended with it."""
    await _interrupt(connection, _RUN.c.instance == instance, now)


async def instances(connection: AsyncConnection) -> set[str]:
    """Return the processes that have a run under way."""
    return set((await connection.execute(select(_RUN.c.instance).where(_UNDER_WAY).distinct())).scalars())


async def latest(connection: AsyncConnection) -> dict[str, Record]:
    """Return the last runs of every job that ever ran."""
    ended = func.max(case((_RUN.c.ended_at.is_not(None), _RUN.c.id)))
    well = func.max(case((_RUN.c.outcome == OK, _RUN.c.id)))
    rows = (await connection.execute(select(func.max(_RUN.c.id), ended, well).group_by(_RUN.c.job))).all()
    ids = {each for row in rows for each in row if each is not None}
    found = await connection.execute(select(_RUN.c.id, *_COLUMNS).where(_RUN.c.id.in_(ids)))
    by_id = {row[0]: Run(*row[1:]) for row in found}
    return {by_id[last].job: Record(by_id[last], by_id.get(done), by_id.get(ok)) for last, done, ok in rows}


async def last_done(connection: AsyncConnection, job: str) -> Run | None:
    """Return the last run of a job that did its work, as far as it could be done; None before the first."""
    done = and_(_RUN.c.job == job, _RUN.c.outcome.in_(_DONE))
    row = (await connection.execute(select(*_COLUMNS).where(done).order_by(_RUN.c.id.desc()).limit(1))).first()
    return Run(*row) if row else None


async def listing(
    connection: AsyncConnection, limit: int, *, job: str | None = None, outcomes: Sequence[str] = ()
) -> list[Run]:
    """Return the latest runs, newest first: of all jobs or one, with any outcome or one of some."""
    which: list[ColumnElement[bool]] = [] if job is None else [_RUN.c.job == job]
    if outcomes:
        which.append(_RUN.c.outcome.in_(outcomes))
    rows = await connection.execute(select(*_COLUMNS).where(*which).order_by(_RUN.c.id.desc()).limit(limit))
    return [Run(*row) for row in rows]


async def _interrupt(connection: AsyncConnection, whose: ColumnElement[bool], now: datetime) -> None:
    ended: dict[str, Any] = {"ended_at": now, "outcome": INTERRUPTED}
    await connection.execute(update(_RUN).where(whose, _UNDER_WAY).values(ended))


async def _prune(connection: AsyncConnection, job: str) -> None:
    mine = _RUN.c.job == job
    oldest = select(_RUN.c.id).where(mine).order_by(_RUN.c.id.desc()).offset(KEPT).limit(1).scalar_subquery()
    well = and_(mine, _RUN.c.outcome == OK)
    last_ok = select(_RUN.c.id).where(well).order_by(_RUN.c.id.desc()).limit(1).scalar_subquery()
    await connection.execute(delete(_RUN).where(mine, _RUN.c.id <= oldest, _RUN.c.id.is_distinct_from(last_ok)))
