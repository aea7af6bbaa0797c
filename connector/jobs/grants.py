"""Miles that a person grants without a stay: goodwill, a visit. The ordinary delivery sends them.

A grant's reference is its identity at the partner: award and key are made of it, so the same one never grants twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Award, Credit, Kind, Message, award_id, message_key
from connector.domain.calendar import business_date
from connector.domain.decision import Frozen
from connector.domain.earning import IMPLAUSIBLE
from connector.domain.grants import GRANTED, SEAT, Grant, derived_reference, is_reference
from connector.domain.ledger import State
from connector.domain.numbers import mask
from connector.domain.stays import Property
from connector.errors import Misconfigured, Refused, Skippable
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership, partner_called
from connector.jobs.properties import recall_chain
from connector.jobs.runner import Runner
from connector.store import ledger, stays
from connector.store.ledger import Opening
from connector.store.resolutions import Signature


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants granted, as they typed it; ``property`` is a table, id or name, ``day`` today if absent."""

    number: str = field(repr=False)
    miles: int
    reference: str = ""
    property: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant that was made; ``warning``: what is odd about the number."""

    award_id: str
    partner: str
    reference: str
    miles: int
    unit: str
    member: str
    day: date
    warning: str = ""


async def grant(runner: Runner, partner: str, wish: Wish, signature: Signature) -> Granted:
    """Store a grant, to be sent by the ordinary delivery.

    Raises Misconfigured for what is no grant, Refused for one that is not to be made or was made before.
    """
    partnership = partner_called(partner, runner.partnerships)
    verdict = partnership.number(wish.number)
    _refuse_too_many(partnership, wish.miles)
    if not partnership.channel.capabilities.grants:
        raise Refused(f"grant: the channel of {partnership.name} has no request for miles without a stay")
    await recall_chain(runner.chain)
    async with runner.turn("grants"), runner.chain.database.write() as connection:
        place = await _place(connection, partnership, wish.property)
        counter = _Counter(runner.chain, partnership, place, signature)
        made = counter.grant(wish, verdict.number or "")
        await counter.store(connection, made)
    return replace(counter.granted(made), warning=verdict.warning)


def _refuse_too_many(partnership: Partnership, miles: int) -> None:
    if not 0 < miles < IMPLAUSIBLE:
        raise Misconfigured(f"grant: {miles} miles; expected a whole number from 1 to {IMPLAUSIBLE - 1}")
    ceiling = partnership.daily_ceiling
    if ceiling is not None and miles > ceiling:
        raise Refused(f"grant: {miles} miles are more than {partnership.name} gets in a day (daily_ceiling {ceiling})")


async def _place(connection: AsyncConnection, partnership: Partnership, word: str) -> Property | None:
    """Return the property that grants; raises Refused where the channel must name one and cannot."""
    places = (await stays.properties(connection)).values()
    found = [each for each in places if word in each.keys]
    if word and len(found) != 1:
        tables = ", ".join(sorted({each.table for each in places}))
        raise Misconfigured(f"grant: {len(found)} properties are called {word!r}; expected one of: {tables}")
    located = partnership.contract.location_keys
    if located is not None and (not found or located.isdisjoint(found[0].keys)):
        raise Refused(f"grant: {partnership.name} wants a location code; expected --property with one that has it")
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class _Counter:
    """Where one grant is made; ``place`` is the property that grants, where one is named."""

    chain: Chain
    partnership: Partnership
    place: Property | None
    signature: Signature

    def grant(self, wish: Wish, number: str) -> Grant:
        """Return the grant that a person wishes; raises Misconfigured for a date or reference that is none."""
        now, terms = self.signature.at, self.partnership.contract
        today = business_date(now, self.place) if self.place else now.date()
        day, property_id = wish.day or today, self.place.id if self.place else ""
        if not today - terms.max_age <= day <= today:
            raise Misconfigured(f"grant: {day} is not a date of the last {terms.max_age.days} days (max_age)")
        lane = self.chain.hasher.lane(terms.name, number)
        reference = wish.reference or derived_reference(lane, wish.miles, day, property_id, self.signature.why or "")
        if not is_reference(reference, number):
            raise Misconfigured(
                "grant: the reference is not taken; expected at most 64 letters, digits, dots, hyphens and "
                "underscores, and no member or card number"
            )
        return Grant(reference, number, wish.miles, day, property_id)

    async def store(self, connection: AsyncConnection, made: Grant) -> None:
        """Write award and message, both or none; raises Refused when the reference has granted before."""
        known = await ledger.awards_of(connection, self.partnership.name, [made.root])
        for before, _ in known.values():
            raise Refused(_told(before, made.reference))
        message, by, why = self._message(made), self.signature.by, self.signature.why
        award = Opening(self._award(made), Frozen("", {}), [made.root])
        await ledger.open_awards(connection, [award], self.signature.at)
        await ledger.append(connection, [message], by, self.signature.at, f"grant: {why}")

    def granted(self, made: Grant) -> Granted:
        """Say what was made."""
        return Granted(
            award_id=self._award(made).id,
            partner=self.partnership.name,
            reference=made.reference,
            miles=made.miles,
            unit=self.partnership.unit,
            member=mask(made.number),
            day=made.day,
        )

    def _award(self, made: Grant) -> Award:
        return Award(
            id=award_id(self.chain.chain_id, made.root, self.partnership.name, SEAT),
            partner=self.partnership.name,
            root_id=made.root,
            seat=SEAT,
            program_code=self.partnership.contract.program_code,
            membership_id=GRANTED,
            member_number=made.number,
            property_id=made.property_id,
            departure=made.day,
            unit=self.partnership.unit,
            miles=made.miles,
            revision=1,
        )

    def _message(self, made: Grant) -> Message:
        credit = self._credit(made)
        try:
            self.partnership.channel.compose(credit)
        except Skippable as fault:  # better now than in suspense
            raise Refused(f"grant: {fault}") from None
        return Message(
            key=str(credit.key),
            award_id=self._award(made).id,
            partner=self.partnership.name,
            kind=credit.kind,
            revision=1,
            miles=made.miles,
            state=State.READY,
            due_at=self.signature.at,
            lane=self.chain.hasher.lane(self.partnership.name, made.number),
            credit=credit,
            account=self.partnership.account_of(credit.property_keys),
        )

    def _credit(self, made: Grant) -> Credit:
        return Credit(
            key=message_key(self.chain.chain_id, made.root, self.partnership.name, SEAT, Kind.CREDIT, 1),
            kind=Kind.CREDIT,
            member_number=made.number,
            miles=made.miles,
            reservation_id=made.root,
            reservation_number=made.reference,
            property_id=made.property_id,
            property_keys=self.place.keys if self.place else (),
            departed_at=datetime.combine(made.day, time(12), UTC),  # noon: the same day at every hotel
            departure=made.day,
            currency="",
            value_net=Decimal(0),
            value_gross=Decimal(0),
            composed_at=self.signature.at,
            description=self.partnership.description,
            grant=True,
        )


def _told(known: Award, reference: str) -> str:
    member = mask(known.member_number or "")
    return (
        f"grant: {reference} granted {known.miles} {known.unit} to {member} at {known.partner} on {known.departure} "
        "already; expected another --reference for a further grant"
    )
