"""All that is known about a batch of stays for one partner before they are decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Message
from connector.domain.contract import Contract
from connector.domain.decision import Decision
from connector.domain.seat import MEMBERSHIP_REASONS
from connector.domain.standing import Standing
from connector.jobs.neighbours import neighbours
from connector.jobs.open_stays import OpenStay
from connector.jobs.parties import Key, Parties, Place, parties
from connector.jobs.seating import by_reservation, sittings
from connector.store import decisions, ledger
from connector.store import neighbours as store


@dataclass(frozen=True, slots=True)
class Docket:
    """The places of each reservation, those who lost theirs first, with what lies beside them.

    ``before`` holds decisions that stand whatever changed; ``messages`` are those of the awards.
    """

    places: Mapping[str, Sequence[Place]]
    before: Mapping[Key, Decision]
    messages: Mapping[str, list[Message]]
    parties: Parties


async def docket(
    connection: AsyncConnection, contract: Contract, batch: Sequence[OpenStay], now: datetime, claimed: Collection[str]
) -> Docket:
    """Gather what is known; the ``claimed`` reservations are decided whatever was said about their memberships."""
    ids = [each.stay.reservation.id for each in batch]
    awards = await ledger.awards_of(connection, contract.name, ids)
    awarded = {reservation for reservation, _ in awards} | set(claimed)
    if beside := await neighbours(connection, contract, batch, awarded):
        ids += [each.stay.reservation.id for each in beside]
        awards = await ledger.awards_of(connection, contract.name, ids)
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
    heard = [place for place in places if place.sitting.award or place.key not in before]
    since = await store.awarded_at(connection, {award.id for award, _ in awards.values()})
    standings = {
        award.id: Standing.of(since[award.id], award.miles, messages.get(award.id, ())) for award, _ in awards.values()
    }
    return Docket(_seen(places), before, messages, parties(heard, contract, standings, now))


def _seen(places: Sequence[Place]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in places:
        if place.each.seen:
            found.setdefault(place.each.stay.reservation.id, []).append(place)
    return found
