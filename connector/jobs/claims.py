"""A guest claims a stay whose member number was missing: the same rules, the same award, a person's signature.

The award has the identity that it would have had with a number, so nothing that comes later can make it a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain import corrections
from connector.domain.awards import Award
from connector.domain.calendar import business_date, departure
from connector.domain.claims import CLAIMABLE, CLAIMED, as_claimed, is_late
from connector.domain.ledger import State
from connector.domain.numbers import mask
from connector.errors import Refused
from connector.jobs.contracts import Partnership, partner_called
from connector.jobs.deciding import Desk
from connector.jobs.lookup import the_one
from connector.jobs.names import with_ids
from connector.jobs.open_stays import OpenStay, open_stays
from connector.jobs.opt_ins import OptIns
from connector.jobs.properties import recall_chain
from connector.jobs.runner import Runner
from connector.jobs.second_person import withhold
from connector.store import decisions, ledger
from connector.store.exclusion import DECIDING, alone
from connector.store.resolutions import Signature


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed: a stay by any of its names, at a partner, for a number as it was typed."""

    reservation: str
    partner: str
    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Claimed:
    """The award of a claim; ``again``: it had been claimed before. ``warning``: what is odd about the number.

    ``withheld`` is the key of its credit where that waits for a second person.
    """

    award_id: str
    partner: str
    reservation_id: str
    miles: int
    unit: str
    member: str
    again: bool
    warning: str = ""
    withheld: str = ""


async def claim(runner: Runner, wanted: Claim, signature: Signature, *, above: int = 0) -> Claimed:
    """Award a stay to a claimed number; the ordinary delivery sends it, but not more miles than ``above`` (0: any).

    Raises Misconfigured for a stay, partner or number that is none, Refused for a stay that is not to be claimed.
    """
    partnership = partner_called(wanted.partner, runner.partnerships)
    verdict = partnership.number(wanted.number)
    await recall_chain(runner.chain)
    opt_ins, found = OptIns(), None
    # in the turn of the job, nobody decides or claims the same stay meanwhile
    async with runner.turn("stays"):
        while found is None:
            with suppress(_Unheard):
                found = await _served(runner, (partnership, opt_ins), (wanted, verdict.number or ""), signature, above)
            await opt_ins.ask(partnership)
    return replace(found, warning=verdict.warning)


class _Unheard(Exception):
    """The partner must be asked about the member first: what was begun is undone."""


async def _served(
    runner: Runner, at: tuple[Partnership, OptIns], wish: tuple[Claim, str], signature: Signature, above: int
) -> Claimed:
    (partnership, opt_ins), (wanted, number) = at, wish
    async with runner.chain.database.write() as connection:
        (named,), _strangers = await with_ids(connection, [partnership])
        found = await _Counter(runner, named, connection, signature, opt_ins).serve(wanted.reservation, number)
        withheld = "" if found.again else await withhold(connection, found.award_id, above, signature)
        return replace(found, withheld=withheld)


