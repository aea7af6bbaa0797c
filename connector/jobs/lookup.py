"""Which reservation a person means by a number, an id or a channel number."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.errors import Misconfigured
from connector.store import stays


async def the_one(connection: AsyncConnection, word: str, command: str) -> str:
    """Return the id of the one reservation that a command means; an id is never meant to be another one's number.

    Raises Misconfigured when there is none, and with the candidates when there are several.
    """
    found = await stays.find(connection, word)
    if not found:
        raise Misconfigured(f"{command}: no reservation {word!r} is known; expected a number, id or channel number")
    if word in found:
        return word
    if len(found) > 1:
        raise Misconfigured(
            f"{command}: {word!r} names {len(found)} reservations; expected the id of one of these:",
            *await _candidates(connection, found),
        )
    return found[0]


async def _candidates(connection: AsyncConnection, ids: Sequence[str]) -> list[str]:
    places = await stays.properties(connection)
    found = await stays.reservations(connection, ids)
    return [
        f"  {each.id}: number {each.number} at {places[each.property_id].table}, {each.state}, "
        f"departure {each.departed_at:%Y-%m-%d}"
        for each in sorted(found, key=lambda one: one.departed_at)
    ]
