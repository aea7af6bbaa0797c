"""One budget of requests for several instances: how much of it they use together, and whether Mews ever refuses one."""

from __future__ import annotations

import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connector.sandbox.mews.tokens import ACCESS_TOKENS
from connector.sandbox.serve import Sandbox
from tests.acceptance.road import Road, get, say
from tests.campaigns.fleet import SharedRoad, fleet, until


@dataclass(frozen=True, slots=True)
class Budget:
    """So many requests in a window of so many seconds, for so many windows."""

    requests: int
    window: int
    windows: int

    @property
    def seconds(self) -> int:
        """How long that is."""
        return self.window * self.windows


_LATE = 60.0  # seconds until the last of them has started


@dataclass(frozen=True, slots=True)
class Spent:
    """What Mews saw: how many requests it refused, and the share of what it would have taken."""

    refused: int
    share: float


def spent(home: Path, loaded: Path, address: str, budget: Budget, instances: int) -> Spent:
    """Let instances ask as often as they may with one token; one of them is killed, and another takes its place."""
    state = home / "budget"
    shutil.copytree(loaded, state)
    with Sandbox(state, limit=f"{budget.requests}/{budget.window}s") as sandbox, fleet(home / "askers") as ships:
        road = SharedRoad.on(address, Road.written(home / "asking", sandbox.urls, state / "members.csv"))
        limits = f'requests = {budget.requests}\nwindow = "{budget.window}s"'
        road.config.write_text(road.config.read_text().replace("requests = 100000", limits))
        for number in range(instances):
            ships.start("ask", f"asker-{number}", road.config, seconds=budget.seconds + _LATE)
        if not until(lambda: _seen(road), _LATE):
            raise RuntimeError(f"budget: nobody asks: {ships.troubles}")
        time.sleep(budget.seconds / 2)
        ships.instances[0].tell(signal.SIGKILL)
        ships.start("ask", "asker-0", road.config, seconds=budget.seconds)
        time.sleep(budget.seconds / 2)
        seen, troubles = _seen(road), ships.troubles
    moments = [float(each["at"]) for each in seen]
    within = sum(each < moments[0] + budget.seconds for each in moments)
    found = Spent(
        sum(not each["admitted"] for each in seen) + len(troubles), within / (budget.requests * budget.windows)
    )
    say(f"{instances} instances, {budget}: {found} {troubles}")
    return found


def _seen(road: Road) -> list[dict[str, Any]]:
    """Return what came with the token of one property, oldest first."""
    arrivals = get(f"{road.urls['mews']}/_sandbox/arrivals")
    return [each for each in arrivals if each["token"] == ACCESS_TOKENS["wien"]]