@dataclass(frozen=True, slots=True)
class _Counter:
    """Where one claim is served, inside one transaction; ``opt_ins`` is what the partner said of the member."""

    runner: Runner
    partnership: Partnership
    connection: AsyncConnection
    signature: Signature
    opt_ins: OptIns

    async def serve(self, word: str, number: str) -> Claimed:
        reservation_id = await the_one(self.connection, word, "claim")
        if standing := await self._award(self.partnership.name, reservation_id):
            if not await self._renumbered(standing, number):
                return self._again(standing, reservation_id, number)
        else:
            await self._refuse_unclaimable(word, reservation_id)
        await alone(self.connection, DECIDING)
        (found,) = await open_stays(self.connection, [reservation_id])
        self._refuse_late(word, found)
        await self._desk().settle([replace(found, stay=as_claimed(found.stay, self.partnership.contract, number))])
        if self.opt_ins.reservations:
            raise _Unheard
        award = await self._award(self.partnership.name, reservation_id)
        if award is None:
            decided = await self._decision(reservation_id)
            raise Refused(f"claim: {word} earns nothing at {self.partnership.name}: {decided.text if decided else ''}")
        return _claimed(award, reservation_id, again=False)

    def _desk(self) -> Desk:
        chain = self.runner.chain
        by = self.signature
        return Desk(chain, self.partnership, self.connection, by.at, claim=by, opt_ins=self.opt_ins)

    async def _award(self, partner: str, reservation_id: str) -> Award | None:
        """Return the award of the stay, whoever earns by it."""
        found = await ledger.awards_of(self.connection, partner, [reservation_id])
        return next((award for award, _ in found.values()), None)

    async def _renumbered(self, standing: Award, number: str) -> bool:
        """Give a claimed award another number where the partner refused the first; tell whether that was so."""
        messages = (await ledger.messages_of(self.connection, [standing.id])).get(standing.id, [])
        newest = max(messages, key=lambda each: each.revision, default=None)
        refused = newest is not None and newest.state is State.REFUSED and not corrections.standing(messages)
        if standing.membership_id != CLAIMED or standing.member_number == number or not refused:
            return False
        (_, frozen), *_ = (await ledger.awards_of(self.connection, standing.partner, [standing.root_id])).values()
        corrected = replace(standing, member_number=number), replace(frozen, member_number=number, opt_ins={})
        await ledger.revise_award(self.connection, *corrected)
        return True

    async def _decision(self, reservation_id: str) -> decisions.Kept | None:
        kept = await decisions.of(self.connection, reservation_id)
        return next((each for each in kept if each.partner == self.partnership.name), None)

    def _again(self, standing: Award, reservation_id: str, number: str) -> Claimed:
        if standing.membership_id == CLAIMED and standing.member_number == number:
            return _claimed(standing, reservation_id, again=True)
        how = "claimed for another number" if standing.membership_id == CLAIMED else "awarded"
        raise Refused(
            f"claim: the stay was {how} at {standing.partner} already, {standing.miles} {standing.unit} "
            f"for {mask(standing.member_number or '')}"
        )

    async def _refuse_unclaimable(self, word: str, reservation_id: str) -> None:
        decided = await self._decision(reservation_id)
        if decided is None:
            raise Refused(f"claim: {word} was not decided yet; expected a stay that was checked out and read by `sync`")
        if decided.reason not in CLAIMABLE:
            raise Refused(f"claim: {word} lacks no member number at {decided.partner}: it is {decided.status}, "
                          f"{decided.text}")  # fmt: skip
        if self.partnership.contract.which == "primary":
            await self._refuse_paid_elsewhere(word, reservation_id)

    async def _refuse_paid_elsewhere(self, word: str, reservation_id: str) -> None:
        """One partner only earns where the primary membership does."""
        for each in _others(self.runner.partnerships, self.partnership):
            if award := await self._award(each.name, reservation_id):
                raise Refused(f"claim: {word} was awarded at {each.name} already, {award.miles} {award.unit}")

    def _refuse_late(self, word: str, found: OpenStay) -> None:
        stay, terms = found.stay, self.partnership.contract
        left = departure(stay.reservation, stay.property)
        if is_late(left, business_date(self.signature.at, stay.property), terms):
            days = terms.claim_window.days
            raise Refused(f"claim: {word} departed on {left}; expected a claim within {days} days (claim_window)")


def _others(partnerships: Sequence[Partnership], one: Partnership) -> list[Partnership]:
    return [each for each in partnerships if each.name != one.name and each.contract.which == "primary"]


def _claimed(award: Award, reservation_id: str, *, again: bool) -> Claimed:
    return Claimed(
        award_id=award.id,
        partner=award.partner,
        reservation_id=reservation_id,
        miles=award.miles,
        unit=award.unit,
        member=mask(award.member_number or ""),
        again=again,
    )
