"""Points to miles: what members exchange in the scheme is given at the partner, once for each request.

A request is an award whose root is its id, so that the same line, whenever it stands in the file again, gives nothing
more. The ordinary delivery sends it, and what became of it is told in the file for the answers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Award
from connector.domain.calendar import business_date
from connector.domain.exchanges import Answer, BadRequest, Request
from connector.domain.grants import Grant, Kind
from connector.domain.numbers import check, mask
from connector.domain.stays import Property
from connector.errors import Misconfigured, Skippable
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.counter import Counter
from connector.store import erased, facts, ledger, stays, suspense
from connector.store import exchanges as store
from connector.store.suspense import Case

_CHUNK = 500
_BY, _WHY = "exchange file", "points exchanged for miles"
KIND: Kind = "exchange"
NOT_TAKEN, CHANGED = "exchange_not_taken", "exchange_changed"


async def take(chain: Chain, partnership: Partnership) -> int:
    """Store an award for each new request of a partner's file; return how many.

    A line that is none, or a request that changed after it was taken, is a case. Raises Unfinished for a file that
    cannot be read, Misconfigured when the property in whose name it gives is none.
    """
    requests = partnership.exchanges
    if requests is None or not chain.chain_id:
        return 0
    stamp, fact, now = requests.file.stamp(), f"exchanges {partnership.name}", chain.clock.now()
    async with chain.database.read() as connection:
        if await facts.read(connection, fact) == stamp:
            return 0
        place = await _place(connection, partnership)
    counter, taken, lines = Counter(chain, partnership, place, now), 0, requests.file.read()
    while chunk := list(islice(lines, _CHUNK)):
        async with chain.database.write() as connection:
            taken += await _Sheet(connection, counter).take(chunk)
    async with chain.database.write() as connection:
        await suspense.close_stale(connection, KIND, [NOT_TAKEN, CHANGED], now, partner=partnership.name)
        await facts.write(connection, fact, stamp)
    return taken


async def answer(chain: Chain, partnership: Partnership) -> None:
    """Write what became of the requests, if anything did since it was last written."""
    requests, fact = partnership.exchanges, f"exchanges answered {partnership.name}"
    if requests is None or requests.file.answers is None:
        return
    async with chain.database.read() as connection:
        standing = await store.standing(connection, partnership.name)
        told = await facts.read(connection, fact)
    if standing == told and requests.file.answers.exists():
        return
    with requests.file.answering(requests.file.answers) as tell:
        async for page in _answers(chain, partnership.name):
            tell(page)
    async with chain.database.write() as connection:
        await facts.write(connection, fact, standing)


async def _answers(chain: Chain, partner: str) -> AsyncIterator[list[Answer]]:
    after = ""
    while True:
        async with chain.database.read() as connection:
            page = await store.answers(connection, partner, after, _CHUNK)
        if not page:
            return
        yield page
        after = page[-1].reference


async def _place(connection: AsyncConnection, partnership: Partnership) -> Property | None:
    """Return the property in whose name the miles are given; raises Misconfigured for one that is none."""
    word, located = partnership.exchanges.property if partnership.exchanges else "", partnership.contract.location_keys
    found = [each for each in (await stays.properties(connection)).values() if word in each.keys]
    place = f"partners.{partnership.name}.exchanges.property"
    if word and len(found) != 1:
        raise Misconfigured(f'{place}: Mews shows {len(found)} properties "{word}"; expected a table, an id or a name')
    if located is not None and (not found or located.isdisjoint(found[0].keys)):
        raise Misconfigured(f"{place}: the partner wants a location code; expected a property that has one")
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Some lines of the file, in one transaction; ``cases`` gathers what a person must look at."""

    connection: AsyncConnection
    counter: Counter
    cases: list[Case] = field(default_factory=list)

    async def take(self, lines: Sequence[Request | BadRequest]) -> int:
        """Give what is asked for the first time; return how many requests that were."""
        made = [each for each in map(self._grant, lines) if each]
        name, roots = self.counter.partnership.name, [each.root for each in made]
        known = await ledger.awards_of(self.connection, name, roots)
        before = {root: award for (root, _), (award, _) in known.items()}
        nobodys = await erased.awarded(
            self.connection, name, roots
        )  # given too, to a number that is not known any more
        taken = 0
        for each in made:
            if each.root in nobodys:
                continue
            if each.root in before:
                self._compare(each, before[each.root])
            elif await self._give(each):
                before[each.root] = self.counter.award(each)
                taken += 1
        await suspense.open_cases(self.connection, self.cases, self.counter.now)
        return taken

    def _grant(self, line: Request | BadRequest) -> Grant | None:
        if isinstance(line, BadRequest):
            self._refuse(line.subject, line.text)
            return None
        ceiling = self.counter.partnership.daily_ceiling
        if ceiling is not None and line.miles > ceiling:
            self._refuse(line.reference, f"{line.miles} miles are more than a day's (daily_ceiling {ceiling})")
            return None
        terms, place = self.counter.partnership.contract, self.counter.place
        verdict = check(terms.number_scheme, line.number, terms.number_check, accounts=terms.accounts)
        if verdict.number is None:
            self._refuse(line.reference, f"its member number is not taken: {verdict.fault}")
            return None
        today = business_date(self.counter.now, place) if place else self.counter.now.date()
        return Grant(line.reference, verdict.number, line.miles, today, place.id if place else "", KIND)

    def _compare(self, made: Grant, award: Award) -> None:
        if (made.miles, made.number) != (award.miles, award.member_number):
            what = f"it asks for {made.miles} miles, {award.miles} were given by it"
            if made.miles == award.miles:
                what = f"it names another number than {mask(award.member_number or '')}, to which its miles were given"
            text = f"exchange {made.reference} changed after it was taken: {what}; ask for more by a new request_id"
            self._case(made.reference, CHANGED, text)

    async def _give(self, made: Grant) -> bool:
        try:
            await self.counter.give(self.connection, made, _BY, _WHY)
        except Skippable as fault:
            self._refuse(made.reference, str(fault))
            return False
        return True

    def _refuse(self, subject: str, why: str) -> None:
        self._case(subject, NOT_TAKEN, f"exchange {subject} is not taken: {why}")

    def _case(self, subject: str, reason: str, text: str) -> None:
        self.cases.append(Case(KIND, subject, reason, text, self.counter.partnership.name))
