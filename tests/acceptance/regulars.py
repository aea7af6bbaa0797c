"""The published bookings, as if fewer guests had made them: several rooms at once, and stays one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from connector.domain.stays import Holder
from tests.acceptance.booked import Booked

SEED = 40_060


def regulars(bookings: Iterable[Booked]) -> list[Booked]:
    """Return the bookings, in the order of their arrivals, made by guests who come again.

    A guest takes one more room for the same days, books on from the day of departure, or returns another time.
    """
    chance, found = Random(SEED), []
    leaving: dict[date, list[str]] = {}
    guest = ""
    for each in sorted(bookings, key=lambda each: (each.room.arrival, each.id)):
        before = leaving.get(each.room.arrival, [])
        kind = chance.random()
        if kind < 0.35 and before:
            guest = before.pop()
        elif kind > 0.7 or not guest:
            guest = each.stay.holder.account_id
        made = _made_by(each, guest, minutes=chance.randrange(100_000))
        leaving.setdefault(min(each.room.scheduled_departure, each.room.left), []).append(guest)
        found.append(made)
    return found


def _made_by(each: Booked, guest: str, minutes: int) -> Booked:
    stay = each.stay
    created = stay.reservation.created + timedelta(minutes=minutes)
    number = f"99200{int(guest[1:]):010}"
    (own,) = stay.memberships
    return replace(
        each,
        stay=replace(
            stay,
            reservation=replace(stay.reservation, account_id=guest, created=created),
            holder=Holder(guest),
            memberships=(replace(own, id=f"m-{guest}", number=number),),
        ),
    )
