"""The first command of the README: a chain with real bookings, miles that the partners hold, and once is enough."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from connector.sandbox.guests_leaving import Leaving
from connector.sandbox.serve import Sandbox
from tests.acceptance.road import PARTNERS, ROOT, Road, get, mews_writes, rows, say, variables

LINE = re.compile(r"^(miles_and_more|air_miles) +([\d,]+) +([\d,]+) +(\d+) +(\d+)$", re.MULTILINE)
Held = dict[str, tuple[int, int]]  # miles and credits, by partner
MEWS = ("LoyaltyPrograms", "LoyaltyTiers", "LoyaltyMemberships", "Customers", "Reservations")


def test_the_demo_gives_each_mile_once_however_often_it_runs(tmp_path: Path) -> None:
    first, held, mews = _demo(tmp_path), _held(tmp_path), _mews(tmp_path)
    assert first == held
    assert all(miles > 0 for miles, _ in first.values())
    assert _demo(tmp_path) == held
    assert _held(tmp_path) == held
    assert _mews(tmp_path) == mews, "the second run changed something in Mews"
    _nobody_is_asked_to_do_anything(tmp_path, held)


def _nobody_is_asked_to_do_anything(state: Path, held: Held) -> None:
    """One more run, under our eyes: the servers count the calls since their start."""
    with Sandbox(state / "sandbox", limit="off") as sandbox:
        road = Road.written(state, sandbox.urls, sandbox.members_file)
        summary = road.sync()
        jobs = {job["name"]: (job["outcome"], job["written"]) for job in summary["jobs"]}
        assert jobs == dict.fromkeys(("align", "stays", "deliver", "reconcile", "sweep"), ("ok", 0))
        assert mews_writes(road.urls["mews"]) == {}
        assert [get(f"{road.urls[server]}/_sandbox/stats") for server in PARTNERS.values()] == [{}, {}]
        assert summary["miles"] == {partner: miles for partner, (miles, _) in held.items()}
        _guests_go_on_leaving(road, summary["miles"])


def _guests_go_on_leaving(road: Road, before: dict[str, int]) -> None:
    """What the demo does without --once: the stays of members who leave become miles at a partner."""
    leaving = Leaving(road.urls["mews"])
    numbers = [leaving.next() for _ in range(8)]
    for _ in range(5):  # Mews tells its time to the second: what was just written, the next pass may see
        after = road.sync()["miles"]
        if sum(after.values()) > sum(before.values()):
            break
    held = {partner: get(f"{road.urls[server]}/_sandbox/totals")["miles"] for partner, server in PARTNERS.items()}
    assert len(set(numbers)) == len(numbers)
    assert after == held
    assert sum(after.values()) > sum(before.values())


def _demo(state: Path) -> Held:
    """Run it and return miles and credits by partner, as its summary shows them."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "connector", "demo", "--once", "--state", str(state)],
        env=variables(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    say(f"the demo took {time.monotonic() - began:.1f} s\n{done.stdout}{done.stderr}")
    assert done.returncode == 0
    lines = [[text.replace(",", "") for text in found] for found in LINE.findall(done.stdout)]
    assert all(ledger == holds and twice == "0" for _, ledger, holds, _, twice in lines)
    return {partner: (int(ledger), int(count)) for partner, ledger, _, count, _ in lines}


def _held(state: Path) -> Held:
    """Return miles and credits in the partners' own books."""
    books = {partner: state / "sandbox" / f"{server}.db" for partner, server in PARTNERS.items()}
    return {partner: rows(book, "SELECT sum(miles), count(*) FROM entries")[0] for partner, book in books.items()}


def _mews(state: Path) -> dict[str, list[tuple[Any, ...]]]:
    book = state / "sandbox" / "mews.db"
    return {kind: rows(book, f'SELECT * FROM "{kind}" ORDER BY position') for kind in MEWS}
