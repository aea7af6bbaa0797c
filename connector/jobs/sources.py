"""Where the stays that are about to be decided came from, read only where a rule asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connector.domain.names import Kind, asked
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.mews.client import Mews
from connector.mews.payloads.sources import Assignment
from connector.mews.stays import MOST_SOURCED, Stays
from connector.store import decisions, stays
from connector.store import sources as store
from connector.store.rows import batches

_PAGE = 1000


async def read(chain: Chain, token: Mews, partnerships: Sequence[Partnership]) -> int:
    """Read the sources of the stays that are about to be decided at this token's properties; return how many.

    Mews tells them of 100 reservations at a time. A source that is changed afterwards counts when the stay is decided
    again: whether it moves the reservation's own update time is not documented.
    """
    names = [each.name for each in partnerships if Kind.SOURCE in asked(each.contract.rules)]
    found, after, now = 0, "", chain.clock.now()
    while names:
        async with chain.database.read() as connection:
            ids = await decisions.to_decide(connection, names, now, after, _PAGE)
            reservations = await stays.reservations(connection, ids)
        if not ids:
            break
        wanted = [each.id for each in reservations if each.property_id in chain.serves[token.table]]
        for some in batches(wanted, MOST_SOURCED):
            found += await _read(chain, token, some)
        after = ids[-1]
    return found


async def _read(chain: Chain, token: Mews, ids: Sequence[str]) -> int:
    assignments: list[Assignment] = []
    unreadable: set[str] = set()
    async for page in Stays(token).sources(ids):
        assignments += page.records
        unreadable |= {each.parent_id for each in page.bad}
    found = {each: _primary(one for one in assignments if one.reservation_id == each) for each in ids}
    async with chain.database.write() as connection:
        await store.save(connection, found | dict.fromkeys(unreadable & set(ids)))
    return len(assignments)


def _primary(assignments: Iterable[Assignment]) -> str:
    """Return the source that counts: the primary one, of several the latest; "" where none is."""
    found = [each for each in assignments if each.primary]
    return max(found, key=lambda each: (each.updated, each.source_id)).source_id if found else ""
