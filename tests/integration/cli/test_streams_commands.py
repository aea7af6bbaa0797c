"""``resync`` and ``cursors reset`` as a person runs them."""

from __future__ import annotations

import asyncio
import io
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from connector.bootstrap.application import open_database
from connector.jobs import runner
from connector.settings import load
from connector.store import leases
from connector.store.lock import exclusive
from tests.integration.cli.town import Done, Office, Town
from tests.integration.earning.chain import MEMBER, NOW

FROM, TO = ((NOW + timedelta(days=days)).date().isoformat() for days in (-60, 2))
LONG_AGO = (NOW - timedelta(days=10)).strftime("%Y-%m-%dT%H:%M:%SZ")
CHAIN = ("memberships", "deleted_memberships", "guests", "deleted_guests")


def resync(opened: Office, stream: str, *words: str) -> Done:
    """Read the whole time of the town again."""
    return opened.run("resync", "--stream", stream, "--from", FROM, "--to", TO, *words)


def cursors(opened: Office) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the cursors by stream and scope."""
    return {(each["stream"], each["scope"]): each for each in opened.run("cursors", "list", "--json").json}


def rows(opened: Office, sql: str) -> list[tuple[Any, ...]]:
    """Look into the database."""
    with closing(sqlite3.connect(opened.database)) as database:
        return list(database.execute(sql))


@contextmanager
def at_a_terminal(answer: str) -> Iterator[None]:
    """Let a person sit there and give one answer."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    with patch.object(sys, "stdin", Terminal(f"{answer}\n")):
        yield


def hold(opened: Office, job: str) -> None:
    """Let another machine's instance do a job for the next minutes."""

    async def take() -> None:
        database = open_database(load(opened.config, opened.environment))
        now = datetime.now(UTC)
        async with database.write() as connection:
            assert await leases.take(connection, job, "elsewhere:1:x", now, now + timedelta(minutes=5))
        await database.aclose()

    asyncio.run(take())


class TestResync:
    @pytest.mark.parametrize(("stream", "read"), [("memberships", 4), ("deleted_memberships", 0), ("guests", 4)])
    def test_a_stream_of_the_chain_says_how_much_was_read_and_how_much_was_new(
        self, copied: Office, stream: str, read: int
    ) -> None:
        done = resync(copied, stream)
        assert (done.code, done.output) == (0, f"{stream} of chain: {read} records read, 0 new or changed\n")

    def test_what_the_stream_missed_is_found_and_its_stay_is_decided_again(self, copied: Office, served: Town) -> None:
        desk = served.desk
        desk.stay("r9", "somebody else")
        desk.edit("Reservations", "r9", UpdatedUtc=LONG_AGO, _UpdatedUtc=LONG_AGO)
        before = cursors(copied)
        assert copied.run("sync", "stays", "--wait", "0s").code == 0
        assert rows(copied, "SELECT id FROM reservation WHERE id = 'r9'") == []
        done = resync(copied, "reservations", "--property", "wien", "--json")
        assert (done.code, done.json) == (
            0,
            {"read": [{"stream": "reservations", "scope": "wien", "read": 4, "differing": 1}], "failed": {}},
        )
        assert rows(copied, "SELECT id, dirty FROM reservation WHERE dirty") == [("r9", 1)]
        assert before.keys() == cursors(copied).keys()
        assert copied.run("sync", "stays", "--wait", "0s").code == 0
        assert rows(copied, "SELECT dirty FROM reservation WHERE id = 'r9'") == [(0,)]
        desk.edit("Reservations", "r9", State="Canceled")

    def test_it_touches_no_cursor_and_reads_all_properties_when_none_is_named(self, copied: Office) -> None:
        before = cursors(copied)
        done = resync(copied, "order_items")
        assert [line.split(":")[0] for line in done.output.splitlines()] == [
            "order_items of wien",
            "order_items of montreal",
        ]
        assert cursors(copied) == before

    def test_it_runs_beside_the_daemon(self, copied: Office) -> None:
        with exclusive(copied.database):
            assert resync(copied, "guests").code == 0

    def test_it_waits_for_its_job_and_gives_up_in_one_sentence(
        self, copied: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(runner, "TURN", timedelta(seconds=0.1))
        hold(copied, "align")
        done = resync(copied, "guests")
        assert done.code == 3
        assert done.errors.startswith("align: another process does it; expected it to end within ")
        assert resync(copied, "reservations").code == 0

    def test_a_date_as_the_end_includes_its_day_and_an_instant_is_taken_in_utc(self, copied: Office) -> None:
        departed = NOW - timedelta(hours=1)
        day = datetime.now(UTC).date().isoformat()
        words = ("resync", "--stream", "reservations", "--property", "montreal")
        whole_day = copied.run(*words, "--from", "2020-01-01", "--to", day, "--json").json
        assert whole_day["read"][0]["read"] == 1
        narrow = ("--from", "2020-01-01T00:00:00+02:00", "--to", (departed - timedelta(days=30)).isoformat()[:19])
        assert copied.run(*words, *narrow, "--json").json["read"][0]["read"] == 0

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (
                ("--stream", "bookings", "--from", FROM, "--to", TO),
                "there is no stream 'bookings'; expected one of memberships, deleted_memberships, guests, "
                "deleted_guests, reservations, order_items, product_orders, bills",
            ),
            (
                ("--stream", "guests", "--from", "31.12.2025", "--to", TO),
                "resync: --from '31.12.2025' is not a date; expected YYYY-MM-DD or an instant such as "
                "2026-12-31T12:00:00Z",
            ),
            (
                ("--stream", "guests", "--from", FROM, "--to", "2026-02-30"),
                "resync: --to '2026-02-30' is not a date; expected YYYY-MM-DD or an instant such as "
                "2026-12-31T12:00:00Z",
            ),
            (
                ("--stream", "guests", "--from", TO, "--to", FROM),
                f"resync: --from {TO} does not lie before --to {FROM}; expected a period",
            ),
            (
                ("--stream", "order_items", "--from", FROM, "--to", TO, "--property", "graz"),
                "there is no property table 'graz'; expected one of wien, montreal",
            ),
            (
                ("--stream", "guests", "--from", FROM, "--to", TO, "--property", "wien"),
                "guests: the stream is read once for the whole chain; expected no --property",
            ),
        ],
        ids=["stream", "from", "to", "period", "property", "chain"],
    )
    def test_what_cannot_be_meant_is_one_sentence(self, synced: Office, words: tuple[str, ...], sentence: str) -> None:
        done = synced.run("resync", *words)
        assert (done.code, done.errors) == (2, f"{sentence}\n")

    def test_a_property_that_cannot_be_read_does_not_stop_the_other(self, copied: Office) -> None:
        wrong = {"LOYALTY_MEWS__PROPERTIES__WIEN__ACCESS_TOKEN": "a-wrong-token"}
        done = copied.run("resync", "--stream", "reservations", "--from", FROM, "--to", TO, **wrong)
        assert done.code == 4
        assert "reservations of montreal: 1 records read" in done.output
        assert "the access_token of [mews.properties.wien]" in done.errors
        assert "a-wrong-token" not in done.errors


