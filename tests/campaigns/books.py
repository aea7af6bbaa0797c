"""What can be known about a house without the product: the records of the sandbox, and the rows of the database."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from tests.acceptance.road import get, shown
from tests.campaigns.houses import House

SERVERS = {"miles_and_more": "uplyft", "air_miles": "airmiles", "exchange": "qiibee", "earned": "lufthansa"}
_BESIDE = ("", "-journal", "-wal", "-shm")  # what SQLite may have left of a transaction belongs to its file
_HELD = ("State", "IsPrimary", "MembershipNumber", "Points", "ExpirationDate", "ProviderMembershipId", "Url")

Rows = list[tuple[Any, ...]]


@dataclass(slots=True)
class Books:
    """A house as it is now; what was asked for once is not asked for again."""

    house: House
    rows: Callable[[str], Rows]  # reads the database
    _records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _effects: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def records(self, kind: str) -> list[dict[str, Any]]:
        """Return every record that Mews has of a kind, newest first."""
        if kind not in self._records:
            self._records[kind] = list(shown(self.house.hall.urls["mews"], kind))
        return self._records[kind]

    def living(self, kind: str) -> list[dict[str, Any]]:
        """Return those that are not deleted."""
        return [each for each in self.records(kind) if not each["_Deleted"]]

    def effects(self, partner: str) -> list[dict[str, Any]]:
        """Return what a partner's own books show."""
        if partner not in self._effects:
            self._effects[partner] = get(f"{self.house.hall.urls[SERVERS[partner]]}/_sandbox/credits")
        return self._effects[partner]

    def roll(self) -> list[dict[str, Any]]:
        """Return the members that the scheme has; who enrolled has a reference."""
        rows: list[dict[str, Any]] = json.loads((self.house.folder / "sandbox" / "members.json").read_text())
        return rows

    def memberships(self) -> Rows:
        """Return the living memberships in Mews: guest, program, tier, and what the connector writes."""
        programs = {each["Id"]: each["Code"] for each in self.living("LoyaltyPrograms")}
        tiers = {each["Id"]: each["Code"] for each in self.living("LoyaltyTiers")}
        return sorted(
            (
                each["AccountId"],
                programs[each["LoyaltyProgramId"]],
                tiers.get(each.get("LoyaltyTierId") or "", ""),
                *(str(each.get(name)) for name in _HELD),
            )
            for each in self.living("LoyaltyMemberships")
        )

    def is_set_up(self) -> bool:
        """Tell whether the database ever got its tables."""
        catalogue = "sqlite_master WHERE name" if self.house.is_sqlite else "pg_tables WHERE tablename"
        return bool(self.rows(f"SELECT 1 FROM {catalogue} = 'cursor'"))


@contextmanager
def opened(house: House) -> Iterator[Books]:
    """Open the books of a house; what a death left undone in an SQLite file stays for the product to mend."""
    if not house.is_sqlite:
        with psycopg.connect(house.database.replace("+psycopg", "")) as connection:
            yield Books(house, lambda sql: connection.execute(sql.encode()).fetchall())
        return
    with TemporaryDirectory(dir=house.folder) as name:
        for each in _BESIDE:
            if (beside := Path(f"{house.file}{each}")).exists():
                shutil.copy(beside, name)
        with closing(sqlite3.connect(Path(name) / house.file.name)) as copy:
            yield Books(house, lambda sql: copy.execute(sql).fetchall())


def moment(value: Any) -> datetime | None:
    """Return a moment as Mews, SQLite or PostgreSQL tells it, in whole seconds."""
    if value is None:
        return None
    told = datetime.fromisoformat(value) if isinstance(value, str) else value
    known: datetime = told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
    return known.replace(microsecond=0)
