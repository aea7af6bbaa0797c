"""The first road: make Mews agree with the scheme, and harm nobody by accident."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from connector.domain import programs as wanted
from connector.domain.harm import Harm, Verdict, judge
from connector.domain.plan import Draft, Plan
from connector.errors import Lost, Refused
from connector.jobs import mirror as mirroring
from connector.jobs import planning, scheme
from connector.jobs.applying import Applied, Applier, apply_programs
from connector.jobs.chain import Chain
from connector.jobs.planning import Scope
from connector.jobs.scheme import Loaded, Road
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
    scope = await planning.scope(chain, road, loaded)
    await planning.match(chain, road, scope)
    draft = Draft()
    draft.add_programs(comparison.changes)
    plan = await _draft(chain, scope, draft)
    return Preview(plan, tuple(comparison.left_alone), tuple(comparison.faults), await _judge(chain, road, plan))


async def align(chain: Chain, road: Road, *, confirm: str | None = None, operator: str = "") -> Aligned:
    """Run one pass.

    Raises Refused when the harm guard wants a person's confirmation, Unfinished when the scheme is not whole: in
    both cases nothing was written to Mews.
    """
    loaded, read = await _observe(chain, road)
    done = Aligned(read=read)
    done.written += await _align_programs(chain, road)
    scope = await planning.scope(chain, road, loaded)
    await planning.match(chain, road, scope)
    if confirm:
        async with chain.database.write() as connection:
            await store.confirm(connection, confirm, operator, chain.clock.now())
    await _align_memberships(chain, road, scope, done)
    return done


async def _observe(chain: Chain, road: Road) -> tuple[Loaded, int]:
    listing = await asyncio.to_thread(road.source.verify)
    read = await mirroring.refresh(chain)
    return await scheme.load(chain, road, listing), read


async def _compare(chain: Chain, road: Road) -> wanted.Comparison:
    async with chain.database.read() as connection:
        comparison = wanted.compare(road.programs, await mirror.programs(connection), await mirror.tiers(connection))
    cases = [Case("program", str(number), "duplicate_code", text) for number, text in enumerate(comparison.faults)]
    async with chain.database.write() as connection:
        await suspense.open_cases(connection, cases, chain.clock.now())
    return comparison


async def _align_programs(chain: Chain, road: Road) -> int:
    """Add programs first and tiers of those next: a tier needs its program's id."""
    written = 0
    for _ in range(2):
        comparison = await _compare(chain, road)
        if not comparison.changes:
            break
        written += await apply_programs(chain, comparison.changes)
        await mirroring.refresh_programs(chain)
    return written


async def _align_memberships(chain: Chain, road: Road, scope: Scope, done: Aligned) -> None:
    for _ in range(_ROUNDS):
        plan = await _draft(chain, scope, Draft())
        if plan.is_empty:
            return
        verdict = await _judge(chain, road, plan)
        if not verdict.allowed:
            raise Refused(
                f"alignment: {verdict.sentence} Nothing was written; look at `plan`, then confirm exactly this with "
                f"`sync align --confirm {plan.plan_id}`."
            )
        applied = await _apply(chain, scope, plan)
        done.written += applied.written
        done.refused = applied.refused
        done.postponed = applied.postponed
        done.lost = applied.lost
        async with chain.database.write() as connection:
            await matching.remember_memberships(connection, scope.program_id)
        if not applied.written and not applied.lost:
            return


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
        done = await store.harm_since(connection, chain.clock.now() - _DAY)
        managed = await matching.count_links(connection)
    return judge(
        removals_planned=plan.removals,
        changes_planned=plan.changes,
        removed_last_24h=done.get(Harm.REMOVAL, 0),
        changed_last_24h=sum(count for kind, count in done.items() if kind != Harm.REMOVAL),
        managed=managed,
        limits=road.limits,
    )


async def _apply(chain: Chain, scope: Scope, plan: Plan) -> Applied:
    applier = Applier(chain, scope.program_id, plan.plan_id)
    try:
        async for change in planning.changes(chain, scope):
            if not isinstance(change, Case):
                await applier.take(change)
        return await applier.finish()
    except Lost:
        applier.applied.lost = True  # the next round reads back: what did arrive is in the mirror then
        return applier.applied
