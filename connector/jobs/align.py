"""The first road: make Mews agree with the scheme, and harm nobody by accident."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connector.domain import programs as wanted
from connector.domain.harm import Verdict, judge
from connector.domain.plan import Draft, Plan
from connector.domain.programs import AddProgram, AddTier, ProgramChange, UpdateProgram, UpdateTier
from connector.errors import Conflict, Lost, Refused
from connector.jobs import mirror as mirroring
from connector.jobs import planning, scheme
from connector.jobs.applying import REFUSED_BY_MEWS, Applied, Applier
from connector.jobs.chain import Chain
from connector.jobs.planning import Scope
from connector.jobs.scheme import Loaded, Road
from connector.mews.changes import ProgramAdd, ProgramUpdate, TierAdd, TierUpdate
from connector.mews.loyalty import Loyalty
from connector.store import alignment as store
from connector.store import loyalty as mirror
from connector.store import matching, suspense
from connector.store.suspense import Case

_DAY = timedelta(hours=24)
_ROUNDS = 4  # add, then the provider id, then whatever a refusal or a repair left over


@dataclass(slots=True)
class Aligned:
    """What a pass read and wrote, and what is left for a person or the next pass."""

    read: int = 0
    written: int = 0
    postponed: int = 0
    refused: int = 0
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan, what the programs comparison found, and the harm guard's verdict."""

    plan: Plan
    left_alone: tuple[str, ...]
    faults: tuple[str, ...]
    verdict: Verdict


async def preview(chain: Chain, road: Road) -> Preview:
    """Compute what would change in Mews, without writing there."""
    loaded, _read = await _observe(chain, road)
    comparison = await _compare(chain, road)
    scope = await planning.scope(chain, road, loaded, ahead=True)
    await planning.match(chain, road, scope)
    draft = Draft(scope.tiers)
    draft.add_programs(comparison.changes)
    plan = await _draft(chain, scope, draft)
    return Preview(plan, tuple(comparison.left_alone), tuple(comparison.faults), await _judge(chain, road, plan))


async def align(chain: Chain, road: Road, *, confirm: str | None = None, operator: str = "") -> Aligned:
    """Run one pass.

    Raises Refused when the harm guard wants a person's confirmation, before anything of that plan is written, and
    Unfinished when the scheme is not whole: then nothing at all is written to Mews.
    """
    loaded, read = await _observe(chain, road)
    done = Aligned(read=read)
    if confirm:
        async with chain.database.write() as connection:
            await store.confirm(connection, confirm, operator, chain.clock.now())
    comparison = await _compare(chain, road)
    scope = await planning.scope(chain, road, loaded, ahead=True)
    await planning.match(chain, road, scope)
    if comparison.changes:
        await _permit(chain, road, scope)  # a refused pass writes no program or tier either
        done.written += await _align_programs(chain, road)
    await _align_memberships(chain, road, await planning.scope(chain, road, loaded), done)
    return done


async def _permit(chain: Chain, road: Road, scope: Scope) -> Plan:
    """Return the plan for the memberships; raises Refused when the harm guard wants a person's word first."""
    plan = await _draft(chain, scope, Draft(scope.tiers))
    verdict = await _judge(chain, road, plan)
    if not verdict.allowed:
        raise Refused(
            f"alignment: {verdict.sentence} Nothing of this was written; look at `plan`, then confirm exactly this "
            f"with `sync align --confirm {plan.plan_id}`."
        )
    return plan


async def _observe(chain: Chain, road: Road) -> tuple[Loaded, int]:
    listing = await asyncio.to_thread(road.source.verify)
    read = await mirroring.refresh(chain)
    return await scheme.load(chain, road, listing), read


async def _compare(chain: Chain, road: Road) -> wanted.Comparison:
    async with chain.database.read() as connection:
        comparison = wanted.compare(road.programs, await mirror.programs(connection), await mirror.tiers(connection))
        if await mirroring.programs_are_unreadable(connection):  # what seems to be missing may be the unreadable one
            comparison.changes = [c for c in comparison.changes if not isinstance(c, AddProgram | AddTier)]
    cases = [Case("program", str(number), "duplicate_code", text) for number, text in enumerate(comparison.faults)]
    now = chain.clock.now()
    async with chain.database.write() as connection:
        await suspense.open_cases(connection, cases, now)
        await suspense.close_stale(connection, "program", ["duplicate_code"], now)
    return comparison


async def _align_programs(chain: Chain, road: Road) -> int:
    """Add programs first and tiers of those next: a tier needs its program's id."""
    written = 0
    for _ in range(2):
        comparison = await _compare(chain, road)
        if not comparison.changes:
            break
        written += await _apply_programs(chain, comparison.changes)
        await mirroring.refresh_programs(chain)
    return written


