"""The first road: make Mews agree with the scheme, and harm nobody by accident."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from connector.domain.harm import Verdict
from connector.domain.plan import Draft, Plan, told
from connector.errors import Conflict, Lost, Refused
from connector.jobs import enrolling, guard, planning, programs, removals, scheme
from connector.jobs import mirror as mirroring
from connector.jobs.applied import REFUSED_BY_MEWS, Applied
from connector.jobs.applying import Applier
from connector.jobs.chain import Chain
from connector.jobs.pairing import DISPUTES, UNKNOWN_TIER, Scope, Waiting
from connector.jobs.partner_numbers import QUESTIONS
from connector.jobs.retries import Retries
from connector.jobs.scheme import Loaded, Road
from connector.mews.answers import Failing
from connector.store import alignment as store
from connector.store import harm, matching, recurring, suspense
from connector.store import loyalty as mirror
from connector.store.suspense import Case

Tell = Callable[[dict[str, Any]], None]


_ROUNDS = 4  # add, then the provider id, then whatever a refusal or a repair left over


@dataclass(slots=True)
class Aligned:
    """What a pass read and wrote, and what is left for a person or the next pass; ``doubt`` is why."""

    read: int = 0
    written: int = 0
    postponed: int = 0
    refused: int = 0
    lost: bool = False
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan, what the programs comparison found, and the harm guard's verdict."""

    plan: Plan
    left_alone: tuple[str, ...]
    faults: tuple[str, ...]
    warnings: tuple[str, ...]
    verdict: Verdict


async def preview(chain: Chain, road: Road, tell: Tell | None = None) -> Preview:
    """Compute what would change in Mews, without writing there; ``tell`` hears of every single change.

    It is given a record as ``plan --json`` prints it, so that a plan of any size can be told as it is made.
    """
    loaded, _read = await _observe(chain, road)
    comparison = await programs.compare(chain, road)
    scope = await planning.scope(chain, road, loaded, ahead=True)
    await planning.match(chain, road, scope)
    draft = Draft(scope.tiers)
    draft.add_programs(comparison.changes)
    if tell:
        for change in comparison.changes:
            tell(told(change, scope.tiers))
    leaving = (await _draft(chain, scope, draft, await guard.refusals(chain), tell)).leaving
    judged = await removals.judge(chain, comparison.deletions, leaving)
    draft.add_programs(judged.ready)
    if tell:
        for deletion in judged.ready:
            tell(told(deletion, scope.tiers))
    plan = draft.plan()
    return Preview(
        plan,
        left_alone=tuple(comparison.left_alone),
        faults=tuple(comparison.faults.values()),
        warnings=(
            *comparison.warnings.values(),
            *(case.text for case in judged.used.values()),
            *await enrolling.offers(chain, road.desk, scope),
        ),
        verdict=await guard.judged(chain, road, plan),
    )


async def align(chain: Chain, road: Road, *, confirm: str | None = None, operator: str = "") -> Aligned:
    """Run one pass.

    Raises Refused when the harm guard wants a person's confirmation, before anything of that plan is written, and
    Unfinished when the scheme is not whole: then nothing at all is written to Mews.
    """
    loaded, read = await _observe(chain, road)
    done = Aligned(read=read)
    if confirm:
        async with chain.database.write() as connection:
            await harm.confirm(connection, confirm, operator, chain.clock.now())
    comparison = await programs.compare(chain, road)
    scope = await planning.scope(chain, road, loaded, ahead=True)
    await planning.match(chain, road, scope)
    if comparison.changes:
        await _permit(chain, road, scope)  # a refused pass writes no program or tier either
        aligned = await programs.align(chain, road)
        done.written, done.doubt = aligned.written, aligned.doubt
        if road.program_code in aligned.missing:
            return done
    await _align_memberships(chain, road, await planning.scope(chain, road, loaded), done)
    if not (done.lost or done.postponed):  # else memberships may be on a tier that seems to be unused
        await _remove(chain, road, scope, done)
    if road.desk is not None:
        doubt = await enrolling.enrol(chain, road.desk, scope)
        done.doubt = done.doubt or doubt
    return done


async def _remove(chain: Chain, road: Road, scope: Scope, done: Aligned) -> None:
    removed = await removals.delete(chain, road, scope.began)
    done.read += removed.read
    done.written += removed.written
    done.doubt = done.doubt or removed.doubt


