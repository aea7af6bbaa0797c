"""``status``: what the daemon does and what waits, beside a running daemon or without one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import typer

from connector.cli.jobs import cases_wait
from connector.cli.output import AsJson, print_json
from connector.cli.session import answered

if TYPE_CHECKING:
    from connector.heartbeat import Life
    from connector.jobs.overview import Overview
    from connector.settings import Settings
    from connector.store.runs import Run

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@dataclass(frozen=True, slots=True)
class _Found:
    """What there is to tell: ``revision`` of the database as it is, ``state`` None when that is not this version's."""

    settings: Settings
    life: Life | None
    revision: str | None
    state: Overview | None
    now: datetime


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what the daemon does: runs and next starts of the jobs, queue, cases, circuits, how fresh everything is."""
    from connector.settings import load

    told = _told(answered(_look(load(context.obj.config, os.environ))))
    if as_json:
        print_json(told)
        return
    for line in _lines(told):
        typer.echo(line)


async def _look(settings: Settings) -> _Found:
    """Read the store as it is: looking never makes a database or brings one up to date."""
    from connector import heartbeat
    from connector.bootstrap import open_database
    from connector.jobs.overview import overview
    from connector.store import migrations

    database = open_database(settings)
    revision, state = None, None
    try:
        if database.file is None or database.file.exists():
            revision = await migrations.revision(database)
        if revision == migrations.HEAD:
            async with database.read() as connection:
                state = await overview(connection)
    finally:
        await database.aclose()
    return _Found(settings, heartbeat.last(settings), revision, state, datetime.now(UTC))


def _told(found: _Found) -> dict[str, Any]:
    """Return the shape that ``--json`` prints."""
    from connector import __version__
    from connector.store import migrations

    state = found.state
    return {
        "version": __version__,
        "revision": found.revision,
        "expected_revision": migrations.HEAD,
        "chain": {"name": found.settings.chain.name, "id": state.chain_id if state else ""},
        "daemon": _daemon(found),
        "jobs": {name: _job(found, name) for name in type(found.settings.schedule).model_fields},
        "queue": _queue(found),
        "miles": dict(state.miles) if state else {},
        "suspense": sum(state.cases.values()) if state else 0,
        "cases": dict(state.cases) if state else {},
        "circuits": {
            partner: {"open": opened is not None, "since": _iso(opened)}
            for partner, opened in (state.circuits.items() if state else ())
        },
        "freshness": _freshness(found),
        "plan": _plan(found),
    }


def _daemon(found: _Found) -> dict[str, Any]:
    life = found.life
    return {
        "alive": bool(life and life.lives),
        "pid": life.pid if life else None,
        "ticked": _iso(life.at) if life else None,
        "started": _iso(life.started) if life else None,
        "configured": _iso(life.configured) if life else None,
        "configuration_refused": _iso(life.refused) if life else None,
    }


def _job(found: _Found, name: str) -> dict[str, Any]:
    from connector.domain.schedule import next_start
    from connector.settings.values import written

    every, zone = getattr(found.settings.schedule, name), ZoneInfo(found.settings.chain.time_zone)
    record = found.state.jobs.get(name) if found.state else None
    last = record.last if record else None
    alive = found.life is not None and found.life.lives
    return {
        "schedule": written(every),
        "last": _run(last) if last else None,
        "last_ok": _iso(record.ok.ended_at) if record and record.ok else None,
        "next": _iso(next_start(every, zone, last.started_at if last else None, found.now)) if alive else None,
    }


def _run(run: Run) -> dict[str, Any]:
    return {
        "run": run.run,
        "instance": run.instance,
        "started": _iso(run.started_at),
        "ended": _iso(run.ended_at),
        "outcome": run.outcome or "running",
        "read": run.read,
        "written": run.written,
        "requests": run.requests,
        "seconds": run.seconds,
        "starts_skipped": run.skipped,
        "error": run.error,
    }


def _queue(found: _Found) -> dict[str, dict[str, dict[str, int]]]:
    """Return the messages by partner and state; those that are not final with the age of the oldest."""
    from connector.domain.ledger import FINAL

    told: dict[str, dict[str, dict[str, int]]] = {partner: {} for partner in found.settings.partners}
    for lot in found.state.queue if found.state else ():
        age = int((found.now - lot.oldest).total_seconds())
        counted = {"count": lot.count} if lot.state in FINAL else {"count": lot.count, "oldest_seconds": age}
        told.setdefault(lot.partner, {})[lot.state] = counted
    return told


def _freshness(found: _Found) -> dict[str, dict[str, Any]]:
    """Return up to when each stream was read to its end, by property ("chain": what all properties share)."""
    told: dict[str, dict[str, Any]] = {}
    for cursor in found.state.cursors if found.state else ():
        age = int((found.now - cursor.watermark).total_seconds()) if cursor.watermark else None
        told.setdefault(cursor.scope, {})[cursor.stream] = {"as_of": _iso(cursor.watermark), "age_seconds": age}
    return told


def _plan(found: _Found) -> dict[str, Any] | None:
    plan = found.state.plan if found.state else None
    if plan is None:
        return None
    told = {name: getattr(plan, name) for name in ("plan_id", "removals", "changes", "sentence")}
    return told | {"since": _iso(plan.since)}


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None


def _lines(told: dict[str, Any]) -> Iterator[str]:
    """Yield what a person reads: one line for each thing, and nothing where nothing is."""
    yield f"{told['chain']['name']}, version {told['version']}, database revision {told['revision'] or 'none yet'}"
    if told["revision"] not in (None, told["expected_revision"]):
        yield f"the database is not of this version, which expects {told['expected_revision']}: db upgrade"
    yield _life(told["daemon"])
    for name, job in told["jobs"].items():
        yield _job_line(name, job)
    for partner, states in told["queue"].items():
        lots = [f"{lot['count']} {state}{_oldest(lot)}" for state, lot in states.items()]
        yield f"{partner}: {', '.join(lots) or 'no messages'}; {told['miles'].get(partner, 0):,} miles given"
    for partner, circuit in told["circuits"].items():
        if circuit["open"]:
            yield f"{partner}: left alone because it fails, since {circuit['since']}"
    for place, streams in told["freshness"].items():
        ages = [f"{name} {_ago(each['age_seconds'])}" for name, each in streams.items()]
        yield f"{place}: read {', '.join(ages)}"
    if told["plan"]:
        yield f"plan {told['plan']['plan_id']} waits for a person: {told['plan']['sentence']}"
    if told["suspense"]:
        yield f"{cases_wait(told['suspense'])} for a person: loyalty-connector suspense list"


def _life(daemon: dict[str, Any]) -> str:
    refused = daemon["configuration_refused"]
    words = f"; a change of the configuration was refused at {refused}" if refused else ""
    if daemon["alive"]:
        return f"the daemon runs since {daemon['started']}, process {daemon['pid']}{words}"
    return f"the daemon does not run, it last ticked at {daemon['ticked']}" if daemon["ticked"] else "no daemon runs"


def _job_line(name: str, job: dict[str, Any]) -> str:
    last = job["last"]
    if last is None:
        return f"{name:9} never ran; next {job['next'] or 'when a daemon runs'}"
    skipped = f", {last['starts_skipped']} starts left out" if last["starts_skipped"] else ""
    error = f": {last['error']}" if last["error"] else ""
    when = last["ended"] or f"since {last['started']}"
    return f"{name:9} {last['outcome']:11} {when}{skipped}; next {job['next'] or 'when a daemon runs'}{error}"


def _oldest(lot: dict[str, int]) -> str:
    return f" (oldest {_ago(lot['oldest_seconds'])})" if "oldest_seconds" in lot else ""


def _ago(seconds: int | None) -> str:
    if seconds is None:
        return "never"
    for unit, size in (("d", _DAY), ("h", _HOUR), ("m", _MINUTE)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"
