"""A statement of a partner or predecessor compared with the ledger, line by line; the ledger stays as it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.statement import (
    Booked,
    Finding,
    Stated,
    best,
    is_masked,
    is_members,
    missing,
    of_pair,
    only_ours,
    only_theirs,
    repeated,
)
from connector.jobs.chain import Chain
from connector.store import statements, suspense
from connector.store.rows import batches
from connector.store.suspense import Case

SUBJECT = "statement"
_BATCH = 2000
Candidates = Callable[[AsyncConnection, Sequence[Stated]], Awaitable[Mapping[int, Sequence[Booked]]]]


@dataclass(slots=True)
class Comparison:
    """How many lines are messages of ours, and every difference; ``well`` are the subjects of cases without one."""

    matched: int = 0
    findings: list[Finding] = field(default_factory=list)
    well: list[str] = field(default_factory=list)


async def compare(
    chain: Chain, zone: tzinfo, partner: str, lines: Sequence[Stated], period: tuple[date, date] | None = None
) -> Comparison:
    """Compare the lines of a statement with a partner's messages.

    A line is the message that its reference names, else one of its stay, else one of its member with its miles on
    its day. What of ours the file lacks is told for ``period`` (inclusive), by default from the first to the last day
    of the file.
    """
    work = _Matching(chain, zone, partner)
    rest = await work.through(lines, work.by_reference, exact=False)
    rest = await work.through(rest, work.by_stay, exact=True)
    rest = await work.through(rest, work.by_stay, exact=False)
    rest = await work.through(rest, work.by_member, exact=True)
    for each in rest:
        work.done.findings.append(only_theirs(each))
    days = [each.day for each in lines if each.day is not None]
    first, last = period or (min(days, default=date.min), max(days, default=date.max))
    async for page in statements.of_partner(chain.database, partner, zone):
        work.done.findings += map(only_ours, missing(page, work.taken, first, last))
    return work.done


@dataclass(slots=True)
class _Matching:
    chain: Chain
    zone: tzinfo
    partner: str
    done: Comparison = field(default_factory=Comparison)
    taken: set[str] = field(default_factory=set)

    async def through(self, lines: Iterable[Stated], candidates: Candidates, *, exact: bool) -> list[Stated]:
        """Match lines with the candidates of one kind; return those that are no message of ours by it."""
        rest: list[Stated] = []
        for some in batches(list(lines), _BATCH):
            async with self.chain.database.read() as connection:
                found = await candidates(connection, some)
            rest += [each for each in some if not self._match(each, found.get(each.line, ()), exact=exact)]
        return rest

    def _match(self, stated: Stated, candidates: Sequence[Booked], *, exact: bool) -> bool:
        free = [each for each in candidates if each.key not in self.taken]
        booked = best(stated, free, exact=exact)
        if booked is None:
            again = None if free else best(stated, candidates, exact=True)
            self.done.findings += [repeated(stated, again)] * bool(again) if again else []
            return again is not None
        self.taken.add(booked.key)
        self.done.matched += 1
        if finding := of_pair(stated, booked):
            self.done.findings.append(finding)
        else:
            self.done.well += [booked.key, self.subject(stated)]
        return True

    async def by_reference(self, connection: AsyncConnection, lines: Sequence[Stated]) -> Mapping[int, list[Booked]]:
        """Return the messages that the references of lines name."""
        words = {each.reference for each in lines if each.reference}
        named = await statements.by_reference(connection, self.partner, words, self.zone)
        return {each.line: named.get(each.reference, []) for each in lines}

    async def by_stay(self, connection: AsyncConnection, lines: Sequence[Stated]) -> Mapping[int, list[Booked]]:
        """Return the messages of the stays of lines."""
        words = sorted({each.stay for each in lines if each.stay})
        named = await statements.by_stay(connection, self.partner, words, self.zone)
        return {each.line: named.get(each.stay, []) for each in lines}

    async def by_member(self, connection: AsyncConnection, lines: Sequence[Stated]) -> Mapping[int, list[Booked]]:
        """Return the messages of the members of lines; numbers are compared as keyed hashes, or as they are masked."""
        told = [each for each in lines if each.number and each.day]
        lanes = {self.chain.hasher.lane(self.partner, each.number) for each in told if not is_masked(each.number)}
        days = {each.day for each in told if each.day and is_masked(each.number)}
        found: dict[int, list[Booked]] = {}
        for each in await statements.by_member(connection, self.partner, lanes, days, self.zone):
            found.setdefault(each.miles, []).append(each)
        return {each.line: [one for one in found.get(each.miles, ()) if is_members(each, one)] for each in told}

    def subject(self, stated: Stated) -> str:
        """Return what a line is called as the subject of a case: a keyed hash, for it may hold a number."""
        words = (stated.reference, stated.stay, stated.number, str(stated.day), str(stated.miles))
        return self.chain.hasher.lane(self.partner, "\x1f".join(words))


async def record(chain: Chain, zone: tzinfo, partner: str, lines: Sequence[Stated], found: Comparison) -> None:
    """Open a case for each difference, and close those of what agrees by now."""
    named = _Matching(chain, zone, partner)
    subjects = {each.line: named.subject(each) for each in lines}
    cases = [
        Case(SUBJECT, each.reference or subjects[each.line or 0], each.kind, each.text, partner)
        for each in found.findings
    ]
    now = chain.clock.now()
    async with chain.database.write() as connection:
        await suspense.open_cases(connection, cases, now)
        await suspense.close_cases(connection, SUBJECT, found.well, now, partner=partner)
