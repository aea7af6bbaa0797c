"""Several rooms of one guest on the same dates: which of them earn, and which earns what a visit earns once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connector.domain import gates
from connector.domain.calendar import business_date
from connector.domain.conditions import Facts, failures
from connector.domain.contract import Contract
from connector.domain.ruling import Ruling, excluded, waiting
from connector.domain.spans import Span
from connector.domain.standing import Standing
from connector.domain.stays import Stay

LOOK_AGAIN = timedelta(days=1)  # what nobody announces may have changed by then
_SOON = timedelta(hours=1)  # whether miles are taken back is seen when it is decided
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Room:
    """A reservation as one person would earn by it, at one property; ``key`` names it.

    ``takes``: it takes a room of the contract's number. ``awarded``: since when it has an award that gives miles, or
    whose miles are not taken back yet. ``open_until``: it is not certain that it keeps its place; when to look again.
    """

    key: tuple[str, str]
    span: Span
    created: datetime
    takes: bool
    awarded: datetime | None = None
    open_until: datetime | None = None


def room(stay: Stay, contract: Contract, now: datetime, standing: Standing | None, *, readable: bool = True) -> Room:
    """Return the room that a reservation is; raise Suspense where its calendar is unknown.

    A room that is checked out takes a place when a rule stands for it, one that is still to come or in the house
    always does, and any other as long as the partner has miles for it.
    """
    key, span = (stay.reservation.id, stay.seat), Span.of(stay)
    since = standing.since if standing and (standing.gives or standing.paid) else None
    if readable and _stands(stay, contract, now, standing):
        return Room(key, span, stay.reservation.created, takes=True, awarded=since)
    if not readable or _comes(stay, now):
        later = None if since else max(stay.reservation.scheduled_end, now + LOOK_AGAIN)
        return Room(key, span, stay.reservation.created, takes=True, awarded=since, open_until=later)
    if standing and standing.paid:
        later = now if standing.returning else now + _SOON
        return Room(key, span, stay.reservation.created, takes=True, awarded=since, open_until=later)
    return Room(key, span, stay.reservation.created, takes=False)


def _comes(stay: Stay, now: datetime) -> bool:
    state = stay.reservation.state
    return state == "Started" or (state == "Confirmed" and stay.reservation.scheduled_end > now)


def _stands(stay: Stay, contract: Contract, now: datetime, standing: Standing | None) -> bool:
    if stay.reservation.state != "Processed":
        return False
    facts = Facts.of(stay)
    foreign = gates.ours(stay, contract, facts.departure, business_date(now, stay.property))
    return (standing is not None or foreign is None) and any(not failures(rule, facts) for rule in contract.rules)


def crowded_out(rooms: Iterable[Room], most: int) -> dict[tuple[str, str], Ruling]:
    """Return why rooms do not earn: on some night ``most`` others do.

    What has an award stays in; then come those booked first, and of these the one with the lower id.
    """
    inside: list[Room] = []
    outside: dict[tuple[str, str], Ruling] = {}
    for room in sorted(rooms, key=_rank):
        beside = [each for each in inside if each.span.overlaps(room.span)]
        if room.awarded is None and _at_once(room.span, beside) >= most:
            outside[room.key] = _ruling(room, beside, most)
        elif room.takes:
            inside.append(room)
    return outside


def _rank(room: Room) -> tuple[datetime, datetime, tuple[str, str]]:
    return room.awarded or _LAST, room.created, room.key


def _at_once(span: Span, beside: Sequence[Room]) -> int:
    """Return how many of the rooms beside a span there are on its fullest night."""
    whole_days = [span] if span.arrival == span.end else [Span(night, night, night) for night in span.nights()]
    return max(sum(_covers(each.span, day) for each in beside) for day in whole_days)


def _covers(span: Span, day: Span) -> bool:
    return span.arrival <= day.arrival < span.end or (span.arrival, span.end) == (day.arrival, day.end)


def _ruling(room: Room, beside: Sequence[Room], most: int) -> Ruling:
    certain = [each for each in beside if each.open_until is None]
    number = "another room" if most == 1 else f"{most} other rooms"
    if _at_once(room.span, certain) >= most:
        return excluded("more_rooms", f"{number} of this guest on the same dates earn already")
    due = min(each.open_until for each in beside if each.open_until is not None)
    return waiting("more_rooms", f"{number} of this guest on the same dates come first, and may not earn yet", due)
