"""Over broken roads, past strangers and beside the silent: a small share of the network campaign."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.acceptance.chains import load
from tests.acceptance.marathon import NO_KEY
from tests.acceptance.road import say
from tests.campaigns.astray import astray
from tests.campaigns.figures import Figure
from tests.campaigns.posting import posted
from tests.campaigns.travels import travelled
from tests.campaigns.troubles import EVERY

pytestmark = pytest.mark.timeout(280)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A chain to copy."""
    return load(tmp_path_factory.mktemp("network") / "loaded")


def test_sync_arrives_over_broken_connections(loaded: Path, tmp_path: Path) -> None:
    _hold(travelled(loaded, tmp_path, 5, 1))


def test_a_wrong_place_is_told_nothing_and_named_in_a_sentence(loaded: Path, tmp_path: Path) -> None:
    _hold(astray(loaded, tmp_path))


@pytest.mark.parametrize("kind", ["post", NO_KEY])
def test_every_trouble_of_a_road_leaves_each_credit_given_once(kind: str, tmp_path: Path) -> None:
    found = asyncio.run(posted(kind, 8, len(EVERY), tmp_path, 1))
    say(str(found))
    assert found.holds
    assert found.troubles >= 5


def _hold(figures: Iterable[Figure]) -> None:
    for each in figures:
        say(str(each))
        assert each.holds, each
