"""Parties: the stays of one person at one property that lie together, and what that means for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connector.domain.contract import Contract
from connector.domain.rooms import Room, crowded_out, room, stays, visited
from connector.domain.ruling import Ruling, Suspense
from connector.domain.standing import Standing
from connector.domain.stays import Stay
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
    """How the stays of a batch lie together: which are too many rooms, and whose visit earns by another one.

    ``stitched`` are those that are one stay, in the order in which they begin; ``groups`` are the same by place.
    """

    crowded: Mapping[Key, Ruling]
    visited: Mapping[Key, Room]
    stitched: Sequence[Sequence[Place]]
    groups: Mapping[Key, Sequence[Place]]

    def stay(self, place: Place) -> Stay:
        """Return the stay of a place as it is among the others."""
        carrier = self.visited.get(place.key)
        return replace(place.sitting.stay, visited=carrier.key[0]) if carrier else place.sitting.stay

    def whole(self, place: Place) -> list[Stay]:
        """Return the stays that a place is one with, itself included, in the order in which they begin."""
        return [self.stay(each) for each in self.groups.get(place.key, ())]

    def again(self, place: Place) -> datetime | None:
        """Return when to look again although the place itself does not change: its visit may come to it."""
        carrier = self.visited.get(place.key)
        return carrier.open_until if carrier else None


def parties(places: Iterable[Place], contract: Contract, standings: Mapping[str, Standing], now: datetime) -> Parties:
    """Judge the places of a batch among each other; ``standings`` by award."""
    crowded: dict[Key, Ruling] = {}
    elsewhere: dict[Key, Room] = {}
    stitched: list[list[Place]] = []
    for together in _by_person(places):
        rooms = [found for place in together if (found := _room(place, contract, standings, now))]
        out = crowded_out(rooms, contract.rooms)
        crowded |= out
        elsewhere |= visited(each for each in rooms if each.key not in out)
        known = {place.key: place for place in together if _stitches(place, contract)}
        joining = [each for each in rooms if each.key in known and each.key not in out]
        stitched += [[known[each.key] for each in stay] for stay in _stays(joining)]
    return Parties(crowded, elsewhere, stitched, {place.key: group for group in stitched for place in group})


def _stitches(place: Place, contract: Contract) -> bool:
    """Tell whether a place can be one stay with others: what its award was made by holds for good."""
    return place.sitting.frozen.stitched if place.sitting.frozen else contract.stitch


def _stays(rooms: Iterable[Room]) -> list[list[Room]]:
    by_seat: dict[str, list[Room]] = {}
    for each in rooms:
        by_seat.setdefault(each.key[1], []).append(each)
    return [stay for own in by_seat.values() for stay in stays(own)]


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
