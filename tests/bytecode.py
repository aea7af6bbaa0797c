"""Compiled modules, kept also where Python is told to write none beside the sources."""

from __future__ import annotations

import os
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1] / ".pytest_cache" / "bytecode"


def keep(folder: Path = FOLDER) -> None:
    """Compile each module once for this process and those it begins.

    Otherwise each of them compiles all it imports, and what is imported late is measured as work.
    """
    if sys.dont_write_bytecode:
        folder.mkdir(parents=True, exist_ok=True)
        sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(folder)
        sys.dont_write_bytecode = False
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
