"""The programs and tiers of the configuration beside those of Mews; what ``gone`` deletes is in ``removals``."""

from __future__ import annotations

from dataclasses import dataclass

from connector.domain import comparison as domain
from connector.domain.comparison import Comparison
from connector.domain.programs import AddProgram, AddTier, UpdateTier
from connector.jobs import mirror as mirroring
from connector.jobs import program_intents as intents
from connector.jobs.chain import Chain
from connector.jobs.program_writes import Writer
from connector.jobs.scheme import Road
from connector.store import loyalty as mirror
from connector.store import suspense
from connector.store.suspense import Case

_LATE = "Mews does not show yet what was added to its programs and tiers"


@dataclass(frozen=True, slots=True)
class Done:
    """What was written. ``doubt`` is why not all is done, and ``missing`` the programs that lack something added."""

    written: int
    doubt: str
    missing: frozenset[str]


async def compare(chain: Chain, road: Road) -> Comparison:
    """Return what must change about programs and tiers; a code that is in doubt becomes a case."""
    async with chain.database.read() as connection:
        comparison = domain.compare(road.programs, await mirror.programs(connection), await mirror.tiers(connection))
        if await mirroring.programs_are_unreadable(connection):  # what seems to be missing may be the unreadable one
            comparison.changes = [change for change in comparison.changes if not _takes_a_code(change)]
        old = [program.id for _, program in comparison.successors]
        counts = await mirror.count_in_programs(connection, old) if old else {}
    for code, program in comparison.successors:
        comparison.warnings[code] = domain.new_code(code, program, counts.get(program.id, (0, 0))[0])
    cases = [Case("program", subject, "duplicate_code", text) for subject, text in comparison.faults.items()]
    now = chain.clock.now()
    async with chain.database.write() as connection:
        await suspense.open_cases(connection, cases, now)
        await suspense.close_stale(connection, "program", ["duplicate_code"], now)
    return comparison


def _takes_a_code(change: object) -> bool:
    return isinstance(change, AddProgram | AddTier) or (isinstance(change, UpdateTier) and "Code" in change.fields)


async def align(chain: Chain, road: Road) -> Done:
    """Write programs first and tiers of those next: a tier needs its program's id."""
    writer = Writer(chain, listed_at=chain.clock.now())
    if await intents.since(chain):
        await mirroring.refresh_programs(chain)  # whether an earlier attempt is to be seen by now
    comparison = await compare(chain, road)
    for _ in range(2):
        writer.asked = False
        await writer.change(comparison)
        if not writer.asked:
            break
        await mirroring.refresh_programs(chain)
        comparison = await compare(chain, road)
    await _suspend(chain, writer)
    left = [change for change in comparison.changes if change.subject not in writer.refused]
    missing = frozenset(change.program_code for change in left if isinstance(change, AddProgram | AddTier))
    return Done(writer.written, (writer.doubt or _LATE) if left else "", missing)


async def _suspend(chain: Chain, writer: Writer) -> None:
    async with chain.database.write() as connection:
        await suspense.open_cases(connection, list(writer.refused.values()), chain.clock.now())
