"""How everything stands, for the first page: systems, freshness, queue, jobs, miles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from connector.bootstrap import App
from connector.domain.incidents import MEANINGS, sentence
from connector.domain.ledger import State
from connector.domain.schedule import next_start
from connector.jobs import mirror
from connector.jobs.figures import midnight
from connector.jobs.overview import Overview, overview
from connector.jobs.properties import STAY_STREAMS
from connector.jobs.runner import JOBS
from connector.store import daily, incidents, pauses, proposals, stays, traffic
from connector.store.cursors import Cursor
from connector.store.queue import Lot
from connector.store.runs import Record
from connector.web.chart import Chart, chart

DAYS = 30  # of the chart
#: What is not at its end, in the order of a message's life.
UNFINISHED = (State.HELD, State.READY, State.IN_FLIGHT, State.IN_DOUBT, State.SUSPENDED, State.REFUSED)
_SILENCE = timedelta(minutes=30)
_LATELY = timedelta(days=7)  # how far back a partner's last success and failure are looked for
Health = Literal["good", "warn", "bad", ""]


@dataclass(frozen=True, slots=True)
class System:
    """A remote system: how it is in a word and a sentence, when it last worked and when it last did not."""

    name: str
    kind: str
    health: Health
    word: str
    note: str = ""
    success: datetime | None = None
    failure: datetime | None = None


@dataclass(frozen=True, slots=True)
class Freshness:
    """Up to when the stays of a property were read; None: not read yet, or only in part."""

    property: str
    table: str
    stays: datetime | None


@dataclass(frozen=True, slots=True)
class Job:
    """A job: its latest runs, if it ever ran, and when it starts next; ``health`` is that of the last run."""

    name: str
    record: Record | None
    next: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What the first page shows; ``tiers`` is up to when guests and memberships were read.

    ``proposals`` counts what waits for a second person; ``incidents`` are those that last, each as a sentence.
    """

    seen: Overview
    incidents: Sequence[tuple[datetime, str, str]]
    systems: Sequence[System]
    tiers: datetime | None
    freshness: Sequence[Freshness]
    queue: Sequence[Lot]
    proposals: int
    jobs: Sequence[Job]
    chart: Chart

    @property
    def cases(self) -> int:
        """How many cases are open."""
        return sum(self.seen.cases.values())

    @property
    def to_send(self) -> int:
        """How many messages are on their way: whatever is not at its end, and waits for nobody."""
        ended = (State.SUSPENDED, State.REFUSED)
        return sum(each.count for each in self.queue if each.state not in ended)


async def standing(app: App) -> Standing:
    """Read how everything stands."""
    now, zone = app.chain.clock.now(), ZoneInfo(app.settings.chain.time_zone)
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]
    async with app.database.read() as connection:
        seen = await overview(connection)
        known = await stays.properties(connection)
        miles = await daily.miles(connection, [midnight(day, zone) for day in (*days, today + timedelta(days=1))])
        labels = [(each.name, each.account) for one in app.runner.partnerships for each in one.by_account()]
        flows = {label: await traffic.traffic(connection, *label, now - _LATELY) for label in labels}
        wrong = await incidents.standing(connection)
        proposed = await proposals.waiting(connection, now)
        waiting = {each.name: await pauses.paused(connection, each.name) for each in app.runner.partnerships}
    names: dict[str, list[str]] = {}
    for place in known.values():
        names.setdefault(place.table, []).append(place.name)
    return Standing(
        seen=seen,
        incidents=[(each.opened_at, sentence(each.incident), MEANINGS[each.incident.kind].advice) for each in wrong],
        systems=[*_mews(app, seen, now), *_scheme(app, seen), *_partners(app, seen, flows, waiting)],
        tiers=_oldest([each for each in seen.cursors if each.stream in mirror.STREAMS], len(mirror.STREAMS)),
        freshness=[
            Freshness(", ".join(sorted(names.get(table, []))) or table, table, _stays(seen.cursors, table))
            for table in app.chain.tokens
        ],
        queue=[each for each in seen.queue if each.state in UNFINISHED],
        proposals=proposed,
        jobs=[_job(app, name, seen.jobs.get(name), zone, now) for name in JOBS],
        chart=chart(days, dict.fromkeys(app.partners, [0] * DAYS) | miles),
    )


def _oldest(found: Sequence[Cursor], expected: int) -> datetime | None:
    """Return up to when all streams were read; None where one never was read to its end."""
    marks = [each.watermark for each in found if each.watermark is not None]
    return min(marks) if len(marks) == expected else None


def _stays(cursors: Sequence[Cursor], table: str) -> datetime | None:
    wanted = STAY_STREAMS[:2]
    return _oldest([each for each in cursors if each.scope == table and each.stream in wanted], len(wanted))


def _mews(app: App, seen: Overview, now: datetime) -> Iterator[System]:
    for table in app.chain.tokens:
        heard = [each.updated_at for each in seen.cursors if each.scope == table and each.updated_at is not None]
        last = max(heard, default=None)
        health, word, note = _token(app, table, last, now)
        yield System(f"Mews {table}", "property", health, word, note, success=last)


def _token(app: App, table: str, last: datetime | None, now: datetime) -> tuple[Health, str, str]:
    if table in app.chain.dead or table in app.chain.barred:
        return "bad", "token refused", "Mews does not accept this access token; the next pass tries it again."
    if last is None:
        return "", "not read yet", ""
    if now - last > _SILENCE:
        return "warn", "silent", "Nothing was read from this property for a while."
    return "good", "works", ""


def _scheme(app: App, seen: Overview) -> Iterator[System]:
    scheme = app.settings.scheme
    if scheme is None:
        return
    record = seen.jobs.get("align")
    last, well = (record.last, record.ok) if record else (None, None)
    fault = last.error if last is not None and last.error.startswith("scheme") else ""
    yield System(
        name=f"Scheme {scheme.program}",
        kind=scheme.kind,
        health="bad" if fault else "good" if well else "",
        word="failed" if fault else "works" if well else "not read yet",
        note=fault,
        success=well.ended_at if well else None,
        failure=last.ended_at if fault and last else None,
    )


def _partners(
    app: App, seen: Overview, flows: Mapping[tuple[str, str], traffic.Traffic], waiting: Mapping[str, set[str]]
) -> Iterator[System]:
    for partnership in app.runner.partnerships:
        for each in partnership.by_account():
            flow, opened = flows[each.name, each.account], seen.circuits.get(each.label)
            health, word, note = _circuit(opened is not None, len(waiting[each.name]), flow.taken_at)
            yield System(
                name=each.label,
                kind=f"{app.settings.partners[each.name].channel}, {each.mode}",
                health=health,
                word=word,
                note=note,
                success=flow.taken_at,
                failure=max(filter(None, (flow.failed_at, opened)), default=None),
            )


def _circuit(is_open: bool, paused: int, taken: datetime | None) -> tuple[Health, str, str]:
    if is_open:
        return (
            "bad",
            "circuit open",
            "It failed repeatedly, so it is left alone for a while; the ledger keeps the work.",
        )
    if paused:
        return "warn", "properties paused", f"{paused} give far more miles than usual and wait for a person."
    return ("good", "works", "") if taken else ("", "nothing sent yet", "")


def _job(app: App, name: str, record: Record | None, zone: ZoneInfo, now: datetime) -> Job:
    every = getattr(app.settings.schedule, name)
    return Job(name, record, next_start(every, zone, record.last.started_at if record else None, now))
