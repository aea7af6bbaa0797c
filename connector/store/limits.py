"""The durable memory of rate limiters and circuit breakers (``ports.SendLog``, ``ports.BreakerStore``)."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.ports import BreakerState
from connector.store.engine import Database
from connector.store.exclusion import alone
from connector.store.faults import FAILURES
from connector.store.rows import insert, table
from connector.store.tables.running import Circuit, Send

_SEND = table(Send)
_CIRCUIT = table(Circuit)


class StoredSendLog:
    """The send log in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def recent(self, key: str, since: datetime) -> list[datetime]:
        """Return the stamps of a key later than ``since``, oldest first."""
        async with self._database.read() as connection:
            found = await connection.execute(
                select(_SEND.c.stamp).where(_SEND.c.key == key, _SEND.c.stamp > since).order_by(_SEND.c.stamp)
            )
            return list(found.scalars())

    async def reserve(self, key: str, stamp: datetime, *, wanted: int, limit: int, since: datetime) -> int:
        """Append ``stamp`` as often as the limit allows, at most ``wanted`` times; return how often."""
        async with self._database.write(fenced=False) as connection:
            await alone(connection, key)
            await connection.execute(delete(_SEND).where(_SEND.c.key == key, _SEND.c.stamp <= since))
            counted = await connection.execute(select(func.count()).select_from(_SEND).where(_SEND.c.key == key))
            granted = min(wanted, max(0, limit - int(counted.scalar_one())))
            if granted:
                await connection.execute(_SEND.insert(), [{"key": key, "stamp": stamp}] * granted)
            return granted

    async def move(self, key: str, stamp: datetime, later: datetime) -> None:
        """Give one send a later stamp. A database that fails now is told nothing: what it forgets is a politeness."""
        one = select(_SEND.c.id).where(_SEND.c.key == key, _SEND.c.stamp == stamp).limit(1).scalar_subquery()
        with suppress(*FAILURES):
            async with self._database.write(fenced=False) as connection:
                await alone(connection, key)
                moved = await connection.execute(update(_SEND).where(_SEND.c.id == one).values(stamp=later))
                if not moved.rowcount:  # it had left the window, and was forgotten
                    await connection.execute(_SEND.insert().values(key=key, stamp=later))

    async def forget_after(self, key: str, moment: datetime) -> int:
        """Forget the stamps of a key that are later than ``moment``; return how many there were."""
        late = (_SEND.c.key == key, _SEND.c.stamp > moment)
        async with self._database.read() as connection:
            if not (await connection.execute(select(func.count()).select_from(_SEND).where(*late))).scalar_one():
                return 0
        async with self._database.write(fenced=False) as connection:
            return int((await connection.execute(delete(_SEND).where(*late))).rowcount)


class StoredBreakers:
    """Circuit-breaker state in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, key: str) -> BreakerState:
        """Return the state of a circuit; one never seen is closed."""
        async with self._database.read() as connection:
            return await _state(connection, key)

    async def swap(self, key: str, old: BreakerState, new: BreakerState) -> bool:
        """Write ``new`` if the stored state still is ``old``; tell whether it was."""
        async with self._database.write(fenced=False) as connection:
            await connection.execute(insert(connection, _CIRCUIT).values(key=key, failures=0).on_conflict_do_nothing())
            same = update(_CIRCUIT).where(
                _CIRCUIT.c.key == key,
                _CIRCUIT.c.failures == old.failures,
                _CIRCUIT.c.opened_at.is_not_distinct_from(old.opened_at),
                _CIRCUIT.c.probe_at.is_not_distinct_from(old.probe_at),
                _CIRCUIT.c.probe_owner.is_not_distinct_from(old.probe_owner),
            )
            changed = await connection.execute(
                same.values(
                    failures=new.failures,
                    opened_at=new.opened_at,
                    probe_at=new.probe_at,
                    probe_owner=new.probe_owner,
                )
            )
            return changed.rowcount == 1


async def circuits(connection: AsyncConnection) -> dict[str, BreakerState]:
    """Return every circuit that was ever opened or counted a failure, by its key."""
    columns = (_CIRCUIT.c.key, _CIRCUIT.c.failures, _CIRCUIT.c.opened_at, _CIRCUIT.c.probe_at, _CIRCUIT.c.probe_owner)
    return {row[0]: BreakerState(*row[1:]) for row in await connection.execute(select(*columns))}


async def _state(connection: AsyncConnection, key: str) -> BreakerState:
    columns = (_CIRCUIT.c.failures, _CIRCUIT.c.opened_at, _CIRCUIT.c.probe_at, _CIRCUIT.c.probe_owner)
    row = (await connection.execute(select(*columns).where(_CIRCUIT.c.key == key))).one_or_none()
    return BreakerState(*row) if row else BreakerState()
