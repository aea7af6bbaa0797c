"""Whatever scheme, staff and network do: quiet passes bring Mews to the scheme, without a double, within the guard."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connector.domain.harm import Limits
from connector.errors import ConnectorError, Refused
from connector.store.engine import Database
from tests.integration.alignment.hotel import ADD, DELETE, SET_UP, UPDATE, Hotel, guest, member, opened

NAMES = ("anna", "bea", "carl", "dora")
DAY = 24 * 3600.0
REMOVALS = 2  # in a day

names = st.sampled_from(NAMES)
steps = st.one_of(
    st.tuples(
        st.just("scheme"), names, st.sampled_from([{"tier": "GOLD"}, {"tier": ""}, {"points": 5}, {"number": "X"}])
    ),
    st.tuples(st.just("leave"), names),
    st.tuples(st.just("join"), names),
    st.tuples(
        st.just("staff"), names, st.sampled_from([{"LoyaltyTierId": "t-GOLD"}, {"State": "Canceled"}, {"Points": 1}])
    ),
    st.tuples(st.just("delete"), names),
    st.tuples(st.just("merge"), names, names, st.sampled_from(["keep", "move", "delete"])),
    st.tuples(
        st.just("fault"), st.sampled_from([ADD, UPDATE, DELETE]), st.sampled_from(["lose", "drop", "garbage", "409"])
    ),
    st.tuples(st.just("later"), st.sampled_from([1.0, 61.0, 3600.0, DAY])),
    st.tuples(st.just("crash")),
)


@dataclass
class Story:
    """A chain, what its scheme says at present, and who was merged."""

    hotel: Hotel
    lines: dict[str, dict[str, Any]] = field(default_factory=lambda: {name: member(name) for name in NAMES})
    away: set[str] = field(default_factory=set)
    merged: set[str] = field(default_factory=set)

    async def tell(self, step: tuple[Any, ...]) -> None:
        """Let one thing happen, and the connector do a pass after it."""
        kind, *rest = step
        if kind == "scheme":
            self.lines[rest[0]] = self.lines[rest[0]] | rest[1]
        elif kind in ("leave", "join"):
            (self.away.add if kind == "leave" else self.away.discard)(rest[0])
        elif kind == "staff":
            self._edit(rest[0], **rest[1])
        elif kind == "delete":
            self._edit(rest[0], _DeletedUtc="now")
        elif kind == "merge":
            self._merge(*rest)
        elif kind == "fault":
            status = {"status": int(rest[1])} if rest[1].isdigit() else {}
            self.hotel.fault(rest[0], "status" if status else rest[1], **status)
        elif kind == "later":
            self.hotel.later(rest[0])
        else:
            await self.hotel.start()
        await self.go_on()

    def _edit(self, name: str, **changes: Any) -> None:
        for one in self.hotel.held().get(name, []):
            self.hotel.edit("LoyaltyMemberships", one["Id"], **changes)

    def _merge(self, source: str, target: str, mode: str) -> None:
        if source != target and not {source, target} & self.merged:
            self.hotel.merge(source, target, mode)
            self.merged |= {source, target}

    async def go_on(self) -> None:
        """Run a pass; a failure is for the next one."""
        self.hotel.later(1)
        self._write()
        with suppress(ConnectorError):
            await self.hotel.align()

    def _write(self) -> None:
        self.hotel.members(*(self.lines[name] for name in NAMES if name not in self.away), member("nobody"))

    async def calm(self) -> None:
        """Let three quiet days pass, a person confirming what the guard asks about."""
        self.hotel.faults.clear()
        self._write()
        for _ in range(3):
            self.hotel.later(DAY + 1)
            try:
                await self.hotel.align()
            except Refused:
                await self.hotel.align(confirm=(await self.hotel.preview()).plan.plan_id)


async def told(home: Path, database: Database, story: list[tuple[Any, ...]]) -> None:
    async with opened(home, database, *SET_UP, *map(guest, NAMES)) as hotel:
        hotel.settings(gone="delete", limits=Limits(REMOVALS, 1.0, 1.0))
        one = Story(hotel)
        await one.go_on()
        for step in story:
            await one.tell(step)
        await one.calm()
        hotel.later()
        await hotel.align()
        assert hotel.calls.writes() == {}
        assert (await hotel.preview()).plan.is_empty
        _no_doubles(one)
        await _within_the_guard(hotel)


def _no_doubles(story: Story) -> None:
    held = story.hotel.held()
    assert {name for name, each in held.items() if len(each) > 1} <= story.merged
    living = {one["Id"] for one in story.hotel.records("Customers")}
    ids = [
        one["ProviderMembershipId"]
        for each in held.values()
        for one in each
        if one.get("ProviderMembershipId") and one["AccountId"] in living
    ]
    assert [id_ for id_, count in Counter(ids).items() if count > 1] == []


async def _within_the_guard(hotel: Hotel) -> None:
    """No person confirmed these: in no span of 24 hours are there more of them than the guard lets pass."""
    unconfirmed = "plan_id NOT IN (SELECT plan_id FROM confirmation)"
    sql = f"SELECT at, membership_id FROM harm WHERE kind = 'removal' AND {unconfirmed}"
    harms = [(datetime.fromisoformat(str(at)), id_) for at, id_ in await hotel.rows(sql)]
    for end, _ in harms:
        assert len({id_ for at, id_ in harms if end - timedelta(days=1) < at <= end}) <= REMOVALS


@pytest.mark.timeout(120)
@settings(max_examples=3, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(story=st.lists(steps, min_size=2, max_size=5))
@example(story=[("fault", ADD, "lose"), ("leave", "anna"), ("fault", DELETE, "lose"), ("join", "anna")])
@example(story=[("merge", "anna", "bea", "keep"), ("fault", UPDATE, "409"), ("scheme", "bea", {"tier": "GOLD"})])
def test_quiet_passes_bring_mews_to_the_scheme(sqlite_template: Path, story: list[tuple[Any, ...]]) -> None:
    with TemporaryDirectory() as name:
        file = Path(name) / "connector.db"
        shutil.copyfile(sqlite_template, file)

        async def run() -> None:
            database = Database(f"sqlite:///{file}")
            try:
                await told(Path(name), database, story)
            finally:
                await database.aclose()

        asyncio.run(run())
