"""Several rooms of one guest on the same dates: which of them earn, and which earns what a visit earns once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connector.domain import gates
from connector.domain.calendar import business_date
from connector.domain.conditions import Facts
from connector.domain.contract import Contract
from connector.domain.parts import objections
from connector.domain.rules import Rule
from connector.domain.ruling import Ruling, excluded, waiting
from connector.domain.spans import Span, components
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
    ``visits``: a rule for visits gives something for it, or may. ``joins``: it can be one stay with others.
    """

    key: tuple[str, str]
    span: Span
    created: datetime
    takes: bool
    awarded: datetime | None = None
    open_until: datetime | None = None
    visits: bool = False
    joins: bool = True


def room(stay: Stay, contract: Contract, now: datetime, standing: Standing | None, *, readable: bool = True) -> Room:
    """Return the room that a reservation is; raise Suspense where its calendar is unknown.

    A room that is checked out takes a place when a rule stands for it, one that is still to come or in the house
    always does, and any other as long as the partner has miles for it. One whose miles were given elsewhere, or to
    somebody who was erased since, has earned its place, and is no part of what earns here.
    """
    key, span = (stay.reservation.id, stay.seat), Span.of(stay)
    if contract.name in stay.elsewhere or contract.name in stay.erased:
        made, visits = stay.reservation.created, any(rule.basis == "visit" for rule in contract.rules)
        return Room(key, span, made, takes=True, awarded=made, visits=visits, joins=False)
    since = standing.since if standing and (standing.gives or standing.paid) else None
    rules = _standing_rules(stay, contract, now, standing) if readable else ()
    early = contract.start is not None and span.departure < contract.start
    later: datetime | None = None
    if not rules and (not readable or _comes(stay, now)):
        rules = contract.rules
        later = None if since else max(stay.reservation.scheduled_end, now + LOOK_AGAIN)
    elif not rules and standing and standing.paid:
        rules = contract.rules
        later = now if standing.returning else now + _SOON
    return Room(
        key,
        span,
        stay.reservation.created,
        takes=bool(rules),
        awarded=since if rules else None,
        open_until=later,
        visits=any(rule.basis == "visit" for rule in rules),
        joins=_comes(stay, now) or (stay.reservation.state == "Processed" and (standing is not None or not early)),
    )


def _comes(stay: Stay, now: datetime) -> bool:
    state = stay.reservation.state
    return state == "Started" or (state == "Confirmed" and stay.reservation.scheduled_end > now)


def _standing_rules(stay: Stay, contract: Contract, now: datetime, standing: Standing | None) -> Sequence[Rule]:
    """Return the rules that stand for a stay that is checked out and ours."""
    if stay.reservation.state != "Processed":
        return ()
    facts = Facts.of(stay, contract)
    if standing is None and gates.ours(stay, contract, facts.departure, business_date(now, stay.property)):
        return ()
    return [rule for rule in contract.rules if not objections(rule, facts, alone=not contract.stitch)]


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
    number, earn = ("another room", "earns") if most == 1 else (f"{most} other rooms", "earn")
    if _at_once(room.span, certain) >= most:
        return excluded("more_rooms", f"{number} of this guest on the same dates {earn} already")
    due = min(each.open_until for each in beside if each.open_until is not None)
    return waiting("more_rooms", f"{number} of this guest on the same dates may come first", due)


def visited(rooms: Iterable[Room]) -> dict[tuple[str, str], Room]:
    """Return the room by which the visit of each of these earns, where that is another one.

    Of the rooms whose dates overlap, one through the other too, that is the one awarded first; else one that is
    checked out before one that is not, and then the one booked first.
    """
    found: dict[tuple[str, str], Room] = {}
    for visit in components([room for room in rooms if room.takes], lambda one, other: one.span.overlaps(other.span)):
        carriers = [room for room in visit if room.visits]
        carrier = min(
            carriers, key=lambda room: (room.awarded or _LAST, bool(room.open_until), _rank(room)), default=None
        )
        found |= {room.key: carrier for room in visit if carrier and room is not carrier}
    return found


def stays(rooms: Iterable[Room]) -> list[list[Room]]:
    """Return the rooms of one seat that are one stay, each in the order in which they begin: they overlap or adjoin."""
    present = sorted((room for room in rooms if room.joins), key=lambda room: (room.span.arrival, *_rank(room)[1:]))
    groups = components(present, lambda one, other: one.span.overlaps(other.span) or one.span.adjoins(other.span))
    return [sorted(group, key=present.index) for group in groups if len(group) > 1]
