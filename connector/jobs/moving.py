"""Moving a chain to another database: everything that is stored becomes a file, and the file a database.

Two databases must never send for one chain. So the right to send is handed on with ``retire``: first the old database
is marked, in one transaction in which nobody has a job's lease, then it is read, and when the file is whole the mark
says that the file has the right. The import takes it from the file, which notes that, before the new database is
committed. A process that dies anywhere in between leaves a right that nobody has, never one that two have. What is made
without it is a copy, like a restored backup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from connector import __version__
from connector.errors import Misconfigured, Refused
from connector.jobs.identity import is_dead, own_name
from connector.jobs.runner import JOBS
from connector.jobs.turns import LEASE
from connector.ports import Progress
from connector.store import backup, contents, facts, intake, leases, migrations, retired, sights, takeover
from connector.store.engine import Database
from connector.store.lock import exclusive
from connector.store.resolutions import Signature
from connector.store.retired import Retirement
from connector.store.state_file import Draft, Header, draft, fingerprint
from connector.store.state_reading import Reader


@dataclass(frozen=True, slots=True)
class Moved:
    """What was written to a file or read from it. ``right``: with the right to send, else it is a copy."""

    file: Path
    revision: str
    chain_id: str | None
    right: bool
    rows: Mapping[str, int]
    taken: str = ""


async def export(
    database: Database, key: bytes, path: Path, signature: Signature, tell: Progress, *, retire: bool, force: bool
) -> Moved:
    """Write a database to a file as it is at one moment; with ``retire`` it is left behind, and the file has its right.

    Raises Misconfigured when there is no database or ``path`` exists, Refused while others work on it.
    """
    await refuse_nothing(database)
    with _alone(database), draft(path, force=force) as made:
        await migrations.upgrade(database)
        mark = await _retired(database, Retirement(signature.at, signature.by, str(path))) if retire else None
        right = mark is not None and not mark.handed
        header = await _written(database, made, key, signature, tell, right=right)
        if mark is not None and right:
            async with database.write() as connection:
                await retired.write(connection, replace(mark, handed=True))
        made.name()
    return Moved(path, header.revision, header.chain_id, right, header.rows)


async def take_in(
    database: Database, key: bytes, path: Path, tokens: Sequence[str], signature: Signature, tell: Progress
) -> Moved:
    """Fill an empty database from a file, all of it or nothing.

    ``tokens`` are the digests of the configured access tokens. Raises Refused for a file that is not whole, of another
    chain, hash key or newer version, and for a database that holds anything.
    """
    reader = Reader(path, key)
    header = _accepted(reader, tokens)
    with reader.held() if header.right else nullcontext() as held, _alone(database):
        reader.verify()
        total = sum(header.rows.values())
        right, taken = held is not None and not reader.taken, reader.taken
        async with database.write() as connection:
            await intake.fill(connection, reader, header, lambda count: tell("rows", count, total))
            if held is not None and right:
                reader.take(held, f"at {signature.at:%Y-%m-%d %H:%M} UTC by {signature.by}")
            else:
                await facts.write(connection, backup.MARK, backup.EXPORTED)
    return Moved(path, header.revision, header.chain_id, right, header.rows, taken)


def _alone(database: Database) -> AbstractContextManager[None]:
    """Hold the lock of an SQLite file; on PostgreSQL leases and locks of tables do its work."""
    if database.file is None:
        return nullcontext()
    return exclusive(database.file)


async def refuse_nothing(database: Database) -> None:
    """Raise Misconfigured when there is no database to export."""
    missing = database.file is not None and not database.file.exists()
    if missing or await migrations.revision(database) is None:
        name = database.file or "the database"
        raise Misconfigured(f"state export: {name} was never set up; expected a database to export")


async def _retired(database: Database, mark: Retirement) -> Retirement:
    """Mark a database as moved while nobody works on it; one that is marked stays marked as it was, to its old file."""
    owner, now = own_name(), mark.at
    async with database.write() as connection:
        await takeover.take_over(connection, is_dead, now)
        for name in JOBS:
            if not await leases.take(connection, name, owner, now, now + LEASE):
                raise Refused(
                    f"state export: a process does {name} just now; expected every `run` and `sync` to be ended"
                )
        before = await retired.read(connection)
        mark = before if before and before.handed else mark
        await retired.write(connection, mark)
        for name in JOBS:
            await leases.give_back(connection, name, owner)
    return mark


async def _written(
    database: Database, made: Draft, key: bytes, signature: Signature, tell: Progress, *, right: bool
) -> Header:
    async with database.snapshot() as connection:
        header = await _header(connection, key, signature, right=right)
        total = sum(header.rows.values())
        with made.writing(key) as out:
            out.header(header)
            for each in contents.tables():
                out.table(each.name, each.columns.keys())
                async for page in contents.pages(connection, each):
                    out.rows(page)
                    tell("rows", len(page), total)
    return header


async def _header(connection: AsyncConnection, key: bytes, signature: Signature, *, right: bool) -> Header:
    return Header(
        revision=migrations.HEAD,
        connector=__version__,
        at=signature.at.isoformat(),
        chain_id=await facts.read(connection, "chain_id"),
        tokens=await sights.tokens(connection),
        key=fingerprint(key),
        right=right,
        rows={each.name: await contents.count(connection, each) for each in contents.tables()},
    )


def _accepted(reader: Reader, tokens: Sequence[str]) -> Header:
    """Return the header of a file that this configuration may import, as far as the header tells."""
    header = reader.header()
    if header.key != fingerprint(reader.key):
        raise Refused(
            f"{reader.path}: it was written with another hash key; expected that of the exported database (its file "
            ".hash_key) beside this one or as privacy.hash_key"
        )
    if header.revision > migrations.HEAD:
        raise Refused(
            f"{reader.path}: it is of revision {header.revision}, written by connector {header.connector}, newer than "
            f"this version's {migrations.HEAD}; expected this program to be updated first"
        )
    if header.tokens and not set(header.tokens) & set(tokens):
        raise Refused(
            f"{reader.path}: it holds the chain {header.chain_id}, which no access token of this configuration has "
            "read; expected the configuration of that chain, with its tokens as they were"
        )
    return header
