"""One chain for all tests here: the bookings that arrived from mid-June 2017 on, of the whole file."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.bookings import EXTRACT, Bookings, generate, load

Chain = dict[str, list[dict[str, Any]]]
TODAY = date(2026, 11, 22)
WHOLE = Path(__file__).parents[3] / "data" / "bookings_resort.csv.gz"


@pytest.fixture(scope="session")
def today() -> date:
    return TODAY


@pytest.fixture(scope="session")
def whole_file() -> Path:
    return WHOLE


@pytest.fixture(scope="session")
def bookings() -> Bookings:
    return load(WHOLE, since=date(2017, 6, 15))


@pytest.fixture(scope="session")
def extract() -> Bookings:
    return load(EXTRACT)


@pytest.fixture(scope="session")
def chain(bookings: Bookings) -> Chain:
    return by_kind(bookings)


@pytest.fixture(scope="session")
def small_chain(extract: Bookings) -> Chain:
    return by_kind(extract)


def by_kind(bookings: Bookings) -> Chain:
    records: Chain = defaultdict(list)
    for kind, record in generate(bookings, today=TODAY):
        records[kind].append(record)
    return records
