"""Reading a period of a stream again, beside its cursor: what it finds counts as if the stream had brought it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.errors import ConnectorError, Superseded
from connector.jobs import bills, mirror, stays
from connector.jobs.chain import Chain
from connector.jobs.properties import read_properties
from connector.jobs.scopes import scopes
from connector.jobs.streams import Stream, read_again
from connector.mews.payloads.records import Bad
from connector.mews.times import Interval
from connector.store import mirrored


@dataclass(slots=True)
class Reread:
    """What reading a period again brought: records read, and how many were not in the mirror like that."""

    stream: str
    scope: str
    read: int = 0
    differing: int = 0


@dataclass(slots=True)
class Resynced:
    """What came of each scope; ``failed`` says why some could not be read, by property table."""

    done: list[Reread] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


async def resync(chain: Chain, name: str, period: Interval, table: str | None = None) -> Resynced:
    """Read a period of the stream ``name`` again, of one property table or of all that the stream has.

    Cursors stay as they are; stays that changed are decided by the next pass. Raises Misconfigured for a stream or
    table that there is not.
    """
    found = Resynced()
    wanted = scopes(chain, name, table)
    unread = await read_properties(chain)
    for scope in wanted:
        if scope in unread:
            found.failed[scope] = unread[scope]
            continue
        try:
            found.done.append(await _reread(chain, name, scope, period))
        except Superseded:
            raise
        except ConnectorError as error:
            if scope == mirror.CHAIN:
                raise
            found.failed[scope] = str(error)
    return found


async def _reread(chain: Chain, name: str, scope: str, period: Interval) -> Reread:
    reread = Reread(name, scope)
    streams = await _of_chain(chain, period) if scope == mirror.CHAIN else await _of_property(chain, scope)
    if stream := streams.get(name):
        reread.read = await read_again(chain, _counted(stream, reread), period)
    return reread


async def _of_chain(chain: Chain, period: Interval) -> Mapping[str, Stream[Any]]:
    programs, _read = await mirror.refresh_programs(chain)
    streams = mirror.streams(chain, [program.id for program in programs], period.start)
    return {name: stream for name, stream in streams.items() if programs or name in mirror.GUESTS}


async def _of_property(chain: Chain, table: str) -> Mapping[str, Stream[Any]]:
    if not chain.serves[table]:
        return {}
    token = chain.tokens[table]
    own = {} if table in chain.portfolios else {bills.STREAM: bills.stream(chain, token)}
    return {**await stays.streams(chain, token), **own}


def _counted(stream: Stream[Any], reread: Reread) -> Stream[Any]:
    """Return the stream with a ``save`` that compares the mirror before and after."""

    async def save(connection: AsyncConnection, records: list[Any], bad: list[Bad]) -> None:
        ids = {record.id for record in records}
        before = await mirrored.contents(connection, stream.name, ids)
        await stream.save(connection, records, bad)
        after = await mirrored.contents(connection, stream.name, ids)
        reread.differing += sum(before.get(each) != after.get(each) for each in ids)

    return replace(stream, save=save)
