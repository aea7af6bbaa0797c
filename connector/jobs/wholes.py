"""What is decided at once, and for which award: one reservation, or several that are one stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from connector.domain.awards import Award
from connector.domain.decision import Frozen
from connector.domain.standing import Standing
from connector.domain.stays import Reservation, Stay
from connector.domain.stitching import join
from connector.jobs.parties import Parties, Place


@dataclass(frozen=True, slots=True)
class Whole:
    """A stay with the places that it is made of, in the order in which they begin, and the award that it leads."""

    places: Sequence[Place]
    stay: Stay
    award: Award | None = None
    frozen: Frozen | None = None

    @property
    def unreadable(self) -> str:
        """What about it cannot be used."""
        return next((place.each.unreadable for place in self.places if place.each.unreadable), "")

    @property
    def fresh(self) -> list[str]:
        """The reservations that are not tied to an award."""
        return [place.key[0] for place in self.places if place.sitting.award is None]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Wholes whose awards depend on each other, and ``lost``: awards whose reservations are all part of another's."""

    wholes: Sequence[Whole]
    lost: Sequence[Place] = ()


def clusters(
    places: Iterable[Place], parties: Parties, standings: Mapping[str, Standing], roots: Mapping[str, str]
) -> list[Cluster]:
    """Return the places that are entitled to earn, as the wholes that they are.

    Wholes belong together that share an award, or counted under one of the ``roots`` when they were decided last.
    """
    heard = {place.key: place for place in places}
    stitched = {place.key for group in parties.stitched for place in group}
    groups: list[Sequence[Place]] = [*parties.stitched, *([heard[key]] for key in heard if key not in stitched)]
    reservations = {place.key[0]: place.each.stay.reservation for place in heard.values()}
    return [_cluster(each, parties, standings, reservations) for each in _related(groups, roots)]


def _related(groups: Sequence[Sequence[Place]], roots: Mapping[str, str]) -> list[list[Sequence[Place]]]:
    """Return the groups that belong together."""
    found: list[list[Sequence[Place]]] = []
    known: dict[object, list[Sequence[Place]]] = {}
    for group in groups:
        tokens = _tokens(group, roots)
        related = {id(known[token]): known[token] for token in tokens if token in known}
        merged = [group]
        for other in related.values():
            merged = [*other, *merged]
            found = [each for each in found if each is not other]
        known |= dict.fromkeys({token for each in merged for token in _tokens(each, roots)}, merged)
        found.append(merged)
    return found


def _tokens(group: Sequence[Place], roots: Mapping[str, str]) -> set[tuple[str, str]]:
    """Return what a group may share with another: an award, or who counted under which root."""
    awards = {("award", place.sitting.award.id) for place in group if place.sitting.award}
    return awards | {(place.key[1], roots[place.key[0]]) for place in group if place.key[0] in roots}


def _cluster(
    groups: Sequence[Sequence[Place]],
    parties: Parties,
    standings: Mapping[str, Standing],
    reservations: Mapping[str, Reservation],
) -> Cluster:
    wholes = [_whole(group, parties, standings, reservations) for group in groups]
    leading = {whole.award.id for whole in wholes if whole.award}
    awarded = {place.sitting.award.id: place for group in groups for place in group if place.sitting.award}
    return Cluster(wholes, [place for award, place in awarded.items() if award not in leading])


def _whole(
    group: Sequence[Place],
    parties: Parties,
    standings: Mapping[str, Standing],
    reservations: Mapping[str, Reservation],
) -> Whole:
    leader = _leader(group, standings)
    award = leader.sitting.award if leader else None
    first = group[0].each.stay.reservation
    stay = parties.stay(group[0])
    if len(group) > 1:
        root = reservations.get(award.root_id, first) if award else first
        stay = join([place.sitting.stay for place in group], root)
    return Whole(group, stay, award, leader.sitting.frozen if leader else None)


def _leader(group: Sequence[Place], standings: Mapping[str, Standing]) -> Place | None:
    """Return the place whose award the group counts for: one that gives miles, of these the one made first."""
    ranked = []
    for number, place in enumerate(group):
        if place.sitting.award is not None:
            standing = standings[place.sitting.award.id]
            ranked.append((not (standing.gives or standing.paid), standing.since, number))
    return group[min(ranked)[-1]] if ranked else None
