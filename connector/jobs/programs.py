"""The programs and tiers of the configuration, written to Mews."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connector.domain import programs as domain
from connector.domain.programs import AddProgram, AddTier, ProgramChange, UpdateProgram, UpdateTier
from connector.jobs import mirror as mirroring
from connector.jobs.chain import Chain
from connector.jobs.scheme import Road
from connector.mews.changes import ProgramAdd, ProgramUpdate, TierAdd, TierUpdate
from connector.mews.loyalty import Loyalty
from connector.store import loyalty as mirror
from connector.store import suspense
from connector.store.suspense import Case


async def compare(chain: Chain, road: Road) -> domain.Comparison:
    """Return what must change about programs and tiers; a code that stands twice in Mews becomes a case."""
    async with chain.database.read() as connection:
        comparison = domain.compare(road.programs, await mirror.programs(connection), await mirror.tiers(connection))
        if await mirroring.programs_are_unreadable(connection):  # what seems to be missing may be the unreadable one
            comparison.changes = [c for c in comparison.changes if not isinstance(c, AddProgram | AddTier)]
    cases = [Case("program", str(number), "duplicate_code", text) for number, text in enumerate(comparison.faults)]
    now = chain.clock.now()
    async with chain.database.write() as connection:
        await suspense.open_cases(connection, cases, now)
        await suspense.close_stale(connection, "program", ["duplicate_code"], now)
    return comparison


async def align(chain: Chain, road: Road) -> int:
    """Add programs first and tiers of those next: a tier needs its program's id."""
    written = 0
    for _ in range(2):
        comparison = await compare(chain, road)
        if not comparison.changes:
            break
        written += await _apply(chain, comparison.changes)
        await mirroring.refresh_programs(chain)
    return written


async def _apply(chain: Chain, changes: Sequence[ProgramChange]) -> int:
    """Write the changes of programs, then those of tiers whose program exists; return how many were written."""
    loyalty = Loyalty(chain.any_token)
    adds = [c for c in changes if isinstance(c, AddProgram)]
    if adds:
        await loyalty.add_programs([ProgramAdd(**_snake(c.fields)) for c in adds])
    updates = [c for c in changes if isinstance(c, UpdateProgram)]
    if updates:
        await loyalty.update_programs([ProgramUpdate(c.program_id, **_snake(c.fields)) for c in updates])
    tiers = [c for c in changes if isinstance(c, AddTier) and c.program_id is not None]
    if tiers:
        await loyalty.add_tiers([TierAdd(c.program_id or "", **_snake(c.fields)) for c in tiers])
    tier_updates = [c for c in changes if isinstance(c, UpdateTier)]
    if tier_updates:
        await loyalty.update_tiers([TierUpdate(c.tier_id, **_snake(c.fields)) for c in tier_updates])
    return len(adds) + len(updates) + len(tiers) + len(tier_updates)


def _snake(fields: Any) -> dict[str, Any]:
    return {name.lower(): value for name, value in fields.items()}
