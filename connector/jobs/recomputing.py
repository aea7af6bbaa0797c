"""Deciding awarded stays again by the present rules: shown first, done when a person confirms exactly that.

What the first decision of a stay fixed is fixed anew, and the ordinary deciding brings awards and messages to it: keys,
revisions and corrections are those of a folio that changed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain import calendar, seat
from connector.domain.awards import Award
from connector.domain.caps import NO_OTHERS
from connector.domain.corrections import Correction
from connector.domain.decision import Decision, Frozen
from connector.domain.recomputation import Fate, Line, Recomputation
from connector.domain.ruling import Status
from connector.errors import Refused
from connector.jobs.contracts import Partnership
from connector.jobs.deciding import Desk
from connector.jobs.docket import Docket, docket
from connector.jobs.judging import Judge
from connector.jobs.lookup import the_one
from connector.jobs.names import with_ids
from connector.jobs.open_stays import OpenStay, open_stays
from connector.jobs.opt_ins import OptIns
from connector.jobs.periods import moments
from connector.jobs.properties import recall_chain
from connector.jobs.reckoning import Reckoning, reckonings
from connector.jobs.revising import correction_of
from connector.jobs.runner import Runner
from connector.jobs.tallies import Tally
from connector.jobs.wholes import Whole
from connector.store import decisions, ledger, resolutions, rulebook
from connector.store.departures import departures
from connector.store.resolutions import Signature

_PAGE = 200
_RULED_OUT = frozenset({"no_rule", "zero_miles", "over_cap"})  # exclusions that other rules may lift


@dataclass(frozen=True, slots=True)
class Scope:
    """Which stays: those that departed in a period (inclusive, property-local), or one by any of its names."""

    first: date | None = None
    last: date | None = None
    reservation: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A line of the plan, its reservations, and the award with what that would fix anew (None: no award yet)."""

    line: Line
    reservations: Sequence[str]
    award: Award | None = None
    frozen: Frozen | None = None


async def recompute(
    runner: Runner,
    partnerships: Sequence[Partnership],
    scope: Scope,
    most: int = 10,
    confirmed: tuple[str, Signature] | None = None,
) -> Recomputation:
    """Return what deciding the stays again changes; do it if the plan is the ``confirmed`` one (its id, and by whom).

    Raises Misconfigured for a stay that is none, Refused when the plan is another by now.
    """
    await recall_chain(runner.chain)
    # in the turn of the job, nobody decides or claims the same stays meanwhile
    async with runner.turn("stays"):
        plan, seen = Recomputation(most), set[tuple[str, str]]()
        async with runner.chain.database.read() as connection:
            partnerships, _strangers = await with_ids(connection, partnerships)
        heard = {each.name: OptIns() for each in partnerships}
        async for page in _pages(runner, scope):
            await _hear(runner, partnerships, page, heard)
            async with runner.chain.database.read() as connection:
                for partnership in partnerships:
                    await _Review(runner, partnership, connection, plan, seen, heard[partnership.name]).of(page)
        if confirmed is not None:
            await _apply(runner, partnerships, scope, plan, heard, *confirmed)
    return plan


async def _hear(
    runner: Runner, partnerships: Sequence[Partnership], page: Sequence[OpenStay], heard: Mapping[str, OptIns]
) -> None:
    """Ask partners for what the rules must know of members by now and no award has fixed."""
    for each in partnerships:
        if each.contract.asks_for_opt_ins:
            async with runner.chain.database.read() as connection:
                await _Review(runner, each, connection, Recomputation(), set(), heard[each.name]).of(page)
            await heard[each.name].ask(each)


async def _apply(
    runner: Runner,
    partnerships: Sequence[Partnership],
    scope: Scope,
    plan: Recomputation,
    heard: Mapping[str, OptIns],
    plan_id: str,
    signature: Signature,
) -> None:
    if plan.plan_id != plan_id:
        now = f"it is {plan.plan_id} now" if plan.plan_id else "nothing would change now"
        raise Refused(f"earn recompute: the plan is not {plan_id}; {now}, look at it again")
    seen: set[tuple[str, str]] = set()
    async for page in _pages(runner, scope):
        async with runner.chain.database.write() as connection:
            for partnership in partnerships:
                review = _Review(runner, partnership, connection, Recomputation(), seen, heard[partnership.name])
                await _decide_again(review, page, await review.of(page), signature)
    async with runner.chain.database.write() as connection:
        outcome = f"recomputed {sum(plan.stays.values())} awards: {plan.up} miles more, {plan.down} less"
        await resolutions.remember(connection, ("recompute", plan_id), outcome, signature)


async def _decide_again(review: _Review, page: Sequence[OpenStay], found: Sequence[Found], by: Signature) -> None:
    connection, partnership = review.connection, review.partnership
    changed = {reservation for each in found for reservation in each.reservations}
    if not changed:
        return
    await rulebook.keep(connection, partnership.contract)
    for each in found:
        if each.award is not None and each.frozen is not None:
            await ledger.revise_award(connection, each.award, each.frozen)
    desk = Desk(review.runner.chain, partnership, connection, by.at, recompute=by, opt_ins=review.opt_ins)
    await desk.settle([each for each in page if each.stay.reservation.id in changed])


