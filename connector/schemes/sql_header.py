"""The columns of a query's answer, and what each of them is for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connector.errors import Unfinished
from connector.schemes.cells import COLUMNS, not_read
from connector.schemes.records import Records


@dataclass(frozen=True, slots=True)
class Header:
    """Column names as the database returns them; they are compared without regard to case.

    ``partner_numbers`` are columns by program code, ``changed_since`` is a column or "". Raises Unfinished when a
    column that is needed is missing, or stands there twice.
    """

    names: tuple[str, ...]
    partner_numbers: Mapping[str, str] = field(default_factory=dict)
    changed_since: str = ""

    def __post_init__(self) -> None:
        for name in self._needed():
            if name not in self.keys:
                raise Unfinished(f"scheme.query: has no column {name}; expected one among {', '.join(self.keys)}.")
        for name in (*COLUMNS, *self._needed()):
            if self.keys.count(name) > 1:
                raise Unfinished(f"scheme.query: has two columns {name}; expected each name once.")

    @property
    def keys(self) -> tuple[str, ...]:
        """The names by which the columns are known here."""
        return tuple(_key(name) for name in self.names)

    @property
    def place(self) -> int:
        """Where the column that tells changes stands; there is one."""
        return self.keys.index(_key(self.changed_since))

    def records(self) -> Records:
        """Return the reader of records that have these columns by ``keys``."""
        fields = {name: name for name in COLUMNS if name in self.keys}
        return Records(fields, {code: _key(column) for code, column in self.partner_numbers.items()})

    def warnings(self) -> tuple[str, ...]:
        """Say which columns are of no use."""
        known = {*COLUMNS, *self._needed()}
        return tuple(not_read(name for name in self.keys if name not in known))

    def _needed(self) -> Iterable[str]:
        wanted = ("member_id", *self.partner_numbers.values(), self.changed_since)
        return [_key(name) for name in wanted if name]


def _key(name: str) -> str:
    return name.strip().lower()
