"""Reservations that are one stay, and stays that are one award."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from connector.domain.claims import CLAIMED
from connector.domain.decision import Earned
from connector.domain.ruling import Suspense
from connector.domain.shares import added
from connector.domain.stays import Reservation, Stay


def join(parts: Sequence[Stay], root: Reservation) -> Stay:
    """Return the stay that several reservations of one person are, in the order in which they began.

    It bears the name of its ``root``, arrives with the first and departs with the last, is over when each of them is,
    and has the folios of all. A number that was claimed for one of them is the number of all.
    """
    first = parts[0].reservation
    last = max((part.reservation for part in parts), key=lambda each: each.departed_at)
    unfinished = [part.reservation.state for part in parts if part.reservation.state != "Processed"]
    together = replace(
        first,
        id=root.id,
        number=root.number,
        state=unfinished[0] if unfinished else "Processed",
        scheduled_end=last.scheduled_end,
        actual_end=last.actual_end,
    )
    items = tuple(item for part in parts for item in part.items)
    seated = next((part for part in parts if any(each.id == CLAIMED for each in part.memberships)), parts[0])
    bills = {name: bill for part in parts for name, bill in part.bills.items()}
    return replace(seated, reservation=together, items=items, bills=bills, visited="", parts=tuple(parts))


def together(earned: Sequence[Earned]) -> Earned:
    """Return what several stays earn that one award holds, because they were one when it was made.

    Raise Suspense where their values are in several currencies.
    """
    last = max(earned, key=lambda each: each.departed_at)
    if len(earned) == 1:
        return last
    if len({each.currency for each in earned}) > 1:
        raise Suspense("two_currencies", "a stay of this award is valued in another currency than the other")
    taxes: dict[str, Decimal] = {}
    for code, amount in (tax for each in earned for tax in each.taxes):
        taxes[code] = taxes.get(code, Decimal(0)) + amount
    return replace(
        last,
        miles=sum(each.miles for each in earned),
        value_net=sum((each.value_net for each in earned), Decimal(0)),
        value_gross=sum((each.value_gross for each in earned), Decimal(0)),
        taxes=tuple(sorted(taxes.items())),
        shares=added((each.shares, each.miles) for each in earned),
        frozen=replace(last.frozen, rates={pair: rate for each in earned for pair, rate in each.frozen.rates.items()}),
    )
