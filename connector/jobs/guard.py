"""The harm guard: a plan beside what was done in the last 24 hours, and what a person confirmed."""

from __future__ import annotations

from datetime import timedelta

from connector.domain.harm import Verdict, judge
from connector.domain.plan import Plan
from connector.jobs.chain import Chain
from connector.jobs.scheme import Road
from connector.store import harm, matching

_DAY = timedelta(hours=24)


async def judged(chain: Chain, road: Road, plan: Plan) -> Verdict:
    """Tell whether a plan may be applied without a further word of a person."""
    async with chain.database.read() as connection:
        if plan.plan_id and await harm.is_confirmed(connection, plan.plan_id):
            return Verdict(allowed=True)
        removed, changed = await harm.since(connection, chain.clock.now() - _DAY)
        managed = await matching.count_links(connection)
    return judge(
        removals_planned=plan.removals,
        changes_planned=plan.changes,
        removed_last_24h=removed,
        changed_last_24h=changed,
        managed=managed,
        limits=road.limits,
    )
