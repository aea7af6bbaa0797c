"""What each access token was seen to reach, so that it is asked once an hour and not by every process."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store import facts

_PREFIX = "reach of "
_NAME = _PREFIX + "{}"


@dataclass(frozen=True, slots=True)
class Sight:
    """The properties that a token reached (property id → chain id), when, and which token it was, as a digest.

    ``kinds`` are those whose names were read.
    """

    at: datetime
    token: str
    chain_of: Mapping[str, str]
    kinds: frozenset[str] = frozenset()


async def load(connection: AsyncConnection, tables: Collection[str]) -> dict[str, Sight]:
    """Return the latest sight of each settings table that has one."""
    found = {table: await facts.read(connection, _NAME.format(table)) for table in tables}
    return {table: _decoded(text) for table, text in found.items() if text is not None}


async def tokens(connection: AsyncConnection) -> list[str]:
    """Return the digests of all tokens that reached something."""
    return sorted({_decoded(text).token for _, text in await facts.beginning(connection, _PREFIX)})


async def save(connection: AsyncConnection, table: str, sight: Sight) -> None:
    """Store a sight."""
    body = {
        "at": sight.at.isoformat(),
        "token": sight.token,
        "chain_of": dict(sight.chain_of),
        "kinds": sorted(sight.kinds),
    }
    await facts.write(connection, _NAME.format(table), json.dumps(body, sort_keys=True))


def _decoded(text: str) -> Sight:
    body = json.loads(text)
    return Sight(datetime.fromisoformat(body["at"]), body["token"], body["chain_of"], frozenset(body.get("kinds", ())))
