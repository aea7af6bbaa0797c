"""A members file to write to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connector.schemes.csv_file import CsvFile
from tests.unit.schemes.members_files import Write


@pytest.fixture
def written(tmp_path: Path) -> Write:
    path = tmp_path / "members.csv"

    def write(content: str | bytes, **how: Any) -> CsvFile:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return CsvFile(path, **how)

    return write
