"""Memberships as Mews shows them; a guest of whom one cannot be read is left alone by both roads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.loyalty import Membership
from connector.jobs.chain import Chain
from connector.jobs.streams import UNREADABLE, unreadable
from connector.mews.payloads.records import Bad
from connector.store import erased, holdings, suspense
from connector.store import loyalty as mirror
from connector.store.suspense import Case

UNREADABLE_MEMBERSHIP = "unreadable_membership"
_MEMBERSHIP = "loyalty membership"


async def keep(connection: AsyncConnection, chain: Chain, found: Sequence[Membership], bad: Sequence[Bad]) -> None:
    """Store memberships; a guest with an unreadable one is left alone by both roads, see ``blocked``.

    Of guests who were erased nothing is stored.
    """
    now = chain.clock.now()
    holders = {*(each.account_id for each in found), *(each.parent_id for each in bad if each.parent_id)}
    gone = await erased.among(connection, chain.hasher, erased.GUEST, holders)
    found = gone.without(found, attrgetter("account_id"))
    bad = gone.without(bad, attrgetter("parent_id"))
    await mirror.save_memberships(connection, found, now)
    await _are_well(connection, [each.id for each in found], now)
    cases = [_left_alone(each) for each in bad if each.parent_id]
    await suspense.open_cases(connection, [*cases, *map(unreadable, bad)], now)


async def keep_deleted(
    connection: AsyncConnection, chain: Chain, found: Sequence[Membership], bad: Sequence[Bad]
) -> None:
    """Store deleted memberships. Of one that cannot be read its id is enough: it is the one that we know, deleted."""
    known = await holdings.memberships(connection, [each.id for each in bad])
    await keep(connection, chain, [*found, *(each._replace(deleted=True) for each in known.values())], [])
    now = chain.clock.now()
    await _are_well(connection, [each.id for each in bad], now)
    await suspense.open_cases(connection, [unreadable(each) for each in bad if not each.id], now)


async def _are_well(connection: AsyncConnection, ids: Sequence[str], now: datetime) -> None:
    """Close the cases of memberships that can be read or are gone."""
    well = await suspense.subjects_with(connection, _MEMBERSHIP, UNREADABLE, ids)
    await suspense.close_cases(connection, _MEMBERSHIP, well, now, reasons=[UNREADABLE])


def _left_alone(bad: Bad) -> Case:
    text = (
        f"guest {bad.parent_id}: a membership of this guest cannot be read ({bad.text}), so the guest's memberships "
        "stay as they are and stays earn nothing; correct it in Mews, or report this line."
    )
    return Case("guest", bad.parent_id, UNREADABLE_MEMBERSHIP, text)
