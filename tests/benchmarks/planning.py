"""Planning over the store, against a raw merge of two sorted cursors that compares the same fields.

Run as ``python -m tests.benchmarks.planning [quick|nightly]``: once with nothing to change, once with every tenth
member.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from connector.jobs import mirror, planning, scheme
from connector.jobs.chain import Chain
from connector.jobs.planning import Scope
from connector.jobs.properties import read_properties
from connector.sandbox.serve import Sandbox
from tests.benchmarks.connected import connected, road
from tests.benchmarks.contest import Contest, Watch
from tests.benchmarks.population import list_members, small_chain
from tests.campaigns.figures import Figure, Profile, ran

BAR = 0.5
MEMBERS: Mapping[Profile, int] = {"quick": 50_000, "nightly": 100_000}
NOBODY = "http://127.0.0.1:9"  # planning asks nobody


def campaign(profile: Profile) -> Iterator[Figure]:
    """Compare the two."""
    members = MEMBERS[profile]
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        asyncio.run(_mirrored(home, members))
        for name, raised in (("nothing", 0), ("every tenth member", members // 10)):
            folder = home / f"raised{raised}"
            folder.mkdir()
            shutil.copy(home / "connector.db", folder)
            list_members(folder / "members.csv", members, raised=raised)
            asyncio.run(_matched(folder))
            yield Contest(
                claim=f"Planning with {name} to change is at least half as fast as comparing two sorted lists",
                yardstick="a raw merge of two sorted cursors",
                module=__spec__.name,
                arguments=[str(folder), str(members), str(raised)],
                records=members,
                bar=BAR,
            ).held(profile)


async def _mirrored(home: Path, members: int) -> None:
    """Read a chain in which everybody is a member into the database of ``home``."""
    state = home / "sandbox"
    small_chain(state / "mews.db", members, members)
    with Sandbox(state, limit="off") as sandbox:
        async with connected(home / "connector.db", sandbox.urls["mews"]) as chain:
            await read_properties(chain)
            await mirror.refresh(chain)


async def _matched(folder: Path) -> None:
    """Load the scheme of a folder and link its members."""
    async with planned(folder) as (chain, scope):
        await planning.match(chain, road(folder / "members.csv"), scope)


@asynccontextmanager
async def planned(folder: Path, url: str = NOBODY) -> AsyncIterator[tuple[Chain, Scope]]:
    """Give the chain of a folder with its scheme loaded."""
    async with connected(folder / "connector.db", url) as chain:
        first = road(folder / "members.csv")
        loaded = await scheme.load(chain, first, await first.source.verify())
        yield chain, await planning.scope(chain, first, loaded)


async def ours(folder: Path) -> tuple[Watch, int]:
    """Count the changes that planning finds."""
    async with planned(folder) as (chain, scope):
        with Watch() as watch:
            found = 0
            async for _ in planning.changes(chain, scope):
                found += 1
    return watch, found


def yardstick(folder: Path) -> tuple[Watch, int]:
    """Count the memberships that differ from their member."""
    with closing(sqlite3.connect(folder / "connector.db")) as database, Watch() as watch:
        tiers = dict(database.execute("SELECT code, id FROM tier"))
        observed = database.execute(_OBSERVED)
        wanted = database.execute(_WANTED)
        found = sum(
            (number, tiers[tier], points, expires, state) != tuple(held)
            for (number, tier, points, expires, state), held in _merged(wanted, observed)
        )
    return watch, found


def _merged(wanted: Iterator[Any], observed: Iterator[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield what stands on both sides, by the first column, on which both are sorted."""
    holding = next(observed, None)
    for key, *fields in wanted:
        while holding and holding[0] < key:
            holding = next(observed, None)
        if holding and holding[0] == key:
            yield fields, holding[1:]


_WANTED = "SELECT member_id, number, tier, points, expires_on, state FROM member ORDER BY member_id"
_OBSERVED = """SELECT provider_id, number, tier_id, points, expires_on, state FROM membership
    WHERE program_id = 'p-ALPEN' AND NOT deleted ORDER BY provider_id"""


def _run(side: str, folder: str, members: str, raised: str) -> None:
    watch, found = asyncio.run(ours(Path(folder))) if side == "ours" else yardstick(Path(folder))
    if found != int(raised):
        raise RuntimeError(f"{side} found {found} changes, expected {raised}")
    watch.tell(int(members))


if __name__ == "__main__":
    if sys.argv[1:2] in (["ours"], ["yardstick"]):
        _run(*sys.argv[1:])
    else:
        sys.exit(ran(campaign, sys.argv[1:]))