async def _pages(runner: Runner, scope: Scope) -> AsyncIterator[list[OpenStay]]:
    database, after = runner.chain.database, ""
    if scope.reservation:
        async with database.read() as connection:
            named = await open_stays(connection, [await the_one(connection, scope.reservation, "earn recompute")])
        yield named
        return
    first, last = scope.first or date.min, scope.last or date.max
    between = moments(first, last)
    while True:
        async with database.read() as connection:
            page = await departures(connection, *between, after, _PAGE)
            opened = await open_stays(connection, [each for each, known in page if known])
        if not page:
            return
        yield [each for each in opened if first <= calendar.day_left(each.stay.reservation, each.stay.property) <= last]
        after = page[-1][0]


@dataclass(frozen=True, slots=True)
class _Review:
    """Where the stays of one page are looked at for one partner; ``seen`` are the roots of earlier pages."""

    runner: Runner
    partnership: Partnership
    connection: AsyncConnection
    plan: Recomputation
    seen: set[tuple[str, str]]
    opt_ins: OptIns
    tally: Tally = field(default_factory=Tally)

    async def of(self, page: Sequence[OpenStay]) -> list[Found]:
        """Return what would change, and count it."""
        name, ids = self.partnership.name, [each.stay.reservation.id for each in page]
        now = self.runner.chain.clock.now()
        known = await docket(self.connection, self.partnership, page, now, ())
        await self.tally.read(self.connection, self.partnership, known.stays, known.numbers.awards.values())
        ruled_out = await decisions.passed_over(self.connection, name, ids, _RULED_OUT)
        judge, found = Judge(self.connection, self.partnership, now, self.opt_ins), []
        for cluster in known.clusters:
            anew = [replace(whole, frozen=self._anew(whole, now)) for whole in cluster.wholes]
            draft = self.tally.draft()
            for each in reckonings([(whole, await judge.decide(whole, known, draft)) for whole in anew]):
                if (name, each.root) not in self.seen and (each.award or _is_any(each, ruled_out)):
                    self.seen.add((name, each.root))
                    found += self._lined(each, known)
        return found

    def _anew(self, whole: Whole, now: datetime) -> Frozen | None:
        """Return what an award would fix today; its membership stays."""
        if whole.frozen is None:
            return None
        contract = self.partnership.contract
        today = calendar.business_date(now, whole.stay.property)
        tier = seat.tier(whole.stay, contract, today)
        return replace(whole.frozen, fingerprint=contract.fingerprint(), rates={}, tier=tier, others=NO_OTHERS)

    def _lined(self, each: Reckoning, known: Docket) -> list[Found]:
        total, award, (whole, _) = each.total, each.award, each.wholes[0]
        correction = self._correction(each, known)
        if correction is None or total.status not in {Status.AWARDED, Status.EXCLUDED}:
            self.plan.undecided += 1
            return []
        self._note(each)
        fixed = total.award.frozen if total.award and award else whole.frozen
        before = [frozen for tied, frozen in known.numbers.awards.values() if award and tied.id == award.id]
        if correction.is_nothing and (fixed is None or fixed in before):
            self.plan.unchanged += 1
            return []
        miles = award.miles if award else 0
        line = Line(
            partner=self.partnership.name,
            seat=whole.stay.seat,
            reservation_id=each.root,
            number=whole.stay.reservation.number,
            place=whole.stay.property.table,
            departure=calendar.day_left(whole.stay.reservation, whole.stay.property),
            before=miles,
            after=miles if correction.is_nothing else total.award.miles if total.award else 0,
            fate=_fate(correction),
            fingerprint=self.partnership.contract.fingerprint(),
        )
        self.plan.add(line)
        return [Found(line, each.reservations, award, fixed)]

    def _correction(self, each: Reckoning, known: Docket) -> Correction | None:
        if each.award is None:
            return Correction(credit=each.total.award.miles if each.total.award else 0)
        return correction_of(self.partnership, each.award, known.messages.get(each.award.id, []), each.total)

    def _note(self, each: Reckoning) -> None:
        """Let what a stay would give count for the caps of those after it."""
        earned = each.total.award
        if earned is not None:
            own = each.award.id if each.award else each.root
            self.tally.take(earned.member_number, own, earned.departure, earned.miles)


def _is_any(each: Reckoning, ruled_out: Mapping[tuple[str, str], Decision]) -> bool:
    return any(place.key in ruled_out for whole, _ in each.wholes for place in whole.places)


def _fate(correction: Correction) -> Fate:
    if correction.is_nothing:
        return Fate.SAME
    if correction.wait:
        return Fate.WAITS
    if correction.suspend:
        return Fate.SUSPENSE
    return Fate.CORRECTED if correction.reverse or correction.keeps else Fate.UNSENT
