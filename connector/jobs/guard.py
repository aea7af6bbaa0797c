"""The harm guard: a plan beside what was done in the last 24 hours, and what a person confirmed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from connector.domain.changes import Change
from connector.domain.harm import Harm, Verdict, judge
from connector.domain.plan import Draft, Plan
from connector.jobs.applied import REFUSED_BY_MEWS
from connector.jobs.chain import Chain
from connector.jobs.retries import Retries
from connector.jobs.scheme import Road
from connector.store import harm, matching, pending
from connector.store.pending import Pending

_DAY = timedelta(hours=24)
_PAGE = 2000


@dataclass(slots=True)
class Scales:
    """Weighs the changes of a plan: harm that is planned for a membership twice within a day counts once."""

    chain: Chain
    draft: Draft
    retries: Retries
    _harmful: list[Change] = field(default_factory=list)

    async def add(self, change: Change) -> None:
        """Take in one change."""
        self.draft.add(change)
        if self.retries.repeats(change):
            self.draft.refuse(change)
        elif change.harm:
            self._harmful.append(change)
            if len(self._harmful) >= _PAGE:
                await self.finish()

    async def finish(self) -> None:
        """Weigh what is left."""
        harmful, self._harmful = self._harmful, []
        if not harmful:
            return
        removed = [change.subject for change in harmful if Harm.REMOVAL in change.harm]
        changed = [change.subject for change in harmful if change.harm != {Harm.REMOVAL}]
        async with self.chain.database.read() as connection:
            self.draft.repeat(*await harm.counted(connection, removed, changed, self.chain.clock.now() - _DAY))


async def refusals(chain: Chain) -> Retries:
    """Return what Mews refused when it was tried last, for which there is no room yet."""
    async with chain.database.read() as connection:
        return Retries(await harm.refused(connection, REFUSED_BY_MEWS))


async def judged(chain: Chain, road: Road, plan: Plan) -> Verdict:
    """Tell whether a plan may be applied without a further word of a person."""
    async with chain.database.read() as connection:
        if plan.plan_id and await harm.is_confirmed(connection, plan.plan_id):
            return Verdict(allowed=True, confirmed=plan.plan_id)
        removed, changed = await harm.since(connection, chain.clock.now() - _DAY)
        managed = await matching.count_links(connection)
    return judge(
        removals_planned=plan.removals - plan.removals_refused,
        changes_planned=plan.changes - plan.changes_refused,
        removed_last_24h=removed - plan.removals_again,
        changed_last_24h=changed - plan.changes_again,
        managed=managed,
        limits=road.limits,
    )


async def remember(chain: Chain, plan: Plan, verdict: Verdict) -> None:
    """Keep a plan that waits for a person where `status` finds it, and forget it once a pass is allowed."""
    if not verdict.allowed:
        stopped = Pending(plan.plan_id, plan.removals, plan.changes, verdict.sentence, chain.clock.now())
        async with chain.database.write() as connection:
            await pending.note(connection, stopped)
        return
    async with chain.database.read() as connection:
        waits = await pending.load(connection)
    if waits:
        async with chain.database.write() as connection:
            await pending.forget(connection)


async def forget_others(chain: Chain, plan: Plan) -> None:
    """Let every confirmation end that is not of the present plan: the world has changed since a person looked."""
    async with chain.database.read() as connection:
        stale = await harm.confirmed_others(connection, plan.plan_id)
    if stale:
        async with chain.database.write() as connection:
            for plan_id in stale:
                await harm.use_up(connection, plan_id, chain.clock.now())
