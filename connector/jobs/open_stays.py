"""A stay with everything that decides what it earns, as the mirror holds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.earners import Others, Person, seated
from connector.domain.loyalty import Membership as MewsMembership
from connector.domain.stays import BOOKER, OWNER, Bill, Holder, Membership, OrderItem, Property, Reservation, Stay
from connector.jobs.memberships import UNREADABLE_MEMBERSHIP
from connector.jobs.streams import UNREADABLE
from connector.store import bills, erased, partner_numbers, sharing, suspense
from connector.store import companions as company
from connector.store import elsewhere as given
from connector.store import loyalty as mirror
from connector.store import sources as origin
from connector.store import stays as store


@dataclass(frozen=True, slots=True)
class OpenStay:
    """A stay to be decided; ``unreadable`` says what about it Mews sent that we cannot use.

    One that was never ``seen`` checked out is not decided, it only stands beside others.
    """

    stay: Stay
    unreadable: str = ""
    others: Others = field(default_factory=Others)
    seen: bool = True


async def open_stays(connection: AsyncConnection, ids: Sequence[str]) -> list[OpenStay]:
    """Return reservations with all that decides what they earn; the owner is the profile that lives after merges."""
    reservations = await store.reservations(connection, ids)
    items = await store.items_of(connection, ids)
    places = await store.properties(connection)
    rates = await store.rates(connection, places)
    of_companies = [each for each in reservations if each.account_type == "Company"]
    elsewhere = await given.partners_of(connection, ids)
    guests = await company.companions(connection, [each.id for each in of_companies])
    owners = {each.account_id for each in reservations} | {each.booker_id for each in of_companies if each.booker_id}
    owners |= {guest for known in guests.values() for guest, _ in known}
    on_bills = await bills.of(connection, _bill_ids(items))
    living = await mirror.survivors(connection, sorted(owners | {each.account_id for each in on_bills.values()}))
    accounts = sorted({living.get(each, each) for each in owners})
    programs = {program.id: program.code for program in await mirror.programs(connection)}
    tiers = {tier.id: tier.code for tier in await mirror.tiers(connection)}
    memberships = await mirror.memberships_of(connection, sorted({*accounts, *owners}), sorted(programs))
    classes = await mirror.classifications(connection, accounts)
    sources = await origin.of(connection, ids)
    promised = await partner_numbers.unwritten(connection, accounts)
    silent = await sharing.withheld(connection, {*accounts, *owners})
    gone = await erased.partners_of(connection, ids)
    unread = await _unread(connection, ids, accounts)

    def person(seat: str, account_id: str, present: bool = True) -> Person:
        account = living.get(account_id, account_id)
        held = _left_behind(memberships.get(account, []), memberships.get(account_id, []))
        own = tuple(_membership(each, programs, tiers) for each in held)
        shared = silent.isdisjoint({account, account_id})
        holder = Holder(account, classes.get(account, frozenset()), shared, promised.get(account, frozenset()))
        return Person(seat, holder, own, present)

    found = []
    for reservation in reservations:
        owner = person(OWNER, reservation.account_id)
        others = _others(reservation, guests.get(reservation.id, []), living, person)
        stay = _stay(reservation, items.get(reservation.id, []), places[reservation.property_id], rates, elsewhere)
        stay = replace(
            stay,
            source_id=sources.get(reservation.id),
            bills=_bills(stay.items, on_bills, living),
            erased=gone.get(reservation.id, frozenset()),
        )
        everybody = [owner, *others.companions, *((others.booker,) if others.booker else ())]
        people = {each.holder.account_id for each in everybody}
        doubt = unread.of(reservation, items.get(reservation.id, []), people)
        found.append(OpenStay(seated(stay, owner), doubt, others))
    return found


@dataclass(frozen=True, slots=True)
class _Unread:
    """Whose present state Mews tells in a way that we cannot read, so that the mirror holds an older one."""

    reservations: AbstractSet[str]
    guests: AbstractSet[str]
    members: AbstractSet[str]

    def of(self, reservation: Reservation, items: Sequence[OrderItem | None], people: AbstractSet[str]) -> str:
        """Return what about a stay cannot be read; nothing where all can."""
        if reservation.id in self.reservations:
            return "the reservation as it is now cannot be read; see its case"
        if None in items:
            return "an order item of the stay cannot be read; see the case of that item"
        if people & self.guests:
            return "the profile of a guest as it is now cannot be read; see the case of that guest"
        if people & self.members:
            return "a membership of the guest cannot be read; see the case of that guest"
        return ""


async def _unread(connection: AsyncConnection, ids: Sequence[str], accounts: Sequence[str]) -> _Unread:
    """Return what has a case of its own: what a partner's case about a stay says follows from that."""
    return _Unread(
        await suspense.subjects_with(connection, "reservation", UNREADABLE, ids, partner=""),
        await suspense.subjects_with(connection, "guest", UNREADABLE, accounts),
        await suspense.subjects_with(connection, "guest", UNREADABLE_MEMBERSHIP, accounts),
    )


