"""All that is stored about a person, as they may read it: nothing is masked, it is theirs."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store.persons import Person
from connector.store.traces import TRACES

_JSON = frozenset({"body", "explanation", "frozen", "credit", "headers"})  # texts that hold JSON


async def disclose(connection: AsyncConnection, person: Person) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every table that are about a person, by what they are; keyed hashes in hexadecimal digits."""
    found: dict[str, list[dict[str, Any]]] = {}
    for trace in TRACES:
        rows = await connection.execute(select(trace.table).where(trace.about(person)))
        told = [
            {name: _plain(name, value) for name, value in row._mapping.items() if value is not None} for row in rows
        ]
        if told:
            found[trace.title] = told
    return found


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode(errors="replace") if name == "content" else value.hex()
    if isinstance(value, str) and name in _JSON and value:
        return json.loads(value)
    return value
