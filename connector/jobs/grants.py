"""Miles that a person grants without a stay: goodwill, a visit. The ordinary delivery sends them.

A grant's reference is its identity at the partner: award and key are made of it, so the same one never grants twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Award
from connector.domain.calendar import business_date
from connector.domain.earning import IMPLAUSIBLE
from connector.domain.grants import Grant, derived_reference, is_reference
from connector.domain.numbers import mask
from connector.domain.stays import Property
from connector.errors import Misconfigured, Refused, Skippable
from connector.jobs.contracts import Partnership, partner_called
from connector.jobs.counter import Counter
from connector.jobs.properties import recall_chain
from connector.jobs.runner import Runner
from connector.jobs.second_person import withhold
from connector.store import erased, ledger, stays
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
    """A grant that was made; ``warning``: what is odd about the number.

    ``withheld`` is the key of its credit where that waits for a second person.
    """

    award_id: str
    partner: str
    reference: str
    miles: int
    unit: str
    member: str
    day: date
    warning: str = ""
    withheld: str = ""


async def grant(runner: Runner, partner: str, wish: Wish, signature: Signature, *, above: int = 0) -> Granted:
    """Store a grant, to be sent by the ordinary delivery, but not one of more miles than ``above`` (0: any).

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
        counter = Counter(runner.chain, partnership, place, signature.at)
        made = _grant(counter, wish, verdict.number or "", signature.why or "")
        await _store(connection, counter, made, signature)
        award = counter.award(made)
        withheld = await withhold(connection, award.id, above, signature)
    return replace(_granted(award, made, verdict.warning), withheld=withheld)


def _refuse_too_many(partnership: Partnership, miles: int) -> None:
    if not 0 < miles < IMPLAUSIBLE:
        raise Misconfigured(f"grant: {miles} miles; expected a whole number from 1 to {IMPLAUSIBLE - 1}")
    ceiling = partnership.daily_ceiling
    if ceiling is not None and miles > ceiling:
        raise Refused(f"grant: {miles} miles are more than {partnership.name} gets in a day (daily_ceiling {ceiling})")


async def _place(connection: AsyncConnection, partnership: Partnership, word: str) -> Property | None:
    """Return the property that grants; raises Misconfigured where the channel must name one and cannot."""
    places = (await stays.properties(connection)).values()
    found = [each for each in places if word in each.keys]
    if word and len(found) != 1:
        tables = ", ".join(sorted({each.table for each in places}))
        raise Misconfigured(f"grant: {len(found)} properties are called {word!r}; expected one of: {tables}")
    located = partnership.contract.location_keys
    if located is not None and (not found or located.isdisjoint(found[0].keys)):
        raise Misconfigured(
            f"grant: {partnership.name} wants a location code; expected --property with one that has it"
        )
    return found[0] if found else None


def _grant(counter: Counter, wish: Wish, number: str, why: str) -> Grant:
    """Return the grant that a person wishes; raises Misconfigured for a date or reference that is none."""
    terms, place = counter.partnership.contract, counter.place
    today = business_date(counter.now, place) if place else counter.now.date()
    day, property_id = wish.day or today, place.id if place else ""
    if not today - terms.max_age <= day <= today:
        raise Misconfigured(f"grant: {day} is not a date of the last {terms.max_age.days} days (max_age)")
    lane = counter.chain.hasher.lane(terms.name, number)
    reference = wish.reference or derived_reference(lane, wish.miles, day, property_id, why)
    if not is_reference(reference, number):
        raise Misconfigured(
            "grant: the reference is not taken; expected at most 64 letters, digits, dots, hyphens and "
            "underscores, and no member or card number"
        )
    return Grant(reference, number, wish.miles, day, property_id)


async def _store(connection: AsyncConnection, counter: Counter, made: Grant, signature: Signature) -> None:
    """Write award and message, both or none; raises Refused when the reference has granted before."""
    known = await ledger.awards_of(connection, counter.partnership.name, [made.root])
    for before, _ in known.values():
        raise Refused(_told(before, made.reference))
    if await erased.awarded(connection, counter.partnership.name, [made.root]):
        raise Refused(
            f"grant: {made.reference} granted miles to somebody whose data was erased since; "
            "expected another --reference"
        )
    try:
        await counter.give(connection, made, signature.by, f"grant: {signature.why}")
    except Skippable as fault:
        raise Refused(f"grant: {fault}") from None


def _granted(award: Award, made: Grant, warning: str) -> Granted:
    return Granted(
        award_id=award.id,
        partner=award.partner,
        reference=made.reference,
        miles=made.miles,
        unit=award.unit,
        member=mask(made.number),
        day=made.day,
        warning=warning,
    )


def _told(known: Award, reference: str) -> str:
    member = mask(known.member_number or "")
    return (
        f"grant: {reference} granted {known.miles} {known.unit} to {member} at {known.partner} on {known.departure} "
        "already; expected another --reference for a further grant"
    )
