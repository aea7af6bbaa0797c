"""What the transaction history shows, and which of it can be a message of ours.

The history does not echo our reference, as far as is published, so a message is known by day, kind and miles. Of an
activity's names only some are published; the amounts' are those of the members' own site. Whatever is missing, or
written in another case, is tolerated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from connector.domain.awards import Credit, Kind
from connector.domain.earning import IMPLAUSIBLE
from connector.ports import Sight, Sought

Zone = Literal["EST", "America/Toronto"]
Dated = Literal["checkout", "receipt"]
Move = tuple[Kind, int]  # miles > 0
Fields = Mapping[str, object]  # names in lower case

_KINDS = {"issuance": Kind.CREDIT, "negative_issuance": Kind.REVERSAL}
_EST = timezone(timedelta(hours=-5))
_VOIDED = "miles_voided"


@dataclass(frozen=True, slots=True)
class Days:
    """How the history dates what it shows: the transaction day's zone, and which moment has that day.

    Neither is published: "EST" may be UTC-5 all year, and an activity may bear the day of the check-out that we stated
    or of its receipt.
    """

    zone: Zone = "EST"
    dated: Dated = "checkout"

    def span(self, credit: Credit, now: datetime) -> tuple[date, date]:
        """Return the first and the last day that an activity of a message can bear."""
        if credit.grant or self.dated == "receipt":
            return self.of(credit.composed_at), self.of(now)
        day = self.of(credit.departed_at)
        return day, day

    def of(self, moment: datetime) -> date:
        """Return the transaction day of a moment; one without a zone is taken as it stands."""
        return self.there(moment).date() if moment.tzinfo else moment.date()

    def there(self, moment: datetime) -> datetime:
        """Return a moment as AIR MILES's clock shows it."""
        return moment.astimezone(_EST if self.zone == "EST" else ZoneInfo(self.zone))


@dataclass(slots=True)
class Shown:
    """The moves that the history shows on some days, and how many activities there could not be read."""

    moves: Counter[Move] = field(default_factory=Counter)
    unread: int = 0


def shown(activities: Iterable[Fields], sponsors: frozenset[str], days: Days, span: tuple[date, date]) -> Shown:
    """Count the issuances by these sponsors that lie within a span of days; each transaction id counts once."""
    found, seen = Shown(), set[str]()
    for each in activities:
        name = str(each.get("transactionid") or "").casefold()
        if _is_ours(each, sponsors) and not (name and name in seen):
            seen.add(name)
            _count(each, found, days, span)
    return found


def _count(activity: Fields, found: Shown, days: Days, span: tuple[date, date]) -> None:
    day, miles = _day(activity.get("transactiondate"), days), _miles(activity)
    if miles == 0 or (day is not None and not span[0] <= day <= span[1]):
        return
    if day is None or miles is None:
        found.unread += 1
    else:
        found.moves[_kind(activity, miles), abs(miles)] += 1


def sight(sought: Sought, found: Shown, days: Days, now: datetime) -> Sight:
    """Tell whether a message is shown: at least as many equal moves as the member's messages of those days have.

    An issuance may be an activity, or the whole transaction one; of other messages both are thought possible.
    """
    span = days.span(sought.credit, now)
    others = [each for each in sought.others if _overlap(span, days.span(each, now))]
    readings = [_enough(moves, others, found) for moves in _readings(sought.credit)]
    if Sight.SHOWN in readings:
        return Sight.SHOWN
    return Sight.ABSENT if set(readings) == {Sight.ABSENT} and not found.unread else Sight.UNCLEAR


def _enough(moves: Counter[Move], others: Iterable[Credit], found: Shown) -> Sight:
    claimed: Counter[Move] = Counter()
    for each in others:
        readings = _readings(each)
        claimed.update({move: max(reading[move] for reading in readings) for move in moves})
    if all(found.moves[move] >= claimed[move] + count for move, count in moves.items()):
        return Sight.SHOWN
    return Sight.UNCLEAR if all(found.moves[move] for move in moves) else Sight.ABSENT


def _readings(credit: Credit) -> list[Counter[Move]]:
    """Return the moves of a message by issuance, and as one."""
    whole = Counter([(credit.kind, credit.miles)])
    parts = Counter((credit.kind, miles) for _, miles in credit.shares)
    return [parts, whole] if parts else [whole]


def _overlap(one: tuple[date, date], other: tuple[date, date]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _is_ours(activity: Fields, sponsors: frozenset[str]) -> bool:
    sponsor, kind = activity.get("sponsorcode"), activity.get("activitytype")
    if str(activity.get("redemptionstatus") or "").casefold() == _VOIDED:
        return False
    elsewhere = sponsor is not None and str(sponsor).strip().casefold() not in sponsors
    return not elsewhere and (kind is None or str(kind).casefold() in _KINDS)


def _kind(activity: Fields, miles: int) -> Kind:
    """Return the kind of a move: the sign tells it where the type is missing, and only there."""
    kind = activity.get("activitytype")
    if kind is None:
        return Kind.CREDIT if miles > 0 else Kind.REVERSAL
    return _KINDS[str(kind).casefold()]


def _miles(activity: Fields) -> int | None:
    """Return the signed miles, which a Collector may have split between Cash and Dream; None if no number says so."""
    amounts = [activity[name] for name in ("cashmiles", "dreammiles") if activity.get(name) is not None]
    try:
        total = sum((Decimal(str(each).strip()) for each in amounts or [activity.get("transactionvalue")]), Decimal(0))
        return int(total) if abs(total) < IMPLAUSIBLE and total == int(total) else None
    except (ArithmeticError, ValueError):
        return None


def _day(value: object, days: Days) -> date | None:
    """Return the day of an ISO date or time, or of a number of milliseconds since 1970."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return days.of(datetime.fromtimestamp(value / 1000, UTC))
        return days.of(datetime.fromisoformat(str(value).strip()))
    except (ValueError, OverflowError, OSError):
        return None