def _left_behind(living: Sequence[MewsMembership], merged: Sequence[MewsMembership]) -> list[MewsMembership]:
    """Return a person's memberships: where the profile that lives has none in a program, that of the merged one counts.

    What becomes of the memberships of a merged profile is not documented.
    """
    programs = {each.program_id for each in living}
    return [*living, *(each for each in merged if each.program_id not in programs)]


def _others(
    reservation: Reservation,
    known: Sequence[tuple[str, bool]],
    living: Mapping[str, str],
    person: Callable[[str, str, bool], Person],
) -> Others:
    """Return who may earn in place of a company; one guest under several profiles sits where first seen."""
    if reservation.account_type != "Company":
        return Others()
    seats: dict[str, tuple[str, bool]] = {}
    for guest, present in known:
        account = living.get(guest, guest)
        seat, before = seats.get(account, (guest, False))
        seats[account] = (seat, before or present)
    companions = tuple(person(seat, account, present) for account, (seat, present) in seats.items())
    booker = person(BOOKER, reservation.booker_id, True) if reservation.booker_id else None
    return Others(booker, companions)


def _stay(
    reservation: Reservation,
    items: Sequence[OrderItem | None],
    place: Property,
    rates: Mapping[str, Mapping[tuple[str, str], Decimal]],
    elsewhere: Mapping[str, frozenset[str]],
) -> Stay:
    return Stay(
        reservation=reservation,
        items=tuple(sorted((item for item in items if item is not None), key=_as_consumed)),
        property=place,
        holder=Holder(reservation.account_id),
        rates=rates.get(place.id, {}),
        elsewhere=elsewhere.get(reservation.id, frozenset()),
    )


def _bill_ids(items: Mapping[str, Sequence[OrderItem | None]]) -> set[str]:
    return {item.bill_id for each in items.values() for item in each if item is not None and item.bill_id}


def _bills(items: Sequence[OrderItem], known: Mapping[str, Bill], living: Mapping[str, str]) -> Mapping[str, Bill]:
    """Return the bills of a stay, each with the profile that lives after merges."""
    own = (known[item.bill_id] for item in items if item.bill_id and item.bill_id in known)
    return {each.id: replace(each, account_id=living.get(each.account_id, each.account_id)) for each in own}


def _as_consumed(item: OrderItem) -> tuple[datetime, str]:
    return item.consumed or item.updated, item.id


def _membership(found: MewsMembership, programs: Mapping[str, str], tiers: Mapping[str, str]) -> Membership:
    return Membership(
        id=found.id,
        program_code=programs[found.program_id],
        number=found.number,
        state=found.state,
        is_primary=found.is_primary,
        expires=found.expires_on,
        tier_code=tiers.get(found.tier_id or ""),
    )
