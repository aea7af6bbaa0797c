"""The request limit, seen from the server: 100,000 memberships under 20 requests in 30 s, with a kill in the middle.

Run as ``python -m tests.benchmarks.rate [MEMBERS REQUESTS]``; with the figures of today it takes nine minutes. Both
sides have the same limit, the server's being a true sliding window. Exit 1 when a request was refused, when five
windows in a row hold less than 85 % of what they may, or when a membership is missing or there twice.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from connector.sandbox.mews.tokens import ACCESS_TOKENS
from connector.sandbox.serve import Sandbox
from tests.acceptance.chains import load
from tests.acceptance.road import ROOT, Road, get, say, shown, variables
from tests.benchmarks.population import add_guests, list_members

ADD = "loyaltyMemberships/add"
WINDOW = 30
ROW = 5  # windows
BAR = 0.85


def main(members: int = 100_000, requests: int = 20) -> int:
    """Write the memberships in two lives of the connector and judge what the server saw."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        state = load(home / "sandbox")
        add_guests(state / "mews.db", members)
        list_members(home / "members.csv", members)
        with Sandbox(state, limit=f"{requests}/{WINDOW}s") as sandbox:
            road = Road.written(home, sandbox.urls, home / "members.csv")
            road.config.write_text(road.config.read_text().replace("requests = 100000", f"requests = {requests}"))
            killed = _killed_midway(road, members // 2000)
            written = _ended(road)
            arrivals = [each for each in _arrivals(road) if each["token"] == ACCESS_TOKENS["wien"]]
            enrolled = Counter(each["AccountId"] for each in shown(sandbox.urls["mews"], "LoyaltyMemberships"))
    say(f"calls: {dict(Counter(each['operation'] for each in arrivals))}")
    refused = sum(not each["admitted"] for each in arrivals)
    whole = sum(count == 1 for account, count in enrolled.items() if account.startswith("00000000"))
    say(f"refused with 429: {refused}; guests with one membership: {whole} of {members}; sync exit {written}")
    least = _tell([float(each["at"]) for each in arrivals if each["admitted"]], killed, requests)
    return int(refused > 0 or whole != members or written != 0 or least < BAR)


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


def _ended(road: Road) -> int:
    with _started(road) as process:
        output, errors = process.communicate()
    say(f"second life: {output.decode().strip()} {errors.decode().strip()}")
    return process.returncode


def _started(road: Road) -> subprocess.Popen[bytes]:
    command = road.command("sync", "align", "--json", "--wait", "120s")
    return subprocess.Popen(command, env=variables(), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _tell(moments: Sequence[float], killed: float, requests: int) -> float:
    """Print what each window held; return the least share of five in a row, wherever they begin."""
    first, last = moments[0], moments[-1]
    grid = [_within(moments, first + n * WINDOW, WINDOW) for n in range(int((last - first) // WINDOW))]
    say(f"windows from the first request on: {grid}; killed after {killed - first:.0f} s")
    say(f"most in any window: {max(_within(moments, each, WINDOW) for each in moments)} of {requests}")
    longest, since = max((b - a, a) for a, b in pairwise(moments))
    say(f"longest pause: {longest:.1f} s, {since - first:.0f} s after the first request")
    shares = {
        at - first: _within(moments, at, ROW * WINDOW) / (ROW * requests) for at in _seconds(first, last - ROW * WINDOW)
    }
    across = [share for at, share in shares.items() if at < killed - first < at + ROW * WINDOW]
    least = min(shares.values())
    say(f"least share in {ROW} windows in a row, at any second: {least:.3f}, bar {BAR}")
    say(f"the same across the restart: {min(across):.3f}, bar {BAR}")
    return least


def _within(moments: Sequence[float], start: float, seconds: float) -> int:
    return sum(start <= each < start + seconds for each in moments)


def _seconds(start: float, end: float) -> list[float]:
    return [start + n for n in range(int(end - start) + 1)]


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
