"""Each kind of source with members of its own: what the contract of sources is tried on.

A new kind is a class here, and an entry in SCHEMES.
"""

from __future__ import annotations

import csv
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import NullPool, create_engine, text

from connector.domain.members import BadLine, Member
from connector.schemes.csv_file import CsvFile
from connector.schemes.csv_source import CsvSource
from connector.schemes.source import Roll, Source
from connector.schemes.sql_query import SqlQuery
from tests.integration.schemes import brand
from tests.integration.schemes.members_api import BY_CURSOR, MembersApi

Row = Mapping[str, Any]
"""A member as the scheme has it: values by field of ``Member``, the number at Miles & More as "MM", and "changed"."""

_CARD = ("number", "tier", "points", "expires_on", "state", "url", "MM")
EVERY = frozenset({"member_id", "mews_id", "email", "first_name", "last_name", *_CARD})


class Rehearsal(ABC):
    """A source and the means to give it members.

    ``knows`` are the fields that this kind can bring (and "MM" for partner numbers), ``tells_changes`` whether it can
    be asked for changes only.
    """

    knows: ClassVar[frozenset[str]] = EVERY
    tells_changes: ClassVar[bool] = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Rehearsal]:
        """Run what the source needs to be there."""
        yield self

    @abstractmethod
    def put(self, rows: Sequence[Row], fields: Sequence[str]) -> None:
        """Make these the members, in this order; the scheme has these fields and no other. None is an empty value."""

    @abstractmethod
    def source(self) -> Source:
        """Return the source as it would be configured for what was put last."""

    @abstractmethod
    def break_off(self) -> None:
        """Let what was put last come to its beginning only: a reading must notice."""

    @abstractmethod
    def take_away(self) -> None:
        """Let there be nothing any more that could be asked."""


class Csv(Rehearsal):
    """A file, which may have a column with numbers at a partner."""

    _has_numbers = False

    @property
    def _path(self) -> Path:
        return self.folder / "members.csv"

    def put(self, rows: Sequence[Row], fields: Sequence[str]) -> None:
        self._has_numbers = "MM" in fields
        with self._path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fields, lineterminator="\n", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)

    def source(self) -> Source:
        return CsvSource(CsvFile(self._path, {"MM": "MM"} if self._has_numbers else {}))

    def break_off(self) -> None:
        self._path.write_bytes(self._path.read_bytes()[:-3])

    def take_away(self) -> None:
        self._path.unlink()


class Sql(Rehearsal):
    """A database, whose table has one column more: when a member last changed."""

    tells_changes = True
    _has_numbers = False

    @property
    def _path(self) -> Path:
        return self.folder / "crm.db"

    def put(self, rows: Sequence[Row], fields: Sequence[str]) -> None:
        self._path.unlink(missing_ok=True)
        self._has_numbers = "MM" in fields
        columns = (*fields, "changed")
        self._execute(f"CREATE TABLE people ({', '.join(columns)})")
        if rows:
            places = ", ".join(f":{column}" for column in columns)
            given = [{column: _plain(row.get(column)) for column in columns} for row in rows]
            self._execute(f"INSERT INTO people VALUES ({places})", given)

    def source(self) -> Source:
        return SqlQuery(
            f"sqlite:///{self._path}",
            "SELECT * FROM people",
            partner_numbers={"MM": "MM"} if self._has_numbers else {},
            changed_since="changed",
            full_every=timedelta(days=1),
        )

    def break_off(self) -> None:
        self._execute(
            "UPDATE people SET member_id = CAST(X'6DFF' AS TEXT) WHERE rowid = (SELECT MAX(rowid) FROM people)"
        )

    def take_away(self) -> None:
        self._path.unlink()

    def _execute(self, statement: str, rows: list[dict[str, Any]] | None = None) -> None:
        engine = create_engine(f"sqlite:///{self._path}", poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text(statement), rows)


class Http(Rehearsal):
    """An API that gives two members at a time, and knows since when they are what they are."""

    tells_changes = True

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._api = MembersApi()
        self._fields: Sequence[str] = ()
        self._numbers: Mapping[str, str] = {}

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Rehearsal]:
        async with self._api.serving():
            yield self

    def put(self, rows: Sequence[Row], fields: Sequence[str]) -> None:
        self._fields = [name for name in fields if name not in ("MM", "changed")]
        kept = {*fields, "changed"}
        self._api.rows = [{name: _plain(value) for name, value in row.items() if name in kept} for row in rows]
        self._numbers = {"MM": "MM"} if "MM" in fields else {}

    def source(self) -> Source:
        return self._api.source(
            BY_CURSOR,
            fields=("member_id", *(name for name in self._fields if name != "member_id")),
            partner_numbers=self._numbers,
            changed_since="since",
            full_every=timedelta(days=1),
        )

    def break_off(self) -> None:
        self._api.fault("lose", after=1, times=None)

    def take_away(self) -> None:
        self._api.fault("drop", times=None)


class Qiibee(Rehearsal):
    """The sandbox's qiibee over a socket; a row is the metadata of a user whose own fields only have to be right."""

    _brand: brand.Brand
    _address = ""
    _fields: Sequence[str] = ()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Rehearsal]:
        async with brand.opened(self.folder) as self._brand:
            yield self

    def put(self, rows: Sequence[Row], fields: Sequence[str]) -> None:
        self._fields = fields
        self._brand.replace(*[self._user(place, row) for place, row in enumerate(rows)])

    def source(self) -> Source:
        names = {name: f"metadata.{name}" for name in ("member_id", *self._fields) if name != "MM"}
        numbers = {"MM": "miles_and_more"} if "MM" in self._fields else {}
        return self._brand.source(self._address, fields=names, partner_numbers=numbers)

    def break_off(self) -> None:
        self._brand.fault("memberships", "drop", after=5)

    def take_away(self) -> None:
        self._address = "http://127.0.0.1:9"  # where nobody listens

    def _user(self, place: int, row: Row) -> dict[str, Any]:
        metadata = {name: _plain(row.get(name)) for name in self._fields}
        return brand.user(f"user-{place}", miles=row.get("MM"), metadata=metadata)


SCHEMES: dict[str, type[Rehearsal]] = {"csv": Csv, "http": Http, "sql": Sql, "qiibee": Qiibee}


async def taken(roll: Roll, since: str = "", size: int = 100) -> tuple[list[Member | BadLine], str]:
    """Read a roll to its end: its records and the position that was reached."""
    records: list[Member | BadLine] = []
    position = ""
    async for chunk in roll.take(since, size):
        records += chunk.records
        position = chunk.position or position
    return records, position


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int | str) else str(value)
