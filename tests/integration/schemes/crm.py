"""A members database as a hotel group has one, on the engine under test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import NullPool, create_engine, text

from connector.domain.members import BadLine, Member
from connector.schemes.sql_query import SqlQuery, SqlRoll

TABLE = """
CREATE TABLE people (
    id VARCHAR(200), card VARCHAR(300), mail VARCHAR(99), first VARCHAR(99), last VARCHAR(99), level VARCHAR(20),
    points NUMERIC, until DATE, state VARCHAR(20), link VARCHAR(200), profile VARCHAR(40), miles VARCHAR(40),
    version BIGINT, changed TIMESTAMP
)
"""
QUERY = """
SELECT id AS member_id, card AS number, mail AS email, first AS first_name, last AS last_name, level AS tier,
       points, until AS expires_on, state, link AS url, profile AS mews_id, miles AS "MilesAndMore"
FROM people ORDER BY id
"""


@dataclass(frozen=True)
class Crm:
    """A database with people."""

    url: str

    def execute(self, statement: str, *rows: dict[str, Any]) -> Any:
        """Run a statement and return its first value, if it has one."""
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.begin() as connection:
            result = connection.execute(text(statement), list(rows) if rows else None)
            return result.scalar() if result.returns_rows else None

    def add(self, *rows: dict[str, Any]) -> None:
        """Add people, each with the same columns."""
        names = list(rows[0])
        self.execute(
            f"INSERT INTO people ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})", *rows
        )

    def source(self, query: str = QUERY, **more: Any) -> SqlQuery:
        """The source under test."""
        return SqlQuery(self.url, query, **more)

    def generated(self, count: int) -> str:
        """A query that makes members out of nothing."""
        if self.url.startswith("sqlite"):
            numbers = (
                f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT i FROM n"
            )
        else:
            numbers = f"SELECT i FROM generate_series(1, {count}) AS n(i)"
        return f"SELECT 'M' || i AS member_id, i AS points FROM ({numbers}) m"

    def breaking(self, at: int) -> str:
        """An expression that fails at one version, and whose error holds a mail address in the driver's words."""
        postgres = "CAST(mail AS INT)"
        sqlite = "CAST(CAST(mail AS BLOB) || X'FF' AS TEXT)"
        failing = sqlite if self.url.startswith("sqlite") else postgres
        return f"CASE WHEN version = {at} THEN {failing} ELSE version END"


async def taken(roll: SqlRoll, since: str = "", size: int = 100) -> tuple[list[Member | BadLine], str]:
    """Read a roll to its end: its records and the position that was reached."""
    records: list[Member | BadLine] = []
    position = ""
    async for chunk in roll.take(since, size):
        assert len(chunk.records) <= size
        records += chunk.records
        position = chunk.position or position
    return records, position


def ids(records: Sequence[Member | BadLine]) -> list[str | None]:
    """The member ids of records."""
    return [record.member_id for record in records]
