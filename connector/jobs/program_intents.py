"""Programs and tiers that were asked to be added and that Mews may show later: they must not be added twice."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.jobs.chain import Chain
from connector.store import facts

_FACT = "programs_being_added"  # by what is added: since when


async def since(chain: Chain) -> dict[str, datetime]:
    """Return what was asked to be added and when, by what it is."""
    async with chain.database.read() as connection:
        return await _read(connection)


async def intend(chain: Chain, names: Collection[str]) -> None:
    """Note what is about to be added; what Mews has had the time to show is forgotten."""
    now = chain.clock.now()
    async with chain.database.write() as connection:
        young = {name: at for name, at in (await _read(connection)).items() if at > now - chain.visibility}
        await _write(connection, young | dict.fromkeys(names, now))


async def withdraw(chain: Chain, names: Collection[str]) -> None:
    """Forget what Mews provably did not add."""
    async with chain.database.write() as connection:
        left = {name: at for name, at in (await _read(connection)).items() if name not in names}
        await _write(connection, left)


async def _read(connection: AsyncConnection) -> dict[str, datetime]:
    found = json.loads(await facts.read(connection, _FACT) or "{}")
    return {name: datetime.fromisoformat(at) for name, at in found.items()}


async def _write(connection: AsyncConnection, names: dict[str, datetime]) -> None:
    if names:
        await facts.write(connection, _FACT, json.dumps({name: at.isoformat() for name, at in names.items()}))
    else:
        await facts.forget(connection, _FACT)
