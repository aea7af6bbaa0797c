from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from connector.telemetry.garbage import collect_seldom


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)


def test_records_made_in_bulk_are_not_looked_through() -> None:
    collections: list[str] = []

    def note(phase: str, _info: dict[str, int]) -> None:
        collections.append(phase)

    collect_seldom()
    gc.callbacks.append(note)
    try:
        records = [(number, [number]) for number in range(8_000)]
    finally:
        gc.callbacks.remove(note)
    assert (len(records), collections) == (8_000, [])


def test_what_refers_to_itself_is_found_all_the_same() -> None:
    collect_seldom()
    assert gc.isenabled()
    assert all(gc.get_threshold())
