"""Is the database sound: its revision, the engine's own check, the history chains, and the ledger's books."""

from __future__ import annotations

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.ledger import chain_hash, detail_digest
from connector.errors import Refused
from connector.store import closings, migrations
from connector.store.engine import Database
from connector.store.faults import is_damage, store_fault
from connector.store.rows import table
from connector.store.tables import ledger as tables

_HISTORY, _MESSAGE, _AWARD, _CLAIM = (
    table(tables.History),
    table(tables.Message),
    table(tables.Award),
    table(tables.Claim),
)
_PAGE = 5000


async def examine(database: Database) -> list[str]:
    """Return what is wrong, one sentence each; nothing is changed."""
    try:
        return await _examined(database)
    except DBAPIError as error:
        if is_damage(error):  # so much that it cannot even be read
            return [store_fault(error)]
        raise


async def _examined(database: Database) -> list[str]:
    revision = await migrations.revision(database)
    if revision != migrations.HEAD:
        return [f"database: it is at revision {revision}; expected {migrations.HEAD}, run `db upgrade`"]
    async with database.read() as connection:
        return await faults(connection)


async def faults(connection: AsyncConnection) -> list[str]:
    """Return what is wrong with a database of this version's revision, as a transaction sees it."""
    return [
        *await _engine(connection),
        *await _states(connection),
        *await _claims(connection),
        *await _chains(connection),
        *await _closings(connection),
    ]


async def refuse_damaged(database: Database) -> None:
    """Raise Refused when an SQLite file is damaged: no job may go on with what is left of a ledger."""
    if not database.is_sqlite:
        return
    async with database.read() as connection:
        found = (await connection.execute(text("PRAGMA quick_check(1)"))).scalar()
    if found != "ok":
        raise Refused(f"database: its file is damaged ({found}); expected a sound one, restore a backup")


async def _engine(connection: AsyncConnection) -> list[str]:
    if connection.dialect.name != "sqlite":
        return []
    found = (await connection.execute(text("PRAGMA integrity_check"))).scalars().all()
    damages = [f"database: {fault}" for fault in found if fault != "ok"]
    broken = (await connection.execute(text("PRAGMA foreign_key_check"))).all()
    return damages + [f"database: a row of {row[0]} points to nothing in {row[2]}" for row in broken]


async def _states(connection: AsyncConnection) -> list[str]:
    """Each message stands where its history ends."""
    last = (
        select(_HISTORY.c.message_key, func.max(_HISTORY.c.seq).label("seq"), _HISTORY.c.award_id)
        .group_by(_HISTORY.c.award_id, _HISTORY.c.message_key)
        .subquery()
    )
    rows = await connection.execute(
        select(_MESSAGE.c.key, _MESSAGE.c.state, _HISTORY.c.after)
        .outerjoin(last, last.c.message_key == _MESSAGE.c.key)
        .outerjoin(_HISTORY, (_HISTORY.c.award_id == last.c.award_id) & (_HISTORY.c.seq == last.c.seq))
        .where(_HISTORY.c.after.is_distinct_from(_MESSAGE.c.state))
    )
    return [f"ledger: message {key} is {state}, its history ends at {after}" for key, state, after in rows]


async def _claims(connection: AsyncConnection) -> list[str]:
    rows = await connection.execute(
        select(_AWARD.c.id).outerjoin(_CLAIM, _CLAIM.c.award_id == _AWARD.c.id).where(_CLAIM.c.award_id.is_(None))
    )
    return [f"ledger: award {award_id} claims no reservation" for award_id in rows.scalars()]


async def _chains(connection: AsyncConnection) -> list[str]:
    """Every history row's hash covers the row before it, without a gap."""
    found: list[str] = []
    broken: set[str] = set()
    award, seq, previous = "", 0, ""
    after = ("", 0)
    while page := await _history(connection, after):
        for row in page:
            if row.award_id != award:
                award, seq, previous = row.award_id, 0, ""
            parts = (row.award_id, str(row.seq), row.at.isoformat(), row.actor, row.message_key)
            expected = chain_hash(previous, *parts, row.before, row.after, row.digest)
            sound = (row.seq, row.hash) == (seq + 1, expected) and _is_told_or_blanked(row)
            if not sound and award not in broken:
                broken.add(award)
                found.append(f"ledger: the history of award {award} was changed at line {row.seq}")
            seq, previous = row.seq, row.hash
        after = (page[-1].award_id, page[-1].seq)
    return found


def _is_told_or_blanked(row) -> bool:  # type: ignore[no-untyped-def]  # a row of history
    """Tell whether a line's detail is the one that was written, or was blanked with its salt."""
    if row.detail or row.salt:
        return bool(row.digest == detail_digest(row.salt, row.detail))
    return True


async def _closings(connection: AsyncConnection) -> list[str]:
    return [
        f"ledger: {slot.period:%Y-%m} does not come to what it was closed with at {slot.partner}, property "
        f"{slot.property_id or 'none'}"
        for slot in await closings.altered(connection)
    ]


async def _history(connection: AsyncConnection, after: tuple[str, int]):  # type: ignore[no-untyped-def]  # rows
    award_id, seq = after
    later = (_HISTORY.c.award_id > award_id) | ((_HISTORY.c.award_id == award_id) & (_HISTORY.c.seq > seq))
    statement = select(_HISTORY).where(later).order_by(_HISTORY.c.award_id, _HISTORY.c.seq).limit(_PAGE)
    return (await connection.execute(statement)).all()
