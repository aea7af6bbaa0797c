"""What ``gone`` deletes in Mews: tiers and programs that nobody needs any more, after everything else of a pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.programs import DeleteProgram, DeleteTier, Deletion
from connector.jobs import mirror as mirroring
from connector.jobs import programs
from connector.jobs.applied import REFUSED_BY_MEWS
from connector.jobs.chain import Chain
from connector.jobs.program_writes import Writer, noun_of
from connector.jobs.scheme import Road
from connector.jobs.streams import UNREADABLE
from connector.store import alignment, suspense
from connector.store import loyalty as mirror
from connector.store.suspense import Case

STILL_USED = "still_used"


@dataclass(slots=True)
class Judged:
    """The deletions that harm nobody, and the sentences for those that have to wait, by subject."""

    ready: list[Deletion] = field(default_factory=list)
    used: dict[str, Case] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """What was read and deleted; ``doubt`` is why not all is done."""

    read: int = 0
    written: int = 0
    doubt: str = ""


async def judge(chain: Chain, deletions: Sequence[Deletion], leaving: Mapping[str, int]) -> Judged:
    """Tell what nobody needs, by the mirror; ``leaving`` counts the memberships that a plan moves off a tier."""
    judged = Judged()
    if not deletions:
        return judged
    tiers = [each for each in deletions if isinstance(each, DeleteTier)]
    of_programs = sorted({tier.program_id for tier in tiers})
    programs_gone = [each.program_id for each in deletions if isinstance(each, DeleteProgram)]
    async with chain.database.read() as connection:
        on_tiers = await mirror.count_on_tiers(connection, of_programs, [tier.tier_id for tier in tiers])
        in_programs = await mirror.count_in_programs(connection, programs_gone)
        unclear = await _unclear(connection, chain, of_programs) if tiers else ""
    for each in deletions:
        if isinstance(each, DeleteTier):
            living, active = on_tiers.get(each.tier_id, (0, 0))
            reason = _on_tier(each, living - leaving.get(each.tier_id, 0), living - active, unclear)
        else:
            reason = _in_program(each, in_programs.get(each.program_id, (0, 0))[1])
        if reason:
            judged.used[each.subject] = Case(noun_of(each), each.subject, STILL_USED, reason)
        else:
            judged.ready.append(each)
    return judged


async def _unclear(connection: AsyncConnection, chain: Chain, program_ids: Sequence[str]) -> str:
    """Return why the mirror may lack a membership that is on a tier."""
    if await suspense.is_open(connection, "loyalty membership", UNREADABLE):
        return "a membership in Mews cannot be read and may be on it; it is deleted when each can be read."
    visible_before = chain.clock.now() - chain.visibility
    for program_id in program_ids:
        if any(at > visible_before for at in (await alignment.intents(connection, program_id)).values()):
            return "a membership may have been added to it that Mews does not show yet; it is deleted when none is."
    return ""


def _on_tier(tier: DeleteTier, living: int, inactive: int, unclear: str) -> str:
    gone = f"Tier {tier.tier_code} of program {tier.program_code} is gone in the configuration, but"
    if living > 0:
        return (
            f"{gone} memberships are still on it: {living:,}, of which {min(inactive, living):,} not active. Give the "
            "members another tier in the scheme, or the memberships one in Mews; it is deleted when none is left."
        )
    return f"{gone} {unclear}" if unclear else ""


def _in_program(program: DeleteProgram, active: int) -> str:
    if not active:
        return ""
    return (
        f"Program {program.program_code} is gone in the configuration, but memberships of it are still active: "
        f"{active:,}. Cancel or delete them in Mews; the program is deleted when none is left."
    )


async def delete(chain: Chain, road: Road, began: datetime) -> Done:
    """Delete what nobody needs; what somebody needs and what Mews refuses become cases."""
    judged = await judge(chain, (await programs.compare(chain, road)).deletions, {})
    writer = Writer(chain, listed_at=chain.clock.now())
    read = 0
    if judged.ready:
        read = await mirroring.refresh(chain)  # staff may have needed one of them since the pass began
        judged = await judge(chain, (await programs.compare(chain, road)).deletions, {})
        await writer.delete(judged.ready)
    left = await _left(chain, road) if writer.asked else set()
    cases = [*judged.used.values(), *(case for subject, case in writer.refused.items() if subject in left)]
    async with chain.database.write() as connection:
        await suspense.open_cases(connection, cases, chain.clock.now())
        for kind in ("program", "tier"):
            await suspense.close_stale(connection, kind, [STILL_USED, REFUSED_BY_MEWS], began)
    doubtful = left - judged.used.keys() - writer.refused.keys()
    return Done(read, writer.written, writer.doubt if doubtful else "")


async def _left(chain: Chain, road: Road) -> set[str]:
    """Return what is to be deleted and still listed, by a new reading."""
    await mirroring.refresh_programs(chain)
    return {deletion.subject for deletion in (await programs.compare(chain, road)).deletions}
