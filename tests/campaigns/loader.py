"""Importing a module with a fault in it."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
from collections.abc import Sequence
from types import CodeType, ModuleType


class Faulty(importlib.machinery.SourceFileLoader, importlib.abc.MetaPathFinder):
    """Loads one module with a fault in it."""

    def __init__(self, module: str, code: CodeType) -> None:
        super().__init__(module, code.co_filename)
        self._code = code

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        return (
            importlib.util.spec_from_file_location(fullname, self.path, loader=self) if fullname == self.name else None
        )

    def get_code(self, fullname: str) -> CodeType:
        return self._code
