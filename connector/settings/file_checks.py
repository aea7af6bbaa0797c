"""Whether what is to be a file can be one; whether it is there yet is for the job that reads it."""

from __future__ import annotations

from collections.abc import Iterator
from os.path import isdir, join

from connector.settings.faults import Fault
from connector.settings.keys import Path, Tables, table_at
from connector.settings.values import shown

_FILES = ("path", "answers")
_TABLES = ("exchanges", "deposits")


def faults(tables: Tables, directory: str) -> Iterator[Fault]:
    """Yield a fault for every file that is a folder; relative ones are taken from ``directory``."""
    partners = tables.get("partners")
    names = partners if isinstance(partners, dict) else ()
    for path in (("scheme",), *(("partners", name, table) for name in names for table in _TABLES)):
        yield from _folders(path, table_at(tables, path) or {}, directory)


def _folders(path: Path, table: Tables, directory: str) -> Iterator[Fault]:
    for name in _FILES:
        value = table.get(name)
        if isinstance(value, str) and value and isdir(join(directory, value)):
            yield Fault((*path, name), f"{shown(value)} is a folder; expected a file")
