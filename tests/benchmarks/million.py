"""A scheme of a million members against a chain of 200,000 guests: the first pass, a quiet one, a small change.

Run as ``python -m tests.benchmarks.million [MEMBERS GUESTS ENROLLED]``; each figure is a line of its own. The simulated
Mews is a process of its own, so that the peak of memory is the connector's. Exit 1 when a pass writes something else
than expected.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connector.sandbox.mews.state import State
from connector.sandbox.serve import Sandbox
from tests.acceptance.chains import load
from tests.acceptance.forks import Forks
from tests.acceptance.road import Road, get, say, variables

COLUMNS = ("member_id", "number", "email", "first_name", "last_name", "tier", "points", "expires_on", "state")
CHANGED = 1000
OVERLAP = 330  # seconds: windows overlap by five minutes, so that what was just written is read once more
PAGE = 1000  # records in a request, the most that Mews takes
STATIC = {"configuration/get", "enterprises/getAll", "services/getAll", "exchangeRates/getAll"}


def main(members: int = 1_000_000, guests: int = 200_000, enrolled: int = 150_000) -> int:
    """Measure three passes and tell whether each wrote what it should."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        state = load(home / "sandbox")
        known = _add_guests(state / "mews.db", guests)
        listing = home / "members.csv"
        _list_members(listing, members, guests - enrolled)
        with Sandbox(state, limit="off") as sandbox, Forks(home / "forks", variables()) as forks:
            road = Road.written(home, sandbox.urls, listing)
            say(f"floor of the first pass: {-(-known // PAGE)} reads, {-(-enrolled // PAGE)} writes, as often updates")
            written = [_sync("first pass", road, forks)]
            time.sleep(OVERLAP)
            written += [_sync("own writes read again", road, forks), _sync("unchanged", road, forks)]
            _list_members(listing, members, guests - enrolled, raised=CHANGED)
            written.append(_sync(f"{CHANGED} changed", road, forks))
    # the program and its two tiers; each membership a second time, because Mews takes our id by update only
    expected = [3 + 2 * enrolled, 0, 0, min(CHANGED, enrolled)]
    say(f"written {written}, expected {expected}")
    return int(written != expected)


def _add_guests(file: Path, guests: int) -> int:
    """Add guests to a chain that no server uses; return how many it has then."""
    with closing(sqlite3.connect(file)) as connection:
        (body,) = connection.execute('SELECT body FROM "Customers" LIMIT 1').fetchone()
    with closing(State(file)) as state:
        state.load(_guests(guests, json.loads(body)["ChainId"]))
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute('SELECT count(*) FROM "Customers"').fetchone()[0])


def _guests(count: int, chain_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    first = datetime.now(UTC) - timedelta(days=300)
    for number in range(count):
        at = (first + timedelta(days=299) * (number / count)).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield (
            "Customers",
            {
                "Id": f"00000000-0000-4000-8000-{number:012}",
                "ChainId": chain_id,
                "FirstName": f"First{number % 997}",
                "LastName": f"Last{number % 4999}",
                "Email": _email(number),
                "HasOtaEmail": False,
                "IsActive": True,
                "CreatedUtc": at,
                "UpdatedUtc": at,
            },
        )


def _email(number: int) -> str:
    return f"member{number}@post.example"


def _list_members(path: Path, members: int, unmatched: int, raised: int = 0) -> None:
    """Write the scheme's file: the guests from ``unmatched`` on are its first members; ``raised`` have more points."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for place in range(members):
            number = place + unmatched
            points = place % 5000 + (100_000 if place < raised else 0)
            names = (_email(number), f"First{number % 997}", f"Last{number % 4999}")
            tier = "SILVER" if place % 5 else "GOLD"
            writer.writerow((f"X{place:07}", f"AX{place:08}", *names, tier, points, "2031-12-31", "Enrolled"))


def _sync(name: str, road: Road, forks: Forks) -> int:
    """Run the first road once; return what it wrote."""
    before = _calls(road)
    done = forks.run(road.config, "sync", "align", "--json")
    calls = _calls(road)
    made = {each: calls[each] - before.get(each, 0) for each in calls if calls[each] != before.get(each, 0)}
    counted = sum(count for each, count in made.items() if each not in STATIC)
    say(f"{name}: exit {done.code}, {done.seconds:.1f} s, {done.peak_mib:.0f} MiB, {counted} requests, {made}")
    if done.code:
        say(done.errors)
    return int(done.json["jobs"][0]["written"])


def _calls(road: Road) -> dict[str, int]:
    return {name: int(count["calls"]) for name, count in get(f"{road.urls['mews']}/_sandbox/stats").items()}


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
