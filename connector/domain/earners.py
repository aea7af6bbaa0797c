"""As whom people earn: the owner of a stay, or where a company owns it, its booker or its companions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from connector.domain.contract import Contract
from connector.domain.decision import Decision
from connector.domain.ruling import Status
from connector.domain.stays import NOBODY, OWNER, Holder, Membership, Stay

# What a reservation counts as when its seats differ: what wants a person or time comes before what is done.
_FIRST = (Status.SUSPENDED, Status.WAITING, Status.AWARDED, Status.EXCLUDED)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is not the owner and may earn; ``seat`` is the booker's, or the customer id as first seen.

    A companion who was taken off the reservation is not ``present``.
    """

    seat: str
    holder: Holder
    memberships: tuple[Membership, ...] = ()
    present: bool = True


@dataclass(frozen=True, slots=True)
class Others:
    """The people of a stay beside its owner."""

    booker: Person | None = None
    companions: tuple[Person, ...] = ()


def entitled(stay: Stay, contract: Contract, others: Others, awarded: Collection[str] = ()) -> list[Stay]:
    """Return the stay once for each person who may earn by it; at least once, be it in the seat of nobody.

    A companion who was taken off the reservation keeps a seat that was ``awarded``.
    """
    if contract.earner == "owner" or stay.reservation.account_type != "Company":
        return [stay]
    people: Iterable[Person] = (each for each in others.companions if each.present or each.seat in awarded)
    if contract.earner == "booker":
        people = () if others.booker is None else (others.booker,)
    return [seated(stay, each) for each in people] or [seated(stay, Person(NOBODY, Holder("")))]


def displaced(stay: Stay, seats: Collection[str], now: Sequence[Stay]) -> list[Stay]:
    """Return the stay in the ``seats`` that have an award and are not among those entitled ``now``.

    They lost their place because the stay found another owner, or because the contract names other people.
    """
    gone = sorted(set(seats) - {each.seat for each in now})
    return [seated(stay, Person(seat, Holder(""))) for seat in gone]


def seated(stay: Stay, person: Person) -> Stay:
    """Return the stay as a person earns by it."""
    return replace(stay, seat=person.seat, holder=person.holder, memberships=person.memberships)


def together(decided: Sequence[tuple[str, Decision]]) -> Decision:
    """Return what a reservation counts as, from the decision of each seat; the explanation keeps them all."""
    if len(decided) == 1 and decided[0][0] in {OWNER, NOBODY}:
        return decided[0][1]
    leading = min((each for _, each in decided), key=lambda each: _FIRST.index(each.status))
    text = leading.text if len(decided) == 1 else "; ".join(f"{each.status}: {each.text}" for _, each in decided)
    due = min((each.due for _, each in decided if each.due), default=None)
    explanation = {**leading.explanation, "seats": [_told(seat, each) for seat, each in decided]}
    return replace(leading, text=text, due=due, explanation=explanation)


def _told(seat: str, decision: Decision) -> dict[str, object]:
    verdict = {"seat": seat, "status": str(decision.status), "reason": decision.reason, "text": decision.text}
    return {**verdict, "explanation": decision.explanation}