async def _permit(chain: Chain, road: Road, scope: Scope) -> tuple[Plan, str, Retries]:
    """Return the plan for the memberships, its id if a person confirmed it, and what of it is tried once more.

    A confirmation of any other plan is void from then on. Raises Refused when the harm guard wants a person's word.
    """
    retries = await guard.refusals(chain)
    plan = await _draft(chain, scope, Draft(scope.tiers), retries)
    await guard.forget_others(chain, plan)
    verdict = await guard.judged(chain, road, plan)
    await guard.remember(chain, plan, verdict)
    if not verdict.allowed:
        raise Refused(
            f"alignment: {verdict.sentence} Nothing of this was written; look at `plan`, then confirm exactly this "
            f"with `sync align --confirm {plan.plan_id}`."
        )
    if verdict.confirmed:
        return plan, verdict.confirmed, Retries()
    return plan, "", replace(retries, removals=verdict.spare_removals, changes=verdict.spare_changes)


async def _observe(chain: Chain, road: Road) -> tuple[Loaded, int]:
    roll = await road.source.verify()
    read = await mirroring.refresh(chain)
    return await scheme.load(chain, road, roll), read


async def _settle_intents(chain: Chain, program_id: str) -> None:
    """Close the intents of adds whose answer was lost or never read, but whose membership Mews shows by now."""
    async with chain.database.read() as connection:
        doubtful = sorted(await store.intents(connection, program_id))
        seen = await mirror.memberships_of(connection, doubtful, [program_id]) if doubtful else {}
    if seen:
        async with chain.database.write() as connection:
            await store.fulfil(connection, program_id, seen)


async def _align_memberships(chain: Chain, road: Road, scope: Scope, done: Aligned) -> None:
    for program_id in (scope.program_id, *scope.partners.values()):
        await _settle_intents(chain, program_id)
    refused: set[str] = set()
    for _ in range(_ROUNDS):
        plan, confirmed, retries = await _permit(chain, road, scope)
        if plan.is_empty:
            break
        applied = await _apply(chain, scope, plan, confirmed, refused, retries)
        done.written += applied.written
        done.postponed = applied.postponed
        done.lost = applied.lost or applied.stale
        async with chain.database.write() as connection:
            await matching.remember_memberships(connection, scope.program_id)
            if not done.lost:
                await harm.use_up(connection, plan.plan_id, chain.clock.now())
        done.refused = len(refused)
        if applied.stale:
            return
        if not applied.progressed:
            break
    await _close_refusals(chain, scope, refused)


async def _close_refusals(chain: Chain, scope: Scope, refused: Collection[str]) -> None:
    """Close the cases of what Mews refused in an earlier pass, and in this one did not, or need not be asked."""
    async with chain.database.write() as connection:
        await recurring.stand(connection, "membership", refused, REFUSED_BY_MEWS, chain.clock.now())
        for kind in ("member", "membership"):
            await suspense.close_stale(connection, kind, [REFUSED_BY_MEWS], scope.began)


async def _draft(chain: Chain, scope: Scope, draft: Draft, retries: Retries, tell: Tell | None = None) -> Plan:
    cases, scales = [], guard.Scales(chain, draft, retries)
    async for found in planning.changes(chain, scope):
        match found:
            case Case():
                cases.append(found)
                draft.suspend()
            case Waiting():
                draft.wait()
            case _:
                await scales.add(found)
                if tell:
                    tell(told(found, scope.tiers))
    await scales.finish()
    async with chain.database.write() as connection:
        await suspense.open_cases(connection, cases, scope.began)
        await suspense.close_stale(connection, "member", [UNKNOWN_TIER, *DISPUTES, *QUESTIONS], scope.began)
    return draft.plan()


async def _apply(
    chain: Chain, scope: Scope, plan: Plan, confirmed: str, refused: set[str], retries: Retries
) -> Applied:
    applier = Applier(chain, scope.program_id, confirmed, Applied(refused), retries)
    total = sum(plan.counts.values())
    try:
        async for found in planning.changes(chain, scope):
            if not isinstance(found, Case | Waiting):
                await applier.take(found)
                chain.progress("writing memberships", 1, total)
        return await applier.finish()
    except (Failing, Conflict):
        applier.applied.stale = True  # only the next pass reads everything again, and finds out whether Mews is well
    except Lost:
        applier.applied.lost = True  # the next round reads back: what did arrive is in the mirror then
    return applier.applied
