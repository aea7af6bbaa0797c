"""The users of a brand, durable in a SQLite file."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FIELDS = ("email", "auth_id", "id", "first_name", "second_name", "language", "country_ISO", "metadata")
IMPLEMENTATIONS = ("etihad", "miles_and_more")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    place INTEGER PRIMARY KEY, auth_id TEXT NOT NULL UNIQUE, fields TEXT NOT NULL, memberships TEXT NOT NULL
) STRICT;
"""
_UPSERT = """
INSERT INTO users (auth_id, fields, memberships) VALUES (?, ?, ?)
ON CONFLICT (auth_id) DO UPDATE SET fields = excluded.fields, memberships = excluded.memberships
"""


@dataclass(frozen=True)
class User:
    """A user: ``fields`` as documented and any more, ``memberships`` from implementation name to number."""

    fields: Mapping[str, Any]
    memberships: Mapping[str, str] = field(default_factory=dict)

    @property
    def auth_id(self) -> str:
        """The identifier that every call acts on."""
        return str(self.fields["auth_id"])

    def numbered(self, place: int) -> User:
        """The user with every documented field; ``auth_id`` and ``id`` are made of address and place if absent."""
        own = {name: value for name, value in self.fields.items() if value is not None}
        made = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{place}/{own['email']}"))
        blank: dict[str, Any] = {**dict.fromkeys(FIELDS), "auth_id": made, "id": place, "metadata": {}}
        return User({**blank, **own}, self.memberships)


class Users:
    """Users by ``auth_id`` and by place; each change is committed before its call returns.

    Places are 1, 2, 3, … without gaps, as no single user can be deleted: a page is found without counting.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        # As for the journal of a partner: commits outlive the process, but do not wait for the disk.
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def count(self) -> int:
        """How many there are."""
        return int(self._db.execute("SELECT COALESCE(MAX(place), 0) FROM users").fetchone()[0])

    def find(self, auth_id: str) -> User | None:
        """The user of this ``auth_id``."""
        row = self._db.execute("SELECT fields, memberships FROM users WHERE auth_id = ?", (auth_id,)).fetchone()
        return _user(row) if row else None

    def page(self, offset: int, limit: int, *, newest_first: bool = False) -> list[User]:
        """At most ``limit`` users behind the first ``offset``."""
        if newest_first:
            beyond, order = self.count() - offset + 1, "place < ? ORDER BY place DESC"
        else:
            beyond, order = offset, "place > ? ORDER BY place"
        sql = f"SELECT fields, memberships FROM users WHERE {order} LIMIT ?"  # noqa: S608 - own words
        return [_user(row) for row in self._db.execute(sql, (beyond, limit))]

    def save(self, user: User) -> User:
        """Add a user, or take the place of the one with this ``auth_id``; the user with every field."""
        saved = user.numbered(self.count() + 1)
        self._db.execute(_UPSERT, (saved.auth_id, json.dumps(saved.fields), json.dumps(saved.memberships)))
        return saved

    def load(self, users: Iterable[User]) -> None:
        """Save them all or, when reading them fails, none."""
        self._at_once(lambda: [self.save(user) for user in users])

    def replace(self, users: Iterable[User]) -> None:
        """Hold these users and no others; when reading them fails, those of before."""

        def anew() -> None:
            self._db.execute("DELETE FROM users")
            for user in users:
                self.save(user)

        self._at_once(anew)

    def _at_once(self, work: Callable[[], object]) -> None:
        self._db.execute("BEGIN")
        try:
            work()
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def _user(row: tuple[str, str]) -> User:
    return User(json.loads(row[0]), json.loads(row[1]))
