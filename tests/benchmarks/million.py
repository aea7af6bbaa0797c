"""A scheme of a million members against a chain of 200,000 guests: the first pass, a quiet one, a small change.

Run as ``python -m tests.benchmarks.million [MEMBERS GUESTS ENROLLED]``; each figure is a line of its own. The simulated
Mews is a process of its own, so that the peak of memory is the connector's. Exit 1 when a pass writes something else
than expected.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from connector.sandbox.serve import Sandbox
from tests.acceptance.chains import load
from tests.acceptance.forks import Forks
from tests.acceptance.road import Road, get, say, variables
from tests.benchmarks.population import add_guests, list_members

CHANGED = 1000
OVERLAP = 330  # seconds: windows overlap by five minutes, so that what was just written is read once more
PAGE = 1000  # records in a request, the most that Mews takes
STATIC = {"configuration/get", "enterprises/getAll", "services/getAll", "exchangeRates/getAll"}


def main(members: int = 1_000_000, guests: int = 200_000, enrolled: int = 150_000) -> int:
    """Measure three passes and tell whether each wrote what it should."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        state = load(home / "sandbox")
        known = add_guests(state / "mews.db", guests)
        listing = home / "members.csv"
        list_members(listing, members, guests - enrolled)
        with Sandbox(state, limit="off") as sandbox, Forks(home / "forks", variables()) as forks:
            road = Road.written(home, sandbox.urls, listing)
            say(f"floor of the first pass: {-(-known // PAGE)} reads, {-(-enrolled // PAGE)} writes, as often updates")
            written = [_sync("first pass", road, forks)]
            time.sleep(OVERLAP)
            written += [_sync("own writes read again", road, forks), _sync("unchanged", road, forks)]
            list_members(listing, members, guests - enrolled, raised=CHANGED)
            written.append(_sync(f"{CHANGED} changed", road, forks))
    # the program and its two tiers; each membership a second time, because Mews takes our id by update only
    expected = [3 + 2 * enrolled, 0, 0, min(CHANGED, enrolled)]
    say(f"written {written}, expected {expected}")
    return int(written != expected)


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
