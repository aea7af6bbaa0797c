"""Guests who are left alone because a membership of theirs cannot be read: each pass looks whether that is still so."""

from __future__ import annotations

from collections.abc import Sequence

from connector.domain.loyalty import Membership
from connector.jobs.chain import Chain
from connector.jobs.memberships import UNREADABLE_MEMBERSHIP, keep
from connector.mews.batches import LARGEST
from connector.mews.loyalty import Loyalty
from connector.mews.payloads.records import Bad
from connector.store import recurring, suspense
from connector.store.rows import batches

_MOST = 5 * LARGEST  # guests of a pass: were Mews to change, everybody's could be unreadable


async def look_again(chain: Chain, program_ids: Sequence[str]) -> None:
    """Read the memberships of these guests and let go whoever has only readable ones, or none any more.

    A stream tells of one membership, deleted or readable again, and not whether the guest has another bad one.
    """
    async with chain.database.read() as connection:
        guests = await recurring.longest_unseen(connection, "guest", UNREADABLE_MEMBERSHIP, _MOST)
    for ids in batches(guests, LARGEST):
        found, bad = await _memberships_of(chain, ids, program_ids)
        holders = {each.parent_id for each in bad}
        well = [] if "" in holders else [each for each in ids if each not in holders]
        async with chain.database.write() as connection:
            await keep(connection, chain, found, bad)
            await suspense.close_cases(connection, "guest", well, chain.clock.now(), reasons=[UNREADABLE_MEMBERSHIP])


async def _memberships_of(
    chain: Chain, ids: Sequence[str], program_ids: Sequence[str]
) -> tuple[list[Membership], list[Bad]]:
    return await chain.through(lambda token: Loyalty(token).memberships_of(ids, program_ids))
