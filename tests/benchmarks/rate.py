"""The request limit, seen from the server: memberships are written under a small limit, with a kill in the middle.

Run as ``python -m tests.benchmarks.rate [quick|nightly]``. Both sides have the same limit, the server's being a true
sliding window. The nightly one writes 100,000 memberships with 20 requests in 30 s, which
takes nine minutes. The chain has one access token, because pages of a listing go through one.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connector.sandbox.serve import Sandbox
from tests.acceptance.chains import load
from tests.acceptance.road import ROOT, Road, get, shown, variables
from tests.benchmarks.population import add_guests, list_members
from tests.campaigns.figures import Figure, Profile, ran

ADD = "loyaltyMemberships/add"
ROW = 5  # windows


@dataclass(frozen=True, slots=True)
class Size:
    """Memberships to write, and the limit: requests in a window of so many seconds.

    ``absence`` counts where it is short beside the windows: between the kill and the next life's first request nobody
    is there to ask. ``bar`` is the least share: of short windows the limiter's margin and a pause to plan take more.
    """

    members: int
    requests: int
    window: int
    absence: bool
    bar: float


SIZES: Mapping[Profile, Size] = {"quick": Size(6_000, 5, 6, False, 0.6), "nightly": Size(100_000, 20, 30, True, 0.85)}


def campaign(profile: Profile) -> Iterator[Figure]:
    """Write the memberships in two lives of the connector and judge what the server saw."""
    size = SIZES[profile]
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        state = load(home / "sandbox")
        add_guests(state / "mews.db", size.members)
        list_members(home / "members.csv", size.members)
        with Sandbox(state, limit=f"{size.requests}/{size.window}s") as sandbox:
            road = Road.written(home, sandbox.urls, home / "members.csv")
            limits = f'requests = {size.requests}\nwindow = "{size.window}s"'
            text = road.config.read_text().replace("requests = 100000", limits)
            text = text.replace("[mews.properties.montreal]\n", "").replace("{ montreal =", "{ wien =")
            road.config.write_text(text)
            killed = _killed_midway(road, size.members // 2000)
            _end(road)
            arrivals = _arrivals(road)
            enrolled = Counter(each["AccountId"] for each in shown(sandbox.urls["mews"], "LoyaltyMemberships"))
    yield _refused(arrivals, size)
    yield _used([float(each["at"]) for each in arrivals if each["admitted"]], killed, size)
    whole = sum(count == 1 for account, count in enrolled.items() if account.startswith("00000000"))
    claim = "A process that is killed in the middle of its writing leaves nothing out and nothing twice"
    yield Figure(claim, f"{whole:,} guests with one membership", f"all {size.members:,}", whole == size.members)


def _arrivals(road: Road) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get(f"{road.urls['mews']}/_sandbox/arrivals")
    return found


def _killed_midway(road: Road, adds: int) -> float:
    """Start the first road, kill it when so many batches were added; return when by the server's clock."""
    with _started(road) as process:
        while sum(each["operation"] == ADD for each in _arrivals(road)) < adds:
            if process.poll() is not None:
                raise RuntimeError(f"sync ended early: {process.communicate()}")
            time.sleep(0.2)
        process.kill()
    return time.monotonic()


def _end(road: Road) -> None:
    """Let a second life do the rest."""
    with _started(road) as process:
        output, errors = process.communicate()
    if process.returncode:
        raise RuntimeError(f"the second life ended with {process.returncode}: {output.decode()} {errors.decode()}")


def _started(road: Road) -> subprocess.Popen[bytes]:
    command = road.command("sync", "align", "--json", "--wait", "120s")
    return subprocess.Popen(command, env=_variables(), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _variables() -> dict[str, str]:
    return {name: value for name, value in variables().items() if "MONTREAL" not in name}


def _refused(arrivals: Sequence[Mapping[str, Any]], size: Size) -> Figure:
    refused = sum(not each["admitted"] for each in arrivals)
    return Figure(
        "Mews never answers that there were too many requests, restarts included",
        f"{refused} of {len(arrivals)} requests refused by a sliding window of {size.requests} in {size.window} s",
        "none",
        refused == 0,
    )


def _used(moments: Sequence[float], killed: float, size: Size) -> Figure:
    """Judge the least share of the limit in five windows in a row, wherever they begin."""
    absent = next(each for each in moments if each > killed) - killed
    present = [each if each <= killed or size.absence else each - absent for each in moments]
    first, long = present[0], ROW * size.window
    starts = [first + second for second in range(int(present[-1] - first - long) + 1)]
    shares = {start: _within(present, start, long) / (ROW * size.requests) for start in starts}
    across = [share for start, share in shares.items() if start < killed < start + long]
    least = min(shares.values(), default=0.0)
    return Figure(
        "While there is work, the request limit is used",
        f"{least:.0%} of the limit in the worst {long} s, {min(across, default=least):.0%} across a restart "
        f"({'with' if size.absence else 'without'} the {absent:.1f} s in which no process asked)",
        f"at least {size.bar:.0%} of windows of {size.window} s; all there is would be 100%",
        least >= size.bar,
    )


def _within(moments: Sequence[float], start: float, seconds: float) -> int:
    return sum(start <= each < start + seconds for each in moments)


if __name__ == "__main__":
    sys.exit(ran(campaign, sys.argv[1:]))
