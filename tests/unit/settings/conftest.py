from __future__ import annotations

from pathlib import Path

import pytest

from connector.settings import secret_files
from tests.unit.settings.settings_files import Files


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    """A directory for one configuration, with no shared secrets directory on this machine."""
    monkeypatch.setattr(secret_files, "SHARED", tmp_path / "no" / "run" / "secrets")
    return Files(tmp_path)
