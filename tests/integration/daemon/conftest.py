"""A place for a daemon, its database migrated already: that takes longer than most of the tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def home(tmp_path: Path, sqlite_template: Path) -> Path:
    """A directory with a migrated database."""
    shutil.copyfile(sqlite_template, tmp_path / "connector.db")
    return tmp_path
