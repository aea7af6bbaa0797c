"""``status``: beside a daemon or without one, on any database, and never with anything personal."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from typer.testing import CliRunner

from connector import heartbeat
from connector.cli.app import app as root
from connector.heartbeat import Life
from connector.ports import BreakerState
from connector.settings import load
from connector.store import cursors, facts, ledger, limits, migrations, pending, runs, suspense
from connector.store.cursors import Cursor
from connector.store.engine import Database
from connector.store.pending import Pending
from connector.store.runs import Run
from connector.store.suspense import Case
from tests.integration.daemon.rehearsal import PLAIN, SECRETS
from tests.integration.store.makers import FROZEN, PARTNER, award, message

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)


class Place:
    """A configuration and its database."""

    def __init__(self, home: Path) -> None:
        self.config = home / "connector.toml"
        self.database = home / "connector.db"
        self.config.write_text(PLAIN)

    def status(self, *words: str) -> str:
        """Run the command, which must succeed; return what it prints."""
        inherited = {name: None for name in os.environ if name.startswith("LOYALTY_")}
        done = CliRunner().invoke(root, ["--config", str(self.config), "status", *words], env={**inherited, **SECRETS})
        assert done.exit_code == 0, done.output
        return done.stdout

    def json(self) -> Any:
        """Return what it prints with ``--json``."""
        return json.loads(self.status("--json"))

    def fill(self, work: Callable[[AsyncConnection], Awaitable[None]]) -> None:
        """Write to the database."""

        async def main() -> None:
            database = Database(f"sqlite:///{self.database}")
            async with database.write() as connection:
                await work(connection)
            await limits.StoredBreakers(database).swap(f"partner {PARTNER}", BreakerState(), BreakerState(5, NOW))
            await database.aclose()

        asyncio.run(main())

    def alive(self, life: Life) -> None:
        """Leave the sign of a running daemon."""
        heartbeat.beat(heartbeat.place(load(self.config, SECRETS)), life)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def filled(place: Place, sqlite_template: Path) -> Place:
    """A database with something of everything."""
    shutil.copy(sqlite_template, place.database)
    place.fill(_everything)
    return place


async def _everything(connection: AsyncConnection) -> None:
    await facts.write(connection, "chain_id", "chain-1")
    for number, outcome in enumerate(("ok", "failed")):
        start = NOW - (2 - number) * HOUR
        await runs.begin(connection, "align", f"run{outcome}", "host:1:a", start)
        end = start + timedelta(minutes=1)
        error = "" if outcome == "ok" else "align: Mews is away"
        await runs.end(
            connection, Run("align", f"run{outcome}", "host:1:a", start, end, outcome, 9, 2, 3, 60.0, error=error)
        )
    await runs.begin(connection, "stays", "goes", "host:1:a", NOW - HOUR)
    await runs.skip(connection, "stays")
    await ledger.open_awards(connection, [ledger.Opening(award(), FROZEN, ["r1"])], NOW)
    await ledger.append(connection, [message()], "test", NOW - 3 * HOUR)
    await suspense.open_cases(connection, [Case("message", "key", "in_doubt", "unknown outcome", PARTNER)], NOW)
    await cursors.save(connection, Cursor("reservations", "wien", watermark=NOW - 3 * HOUR), NOW)
    await pending.note(connection, Pending("0a1b2c3d4e5f", 60, 0, "60 removals planned.", NOW))


def test_without_a_daemon_and_a_database_it_says_so_and_makes_none(place: Place) -> None:
    told = place.json()
    assert (told["revision"], told["daemon"]["alive"], told["queue"]) == (None, False, {})
    assert {job["next"] for job in told["jobs"].values()} == {None}
    assert "no daemon runs" in place.status()
    assert not place.database.exists()


def test_the_state_of_everything_is_told_as_json(filled: Place) -> None:
    told = filled.json()
    assert set(told) == {
        *("version", "revision", "expected_revision", "chain", "daemon", "jobs", "queue", "miles"),
        *("suspense", "cases", "circuits", "freshness", "plan"),
    }
    assert (told["revision"], told["expected_revision"]) == (migrations.HEAD, migrations.HEAD)
    assert told["chain"] == {"name": "Alpenglow Hotels", "id": "chain-1"}
    assert told["queue"][PARTNER]["ready"]["count"] == 1
    assert told["queue"][PARTNER]["ready"]["oldest_seconds"] >= 3 * 3600
    assert (told["suspense"], told["cases"]) == (1, {"message": 1})
    assert told["circuits"][PARTNER]["open"]
    assert told["freshness"]["wien"]["reservations"]["age_seconds"] >= 3600
    assert told["plan"]["plan_id"] == "0a1b2c3d4e5f"


def test_the_jobs_are_told_with_their_last_run_and_last_success(filled: Place) -> None:
    jobs = filled.json()["jobs"]
    align, stays = jobs["align"], jobs["stays"]
    assert (align["last"]["outcome"], align["last"]["error"]) == ("failed", "align: Mews is away")
    assert align["last_ok"] == (NOW - 2 * HOUR + timedelta(minutes=1)).isoformat().replace("+00:00", "Z")
    assert (stays["last"]["outcome"], stays["last"]["ended"], stays["last"]["starts_skipped"]) == ("running", None, 1)
    assert jobs["reconcile"]["last"] is None


def test_beside_a_running_daemon_the_next_starts_are_told(filled: Place) -> None:
    filled.alive(Life(4711, NOW - HOUR, NOW - HOUR, refused=NOW))
    told = filled.json()
    assert (told["daemon"]["alive"], told["daemon"]["pid"]) == (True, 4711)
    assert told["daemon"]["configuration_refused"] == NOW.isoformat().replace("+00:00", "Z")
    moments = {name: datetime.fromisoformat(job["next"]) for name, job in told["jobs"].items()}
    assert moments["align"] - datetime.now(UTC) < timedelta(minutes=4)  # its last start is an hour ago: it is due
    assert moments["reconcile"].astimezone().minute == 30


def test_a_person_reads_it_in_a_few_lines(filled: Place) -> None:
    filled.alive(Life(4711, NOW - HOUR, NOW - HOUR))
    printed = filled.status()
    for words in (
        "Alpenglow Hotels, version",
        "the daemon runs since",
        "align     failed",
        ": align: Mews is away",
        "1 starts left out",
        f"{PARTNER}: 1 ready (oldest 3 h ago); 0 miles given",
        f"{PARTNER}: left alone because it fails, since",
        "wien: read reservations 3 h ago",
        "plan 0a1b2c3d4e5f waits for a person: 60 removals planned.",
        "1 case waits for a person: loyalty-connector suspense list",
    ):
        assert words in printed
    assert "9920012345" not in printed


def test_a_daemon_that_was_killed_is_told_from_one_that_lives(filled: Place) -> None:
    filled.alive(Life(4711, NOW, NOW))
    sign = filled.database.with_name("connector.db.heartbeat")
    sign.write_text(sign.read_text().replace(str(datetime.now(UTC).year), "2020", 1))
    assert "the daemon does not run, it last ticked at 2020-" in filled.status()


def test_a_database_of_another_version_is_left_as_it_is(filled: Place) -> None:
    async def older(connection: AsyncConnection) -> None:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0019'"))

    filled.fill(older)
    told = filled.json()
    assert (told["revision"], told["jobs"]["align"]["last"]) == ("0019", None)
    assert f"which expects {migrations.HEAD}: db upgrade" in filled.status()
