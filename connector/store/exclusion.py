"""What is done by one transaction at a time: on SQLite the write lock says so already, on PostgreSQL a word does."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

DECIDING: Final = "deciding"
"""Held while stays are decided, and by whatever has stays decided again.

Who decides reads a stay, writes what it earns, and says that it is decided. What changed the stay meanwhile would not
find the award that is not there yet, or be told decided with it.
"""


async def alone(connection: AsyncConnection, word: str) -> None:
    """Wait until no other transaction holds this word; it is held until this one ends."""
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(word))))
