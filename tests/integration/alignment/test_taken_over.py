"""A pass that another process has taken over sends nothing more to Mews, not even what it was about to send."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from connector.jobs.report import JobOutcome
from connector.jobs.runner import Runner
from connector.mews.client import Mews
from connector.store import leases
from tests.conftest import ENGINES
from tests.integration.alignment.hotel import ADD, DELETE, UPDATE, Hotel, member


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Both databases."""
    name: str = request.param
    return name


async def taken_over_before(hotel: Hotel, monkeypatch: pytest.MonkeyPatch, wanted: str) -> None:
    """Run a pass that stands still just before it sends something, until another process has taken it over."""
    plain = Mews.write

    async def write(self: Mews, operation: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if operation == wanted:
            hotel.later(180)
            now = hotel.clock.now()
            async with hotel.database.write(fenced=False) as connection:
                assert await leases.take(connection, "align", "another", now, now + timedelta(minutes=2))
        return await plain(self, operation, body)

    hotel.calls.made.clear()
    with monkeypatch.context() as patched:
        patched.setattr(Mews, "write", write)
        report = await Runner(hotel.chain, hotel.road, [], {}, []).run("align")
    assert (report.outcome, report.unexpected) == (JobOutcome.PARTIAL, False)
    assert "another one has taken over" in report.error
    assert wanted not in hotel.calls.writes()
    async with hotel.database.write() as connection:
        await leases.give_back(connection, "align", "another")


async def test_no_membership_is_added(hotel: Hotel, monkeypatch: pytest.MonkeyPatch) -> None:
    hotel.members(member("anna"), member("bea"))
    await taken_over_before(hotel, monkeypatch, ADD)
    await hotel.align()
    assert {name: len(held) for name, held in hotel.held().items()} == {"anna": 1, "bea": 1}


async def test_none_is_changed_or_deleted(hotel: Hotel, monkeypatch: pytest.MonkeyPatch) -> None:
    hotel.settings(gone="delete")
    hotel.members(member("anna"), member("bea"))
    await hotel.align()
    hotel.members(member("anna", points=99))
    await taken_over_before(hotel, monkeypatch, UPDATE)
    await taken_over_before(hotel, monkeypatch, DELETE)
    await hotel.align()
    assert (hotel.one("anna")["Points"], list(hotel.held())) == (99, ["anna"])
