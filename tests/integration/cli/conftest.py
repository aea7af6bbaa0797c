"""A town with a few stays, and an office whose first sync is done."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.cli.town import Office, Town, office, town
from tests.integration.earning.chain import COLLECTOR, PAYMENT_CARD


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Two hotels: a stay for each partner, one without a membership, one with a payment card for a number."""
    with town(tmp_path_factory.mktemp("town")) as opened:
        desk = opened.desk
        desk.member("g1")
        desk.member("g2", "AM", COLLECTOR)
        desk.guest("g3")
        desk.member("g4", number=PAYMENT_CARD)
        for number, hotel in enumerate(("wien", "montreal", "wien", "wien"), start=1):
            desk.stay(f"r{number}", f"g{number}", hotel, ChannelNumber=f"channel-{number}")
            desk.charge(f"i{number}", 200, f"r{number}", hotel)
        yield opened


@pytest.fixture(scope="module")
def synced(served: Town, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office after its first sync; do not change it."""
    opened = office(tmp_path_factory.mktemp("office"), served)
    done = opened.run("sync", "--wait", "0s")
    assert done.code == 0, done
    return opened


@pytest.fixture
def copied(synced: Office, served: Town, tmp_path: Path) -> Office:
    """A copy of that office, to be changed."""
    for name in ("connector.db", "connector.db.hash_key"):
        shutil.copy(synced.database.with_name(name), tmp_path / name)
    return office(tmp_path, served)


@pytest.fixture
def fresh(served: Town, tmp_path: Path) -> Office:
    """An office before its first sync."""
    return office(tmp_path / "fresh", served)
