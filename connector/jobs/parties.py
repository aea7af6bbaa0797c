"""Parties: the stays of one person at one property that lie together, and what that means for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connector.domain.contract import Contract
from connector.domain.rooms import Room, crowded_out, room
from connector.domain.ruling import Ruling, Suspense
from connector.domain.standing import Standing
from connector.jobs.open_stays import OpenStay
from connector.jobs.seating import Sitting

Key = tuple[str, str]  # reservation and seat


@dataclass(frozen=True, slots=True)
class Place:
    """One sitting at one reservation."""

    each: OpenStay
    sitting: Sitting

    @property
    def key(self) -> Key:
        """The reservation and the seat."""
        return self.each.stay.reservation.id, self.sitting.stay.seat


@dataclass(frozen=True, slots=True)
class Parties:
    """The rooms of all parties of a batch; ``crowded`` says which are too many."""

    crowded: Mapping[Key, Ruling] = field(default_factory=dict)


def parties(places: Iterable[Place], contract: Contract, standings: Mapping[str, Standing], now: datetime) -> Parties:
    """Judge the places of a batch among each other; ``standings`` by award."""
    crowded: dict[Key, Ruling] = {}
    for together in _by_person(places):
        rooms = [found for place in together if (found := _room(place, contract, standings, now))]
        crowded |= crowded_out(rooms, contract.rooms)
    return Parties(crowded)


def _by_person(places: Iterable[Place]) -> list[list[Place]]:
    """Return the places of each person at each property who has more than one."""
    found: dict[tuple[str, str], list[Place]] = {}
    for place in places:
        if not place.sitting.displaced and place.sitting.stay.holder.account_id:
            stay = place.sitting.stay
            found.setdefault((stay.holder.account_id, stay.property.id), []).append(place)
    return [each for each in found.values() if len(each) > 1]


def _room(place: Place, contract: Contract, standings: Mapping[str, Standing], now: datetime) -> Room | None:
    """Return the room that a place is; None where nobody can tell on which days."""
    award = place.sitting.award
    standing = standings.get(award.id) if award else None
    try:
        return room(place.sitting.stay, contract, now, standing, readable=not place.each.unreadable)
    except Suspense:
        return None
