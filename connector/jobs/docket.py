"""All that is known about a batch of stays for one partner before they are decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Message
from connector.domain.decision import Decision
from connector.domain.seat import MEMBERSHIP_REASONS
from connector.domain.standing import Standing
from connector.jobs.contracts import Partnership
from connector.jobs.neighbours import neighbours
from connector.jobs.open_stays import OpenStay
from connector.jobs.parties import Key, Parties, Place, parties
from connector.jobs.renumbering import Present, present
from connector.jobs.seating import by_reservation, sittings
from connector.jobs.wholes import Cluster, Whole, clusters
from connector.store import decisions, ledger
from connector.store import neighbours as store


@dataclass(frozen=True, slots=True)
class Docket:
    """The places of each reservation, those who lost theirs first, and the clusters in which the others are decided.

    ``stays`` are the batch and what lies beside it; ``numbers`` the awards with the numbers of their memberships now.
    ``before`` holds decisions that stand whatever changed; ``messages`` and ``standings`` are those of the awards.
    ``roots`` are the reservations under which they counted until now.
    """

    stays: Sequence[OpenStay]
    numbers: Present
    places: Mapping[str, Sequence[Place]]
    before: Mapping[Key, Decision]
    messages: Mapping[str, list[Message]]
    standings: Mapping[str, Standing]
    roots: Mapping[str, str]
    parties: Parties
    clusters: Sequence[Cluster]

    @property
    def displaced(self) -> list[Place]:
        """The places of those who have an award and are no longer entitled to it."""
        return [place for each in self.places.values() for place in each if place.sitting.displaced]

    def beside(self, whole: Whole) -> list[Place]:
        """Return the places of those who lost theirs to a whole."""
        return [place for each in whole.places for place in self.places.get(each.key[0], ()) if place.sitting.displaced]


async def docket(
    connection: AsyncConnection,
    partnership: Partnership,
    batch: Sequence[OpenStay],
    now: datetime,
    claimed: Collection[str],
) -> Docket:
    """Gather what is known; the ``claimed`` reservations are decided whatever was said about their memberships."""
    contract = partnership.contract
    ids = [each.stay.reservation.id for each in batch]
    awards = await ledger.awards_of(connection, contract.name, ids)
    awarded = {reservation for reservation, _ in awards} | set(claimed)
    if beside := await neighbours(connection, contract, batch, awarded):
        ids += [each.stay.reservation.id for each in beside]
        awards = await ledger.awards_of(connection, contract.name, ids)
    numbers = await present(connection, contract, awards, now)
    awards = dict(numbers.awards)
    # a membership that appears later earns by a claim only
    passed = [each for each in ids if each not in claimed]
    before = await decisions.passed_over(connection, contract.name, passed, MEMBERSHIP_REASONS)
    messages = await ledger.messages_of(connection, [award.id for award, _ in awards.values()])
    seats = by_reservation(awards)
    places = [
        Place(each, sitting)
        for each in (*batch, *beside)
        for sitting in sittings(each, contract, seats.get(each.stay.reservation.id, {}))
    ]
    entitled = [place for place in places if not place.sitting.displaced]
    heard = [place for place in entitled if place.sitting.award or place.key not in before]
    since = await store.awarded_at(connection, {award.id for award, _ in awards.values()})
    standings = {
        award.id: Standing.of(since[award.id], award.miles, messages.get(award.id, ()), confirms=partnership.confirms)
        for award, _ in awards.values()
    }
    among = parties(heard, contract, standings, now)
    roots = await store.roots(connection, contract.name, ids)
    together = clusters(heard, among, standings, roots)
    return Docket([*batch, *beside], numbers, _seen(places), before, messages, standings, roots, among, together)


def _seen(places: Sequence[Place]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in places:
        if place.each.seen:
            found.setdefault(place.each.stay.reservation.id, []).append(place)
    return found