async def _apply_programs(chain: Chain, changes: Sequence[ProgramChange]) -> int:
    """Write the changes of programs, then those of tiers whose program exists; return how many were written."""
    adds = [c for c in changes if isinstance(c, AddProgram)]
    if adds:
        new_programs = [ProgramAdd(**_snake(c.fields)) for c in adds]
        await chain.through(lambda token: Loyalty(token).add_programs(new_programs))
    updates = [c for c in changes if isinstance(c, UpdateProgram)]
    if updates:
        changed_programs = [ProgramUpdate(c.program_id, **_snake(c.fields)) for c in updates]
        await chain.through(lambda token: Loyalty(token).update_programs(changed_programs))
    tiers = [c for c in changes if isinstance(c, AddTier) and c.program_id is not None]
    if tiers:
        new_tiers = [TierAdd(c.program_id or "", **_snake(c.fields)) for c in tiers]
        await chain.through(lambda token: Loyalty(token).add_tiers(new_tiers))
    tier_updates = [c for c in changes if isinstance(c, UpdateTier)]
    if tier_updates:
        changed_tiers = [TierUpdate(c.tier_id, **_snake(c.fields)) for c in tier_updates]
        await chain.through(lambda token: Loyalty(token).update_tiers(changed_tiers))
    return len(adds) + len(updates) + len(tiers) + len(tier_updates)


def _snake(fields: Any) -> dict[str, Any]:
    return {name.lower(): value for name, value in fields.items()}


async def _settle_intents(chain: Chain, program_id: str) -> None:
    """Close the intents of adds whose answer was lost or never read, but whose membership Mews shows by now."""
    async with chain.database.read() as connection:
        doubtful = sorted(await store.intents(connection, program_id))
        seen = await mirror.memberships_of(connection, doubtful, [program_id]) if doubtful else {}
    if seen:
        async with chain.database.write() as connection:
            await store.fulfil(connection, program_id, seen)


async def _align_memberships(chain: Chain, road: Road, scope: Scope, done: Aligned) -> None:
    await _settle_intents(chain, scope.program_id)
    refused: set[str] = set()
    for _ in range(_ROUNDS):
        plan = await _permit(chain, road, scope)
        if plan.is_empty:
            break
        applied = await _apply(chain, scope, plan, refused)
        done.written += applied.written
        done.postponed = applied.postponed
        done.lost = applied.lost or applied.stale
        async with chain.database.write() as connection:
            await matching.remember_memberships(connection, scope.program_id)
            if not done.lost:
                await store.use_up(connection, plan.plan_id, chain.clock.now())
        done.refused = len(refused)
        if applied.stale:
            return
        if not applied.progressed:
            break
    await _close_refusals(chain, scope)


async def _close_refusals(chain: Chain, scope: Scope) -> None:
    """Close the cases of what Mews refused in an earlier pass and did not refuse, or was not asked for, in this."""
    async with chain.database.write() as connection:
        for kind in ("member", "membership"):
            await suspense.close_stale(connection, kind, [REFUSED_BY_MEWS], scope.began)


async def _draft(chain: Chain, scope: Scope, draft: Draft) -> Plan:
    cases = []
    async for change in planning.changes(chain, scope):
        if isinstance(change, Case):
            cases.append(change)
            draft.suspend()
        else:
            draft.add(change)
    async with chain.database.write() as connection:
        await suspense.open_cases(connection, cases, scope.began)
        await suspense.close_stale(connection, "member", [planning.UNKNOWN_TIER], scope.began)
    return draft.plan()


async def _judge(chain: Chain, road: Road, plan: Plan) -> Verdict:
    async with chain.database.read() as connection:
        if plan.plan_id and await store.is_confirmed(connection, plan.plan_id):
            return Verdict(allowed=True)
        removed, changed = await store.harm_since(connection, chain.clock.now() - _DAY)
        managed = await matching.count_links(connection)
    return judge(
        removals_planned=plan.removals,
        changes_planned=plan.changes,
        removed_last_24h=removed,
        changed_last_24h=changed,
        managed=managed,
        limits=road.limits,
    )


async def _apply(chain: Chain, scope: Scope, plan: Plan, refused: set[str]) -> Applied:
    applier = Applier(chain, scope.program_id, plan.plan_id, refused)
    try:
        async for change in planning.changes(chain, scope):
            if not isinstance(change, Case):
                await applier.take(change)
        return await applier.finish()
    except Lost:
        applier.applied.lost = True  # the next round reads back: what did arrive is in the mirror then
    except Conflict:
        applier.applied.stale = True  # only the next pass reads everything again
    return applier.applied
