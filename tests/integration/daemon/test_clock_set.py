"""The machine's clock is set while a daemon runs: its schedule goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connector.daemon import timekeeper
from connector.daemon.timetable import Timetable
from connector.settings import load
from tests.integration.daemon.rehearsal import PLAIN, SECRETS
from tests.unit.http.memory import HandClock

HOUR = timedelta(hours=1)


@pytest.fixture
async def timetable(tmp_path: Path) -> Iterator[Timetable]:
    """A timetable with a job of an interval, one with a time of day, and a tick."""
    (tmp_path / "connector.toml").write_text(f'{PLAIN}\n[schedule]\nstays = "5m"\nsweep = "04:00"\n')
    made = Timetable(load(tmp_path / "connector.toml", SECRETS), lambda name, why: None)
    for name in ("stays", "sweep"):
        made.add(name, _nothing)
    made.tick("tick", timedelta(seconds=5), _nothing)
    made.start()
    yield made
    made.end()


async def _nothing() -> None:
    """Work that is done at once."""


def starts(timetable: Timetable) -> dict[str, datetime]:
    return {job.id: job.next_run_time for job in timetable.scheduler.get_jobs()}


async def test_a_clock_that_is_set_moves_intervals_with_it_and_no_time_of_day_away(timetable: Timetable) -> None:
    timetable.scheduler.pause()
    before = starts(timetable)
    timetable.shift(-HOUR)
    after = starts(timetable)
    assert [before[name] - after[name] for name in ("stays", "tick")] == [HOUR, HOUR]
    assert after["sweep"] <= before["sweep"]
    timetable.shift(3 * HOUR)
    assert starts(timetable)["stays"] - after["stays"] == 3 * HOUR
    assert starts(timetable)["sweep"] <= datetime.now(UTC) + timedelta(hours=25)


@pytest.mark.parametrize(("by", "noticed"), [(-3600, True), (3600, True), (1, False)])
async def test_the_daemon_notices_a_step_and_nothing_else(
    timetable: Timetable, by: float, noticed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, moment, looks, told = HandClock(), [0.0], [0], []
    monkeypatch.setattr(Timetable, "shift", lambda _, step: told.append(step))

    async def sleep(seconds: float) -> None:
        looks[0] += 1
        if looks[0] == 5:
            raise asyncio.CancelledError
        moment[0] += seconds
        clock.advance(seconds + (by if looks[0] == 2 else 0))

    with pytest.raises(asyncio.CancelledError):
        await timekeeper.keep(timetable, clock, lambda: moment[0], sleep)
    assert told == ([timedelta(seconds=by)] if noticed else [])


@pytest.mark.parametrize("zone", ["Europe/Vienna", "America/Toronto", "America/St_Johns", "Australia/Lord_Howe"])
@pytest.mark.parametrize("at", ["00:30", "01:30", "01:45", "02:00", "02:15", "02:30", "03:00"])
async def test_a_time_of_day_comes_every_day_also_when_the_clocks_are_changed(
    zone: str, at: str, tmp_path: Path
) -> None:
    text = PLAIN.replace("Europe/Vienna", zone)
    (tmp_path / "connector.toml").write_text(f'{text}\n[schedule]\nsweep = "{at}"\n')
    trigger = Timetable(load(tmp_path / "connector.toml", SECRETS), lambda name, why: None)._trigger("sweep")
    moment, starts = datetime(2027, 1, 1, tzinfo=ZoneInfo(zone)), []
    for _ in range(364):
        found = trigger.get_next_fire_time(None, moment)
        starts.append(found.astimezone(UTC))
        moment = found.astimezone(UTC) + timedelta(seconds=1)
    gaps = [after - before for before, after in pairwise(starts)]
    assert max(gaps) <= timedelta(hours=25)
    assert len({each.astimezone(ZoneInfo(zone)).date() for each in starts}) >= 363
