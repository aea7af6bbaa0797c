"""How soon a change is where it is looked for: a real daemon that polls, a real sandbox, measured by the clock.

Run as ``python -m tests.benchmarks.freshness [quick|nightly]``. Mews's events are not listened to: polling alone must
be fast enough. The floor is nothing at all; half an interval is what a poll costs in the mean.
"""

from __future__ import annotations

import csv
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from connector.sandbox.guests_leaving import Leaving
from tests.acceptance.chains import QUICK, chain, load
from tests.acceptance.road import PARTNERS, Road, credits_at, shown
from tests.benchmarks.starting import daemon
from tests.campaigns.figures import Figure, Profile, ran

CHANGES: Mapping[Profile, int] = {"quick": 3, "nightly": 20}
INTERVAL = 10  # seconds, of both jobs
GRACE = 10  # seconds
PATIENCE = 120  # seconds
GLANCE = 0.2  # seconds
BOTH_DONE = "SELECT count(DISTINCT job) FROM job_run WHERE outcome = 'ok' AND job IN ('align', 'stays')"


def campaign(profile: Profile) -> Iterator[Figure]:
    """Change the scheme, then let guests check out, one change after another."""
    extra = {**QUICK, "mews": f"{QUICK['mews']}\nwebsocket = false"}
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        with chain(load(home / "loaded"), home / "town", extra=extra) as road:
            schedule = f'[schedule]\nalign = "{INTERVAL}s"\nstays = "{INTERVAL}s"\n'
            road.config.write_text(f"{road.config.read_text()}\n{schedule}")
            assert road.run("db", "upgrade").code == 0
            with daemon(road) as running:
                try:
                    _until(lambda: road.rows(BOTH_DONE) == [(2,)])
                    tiers = list(_tiers(road, CHANGES[profile]))
                    stays = list(_stays(road, CHANGES[profile]))
                finally:
                    running.kill()
    yield _judged("A tier that changes in the scheme is in the guest profile within an interval and 10 s", tiers)
    yield _judged("A stay that is checked out is credited within an interval and 10 s, where nothing holds it", stays)


def _tiers(road: Road, changes: int) -> Iterator[float]:
    """Raise members from silver to gold; yield the seconds until Mews shows each."""
    mews = road.urls["mews"]
    (gold,) = (each["Id"] for each in shown(mews, "LoyaltyTiers") if each["Code"] == "GOLD")
    members = road.config.with_name("sandbox") / "members.csv"
    with members.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    held = {each.get("ProviderMembershipId"): each["Id"] for each in shown(mews, "LoyaltyMemberships")}
    silver = (row for row in rows if row["tier"] == "SILVER" and row["member_id"] in held)
    for row, _ in zip(silver, range(changes), strict=False):
        row["tier"] = "GOLD"
        _replace(members, rows)
        membership = held[row["member_id"]]
        yield _until(lambda wanted=membership: (wanted, gold) in _holding(mews))


def _holding(mews: str) -> set[tuple[str, str | None]]:
    return {(each["Id"], each.get("LoyaltyTierId")) for each in shown(mews, "LoyaltyMemberships")}


def _replace(file: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write the scheme's file as exports should: whole or not at all."""
    new = file.with_suffix(".new")
    with new.open("w", encoding="utf-8", newline="") as written:
        writer = csv.DictWriter(written, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    os.replace(new, file)


def _stays(road: Road, changes: int) -> Iterator[float]:
    """Let members check out; yield the seconds until a partner has credited each."""
    leaving = Leaving(road.urls["mews"])
    for _ in range(changes):
        before = _credited(road)
        leaving.next()
        yield _until(lambda known=before: _credited(road) > known)


def _credited(road: Road) -> int:
    return sum(len(credits_at(road.urls, partner)) for partner in PARTNERS)


def _until(holds: Callable[[], bool]) -> float:
    """Wait for something; return the seconds that it took."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > PATIENCE:
            raise RuntimeError(f"nothing came of it within {PATIENCE} s")
        time.sleep(GLANCE)
    return time.monotonic() - began


def _judged(claim: str, seconds: Sequence[float]) -> Figure:
    most = INTERVAL + GRACE
    figure = (
        f"{max(seconds):.1f} s at most, {median(seconds):.1f} s in the median, {len(seconds)} times every {INTERVAL} s"
    )
    return Figure(claim, figure, f"at most {most} s; the floor is 0", max(seconds) <= most)


if __name__ == "__main__":
    sys.exit(ran(campaign, sys.argv[1:]))