class TestCursorsReset:
    def test_with_yes_the_cursor_is_gone_and_the_next_pass_reads_from_the_beginning(self, copied: Office) -> None:
        done = copied.run("cursors", "reset", "reservations", "--property", "wien", "--yes")
        assert (done.code, done.output) == (0, "reservations of wien: the next pass reads from the beginning\n")
        assert ("reservations", "wien") not in cursors(copied)
        assert {("reservations", "montreal"), ("order_items", "wien")} <= cursors(copied).keys()
        assert copied.run("sync", "stays", "--wait", "0s").code == 0
        assert cursors(copied)["reservations", "wien"]["rows_read"] >= 3

    def test_without_a_property_it_is_that_of_each(self, copied: Office) -> None:
        assert copied.run("cursors", "reset", "order_items", "--yes").code == 0
        assert not {("order_items", "wien"), ("order_items", "montreal")} & cursors(copied).keys()

    @pytest.mark.parametrize("stream", CHAIN)
    def test_one_of_the_chain(self, copied: Office, stream: str) -> None:
        assert copied.run("cursors", "reset", stream, "--yes").code == 0
        assert (stream, "chain") not in cursors(copied)

    def test_where_nobody_can_be_asked_it_is_refused_and_says_what_would_happen(self, copied: Office) -> None:
        before = cursors(copied)
        with patch.object(sys, "stdin", io.StringIO("y\n")):
            done = copied.run("cursors", "reset", "memberships")
        assert done.code == 3
        assert done.errors == (
            "cursors reset: memberships of chain: the next pass reads all of it again, and until then no membership "
            "is written. Nobody can be asked here; expected --yes\n"
        )
        assert cursors(copied) == before

    @pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 3)])
    def test_a_person_is_asked(self, copied: Office, answer: str, code: int) -> None:
        with at_a_terminal(answer):
            done = copied.run("cursors", "reset", "reservations")
        assert done.code == code
        assert "the next pass reads 400 days of history again, and decides what changed. Go on?" in done.errors
        assert (("reservations", "wien") in cursors(copied)) is (answer == "n")

    def test_it_is_logged_with_who_did_it(self, copied: Office) -> None:
        named = {"LOGNAME": "anna", "LOYALTY_LOGGING__LEVEL": "INFO"}
        done = copied.run("cursors", "reset", "guests", "--yes", **named)
        (line,) = [each for each in done.errors.splitlines() if "a cursor was reset" in each]
        assert "anna" in line
        assert "guests" in line
        assert MEMBER not in done.errors

    @pytest.mark.parametrize(("stream", "job"), [("guests", "align"), ("guests", "stays"), ("reservations", "stays")])
    def test_while_a_job_reads_the_stream_it_is_refused(
        self, copied: Office, monkeypatch: pytest.MonkeyPatch, stream: str, job: str
    ) -> None:
        monkeypatch.setattr(runner, "TURN", timedelta(seconds=0.1))
        hold(copied, job)
        before = cursors(copied)
        assert copied.run("cursors", "reset", stream, "--yes").code == 3
        assert cursors(copied) == before

    @pytest.mark.parametrize(
        "words", [("bookings",), ("guests", "--property", "wien"), ("order_items", "--property", "x")]
    )
    def test_what_there_is_not_is_one_sentence(self, synced: Office, words: tuple[str, ...]) -> None:
        done = synced.run("cursors", "reset", *words, "--yes")
        assert done.code == 2
        assert len(done.errors.splitlines()) == 1
