"""All published bookings, stitched and with three rooms: every stay earns what a second computation says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache

import pytest

from connector.domain.decision import Status, decide
from connector.jobs.contracts import Partnership
from connector.jobs.deciding import decide_all
from connector.jobs.open_stays import OpenStay
from connector.jobs.parties import Place, parties
from connector.jobs.seating import sittings
from connector.jobs.wholes import clusters
from connector.store.engine import Database
from tests.acceptance.agreements import STITCHED
from tests.acceptance.booked import BOOKINGS, CHECKED_OUT, NOW, RATES, Booked, booked
from tests.acceptance.regulars import regulars
from tests.acceptance.test_reference import stored
from tests.integration.earning.books import Books
from tests.integration.earning.chain import HandClock, chain_for
from tests.property.earning.channel import Channel
from tests.reference import earning, staying

IN_STORE = 12  # the bookings of every so many guests go the whole way through the store
Stays = dict[frozenset[str], int]  # miles by the reservations that are one stay


@cache
def all_bookings() -> list[Booked]:
    """Return all bookings, by regular guests."""
    return regulars(booked())


def expected(bookings: Sequence[Booked]) -> Stays:
    """Return what the reference says."""
    by_guest: dict[str, list[Booked]] = {}
    for each in bookings:
        if each.stay.reservation.state == "Processed":
            by_guest.setdefault(each.stay.holder.account_id, []).append(each)
    rates = {pair: Fraction(rate) for pair, rate in RATES.items()}
    found: Stays = {}
    for own in by_guest.values():
        rooms = {each.id: each.room for each in own}
        for stay in staying.stays([_booking(each) for each in own], STITCHED.rooms):
            miles = earning.miles([rooms[each.id] for each in stay], STITCHED.terms, rates)
            if miles:
                found[frozenset(each.id for each in stay)] = miles
    return found


def _booking(each: Booked) -> staying.Booking:
    booked_at = int(each.stay.reservation.created.timestamp())
    return staying.Booking(each.id, booked_at, each.room.arrival, each.room.scheduled_departure, each.room.left)


def decided(bookings: Sequence[Booked]) -> Stays:
    """Return what the connector says of all of them at once, without a store."""
    contract = STITCHED.contract
    places = [Place(each, one) for each in map(_opened, bookings) for one in sittings(each, contract, {})]
    together = parties(places, contract, {}, NOW)
    found: Stays = {}
    for whole in (whole for cluster in clusters(places, together, {}, {}) for whole in cluster.wholes):
        decision = decide(whole.stay, contract, NOW)
        assert decision.status in {Status.AWARDED, Status.EXCLUDED}
        if decision.award and whole.places[0].key not in together.crowded:
            found[frozenset(place.key[0] for place in whole.places)] = decision.award.miles
    return found


def _opened(each: Booked) -> OpenStay:
    return OpenStay(each.stay)


def test_every_stay_of_several_reservations_earns_what_the_reference_says() -> None:
    bookings = all_bookings()
    given, due = decided(bookings), expected(bookings)
    assert len(bookings) == BOOKINGS
    assert sum(each.stay.reservation.state == "Processed" for each in bookings) == CHECKED_OUT
    assert given == due
    assert sum(given.values()) == sum(due.values()) > 0
    assert sum(len(stay) > 1 for stay in given) > 3000


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_the_job_makes_one_award_of_each(database: Database) -> None:
    found, clock = (
        [each for each in all_bookings() if int(each.stay.holder.account_id[1:]) % IN_STORE == 0],
        HandClock(),
    )
    clock.moment = NOW
    await stored(database, found)
    partnership = Partnership(STITCHED.contract, Channel(reverses=True), "live", "miles")
    await decide_all(chain_for(database, clock), [partnership])
    books = Books(database)
    due = expected(found)
    tied: dict[str, set[str]] = {}
    for reservation, award in await books.rows("SELECT reservation_id, award_id FROM claim"):
        tied.setdefault(award, set()).add(reservation)
    miles: Mapping[str, int] = dict(await books.rows("SELECT id, miles FROM award"))
    assert {frozenset(own): miles[award] for award, own in tied.items()} == due
    assert await books.rows("SELECT count(*), sum(miles) FROM message WHERE state = 'ready'") == [
        (len(due), sum(due.values()))
    ]
