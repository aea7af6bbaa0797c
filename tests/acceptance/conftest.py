"""Long tests begin first, so that no worker is left alone with one at the end."""

from __future__ import annotations

import pytest

FIRST = ("test_totals.py", "test_crash.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort by length, roughly; the order within each group stays as random as it was."""
    items.sort(key=lambda item: FIRST.index(item.path.name) if item.path.name in FIRST else len(FIRST))
