"""A scheme of a million members against a chain of 200,000 guests: the first pass, a quiet one, a small change.

Run as ``python -m tests.benchmarks.million [quick|nightly]``. The simulated Mews is a process of its own, so that the
peak of memory is the connector's. The quick one has a part of the members, and so few guests among them that what a
pass wrote fits in one page: the next pass reads it once more, and is quiet all the same.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connector.sandbox.serve import Sandbox
from tests.acceptance.chains import load
from tests.acceptance.forks import Forks
from tests.acceptance.road import Road, get, shown, variables
from tests.benchmarks.population import add_guests, list_members
from tests.campaigns.figures import Figure, Profile, ran

CHANGED = 1000
OVERLAP = 330  # seconds: windows overlap by five minutes, so that what was just written is read once more
PAGE = 1000  # records in a request, the most that Mews takes
WINDOW = timedelta(days=89)  # the longest that the connector asks for
MEMORY = 300  # MiB
BAR = 1.05
#: The streams of alignment; some share an operation.
STREAMS = {"loyaltyPrograms/getAll": 1, "loyaltyTiers/getAll": 1, "loyaltyMemberships/getAll": 2, "customers/getAll": 2}
WRITES = ("loyaltyMemberships/add", "loyaltyMemberships/update", "loyaltyMemberships/delete")
#: Neither configuration nor what is read again after programs and tiers were added.
COUNTED = ("loyaltyMemberships/getAll", "customers/getAll", *WRITES)


@dataclass(frozen=True, slots=True)
class Size:
    """Members of the scheme, guests added to the chain, and how many of these are members."""

    members: int
    guests: int
    enrolled: int


SIZES: Mapping[Profile, Size] = {"quick": Size(60_000, 12_000, 900), "nightly": Size(1_000_000, 200_000, 150_000)}


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did: items written, requests by operation, seconds, its peak of memory in MiB."""

    written: int
    requests: Mapping[str, int]
    seconds: float
    peak: float


def campaign(profile: Profile) -> Iterator[Figure]:
    """Measure the passes and judge what each asked of Mews."""
    size = SIZES[profile]
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        state = load(home / "sandbox")
        add_guests(state / "mews.db", size.guests)
        listing = home / "members.csv"
        list_members(listing, size.members, size.guests - size.enrolled)
        with Sandbox(state, limit="off") as sandbox, Forks(home / "forks", variables()) as forks:
            road = Road.written(home, sandbox.urls, listing)
            passes = [_sync(road, forks)]
            yield _first(passes[0], _floor(road, size.enrolled))
            if profile == "nightly":
                time.sleep(OVERLAP)
                passes.append(_sync(road, forks))  # its window still overlaps with what the first one wrote
            passes.append(_sync(road, forks))
            yield _quiet(passes[-1])
            list_members(listing, size.members, size.guests - size.enrolled, raised=CHANGED)
            passes.append(_sync(road, forks))
    changed = min(CHANGED, size.enrolled)
    yield _small(passes[-1], changed)
    # the program and its two tiers; each membership a second time, because Mews takes our id by update only
    yield _written(passes, [3 + 2 * size.enrolled, *([0] * (len(passes) - 2)), changed])
    peak = max(each.peak for each in passes)
    claim = f"A scheme of {size.members:,} members needs little memory"
    yield Figure(claim, f"{peak:.0f} MiB resident at its peak", f"at most {MEMORY} MiB", peak <= MEMORY)


def _floor(road: Road, enrolled: int) -> int:
    """Return the fewest requests that read all guests and memberships and write the latter.

    A request takes a thousand records; a window of guests takes one even when it is empty, and one more for the guests
    deleted in it. Each membership is written twice, because Mews takes our id by update only.
    """
    ((told,),) = road.rows("SELECT min(created) FROM property")
    began = datetime.fromisoformat(f"{told}+00:00")
    windows: Counter[int] = Counter(dict.fromkeys(range((datetime.now(UTC) - began) // WINDOW + 1), 0))
    for guest in shown(road.urls["mews"], "Customers"):
        windows[(datetime.fromisoformat(guest["UpdatedUtc"]) - began) // WINDOW] += 1
    guests = sum(max(1, _pages(count)) for count in windows.values()) + len(windows)
    return guests + STREAMS["loyaltyMemberships/getAll"] + 2 * _pages(enrolled)


def _pages(records: int) -> int:
    return -(-records // PAGE)


def _first(done: Pass, floor: int) -> Figure:
    asked = sum(done.requests.get(each, 0) for each in COUNTED)
    return Figure(
        "The first alignment of a chain asks Mews hardly more than the least there can be",
        f"{asked} requests, {asked / floor:.3f} of the floor of {floor}; {done.seconds:.0f} s",
        f"at most {BAR} of the floor",
        asked <= BAR * floor,
    )


def _quiet(done: Pass) -> Figure:
    reads = {each: done.requests.get(each, 0) for each in STREAMS}
    within = all(reads[each] <= most for each, most in STREAMS.items()) and not _writes(done)
    return Figure(
        "A pass over an unchanged chain asks Mews once for each stream, and writes nothing",
        f"{sum(reads.values())} reads of {sum(STREAMS.values())} streams, {_writes(done)} writes; {done.seconds:.1f} s",
        "at most 1 request for each stream, which is the floor",
        within,
    )


def _small(done: Pass, changed: int) -> Figure:
    most = max(done.requests.get(each, 0) for each in WRITES)
    return Figure(
        f"{changed:,} changed members are written in full batches",
        f"{most} write requests of a kind, the floor is {_pages(changed)}; {done.seconds:.1f} s",
        "at most 2 of each kind",
        0 < most <= 2,
    )


def _written(passes: Sequence[Pass], expected: Sequence[int]) -> Figure:
    written = [each.written for each in passes]
    told = ", ".join(f"{count:,}" for count in written)
    return Figure("Each pass writes exactly what differs", f"{told} items", "no other", written == expected)


def _writes(done: Pass) -> int:
    return sum(done.requests.get(each, 0) for each in WRITES)


def _sync(road: Road, forks: Forks) -> Pass:
    """Run the first road once."""
    before = _calls(road)
    done = forks.run(road.config, "sync", "align", "--json")
    if done.code:
        raise RuntimeError(f"sync ended with {done.code}: {done.errors}")
    made = {each: count - before.get(each, 0) for each, count in _calls(road).items()}
    return Pass(int(done.json["jobs"][0]["written"]), made, done.seconds, done.peak_mib)


def _calls(road: Road) -> dict[str, int]:
    return {name: int(count["calls"]) for name, count in get(f"{road.urls['mews']}/_sandbox/stats").items()}


if __name__ == "__main__":
    sys.exit(ran(campaign, sys.argv[1:]))
