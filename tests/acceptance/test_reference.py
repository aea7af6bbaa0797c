"""All published bookings earn, under five contracts, what a second computation says, to the mile and stay by stay,
and some of them under more."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import pytest

from connector.domain.decision import Status, decide
from connector.domain.loyalty import Membership, Program
from connector.jobs.contracts import Partnership
from connector.jobs.deciding import decide_all
from connector.store import loyalty, stays
from connector.store.engine import Database
from tests.acceptance.agreements import (
    AGREEMENTS,
    FLAT,
    PER_EURO_NET,
    PER_NIGHT,
    PER_TWENTY_DOLLARS,
    TIERED,
    Agreement,
)
from tests.acceptance.booked import BOOKINGS, CHECKED_OUT, NOW, PLACE, RATES, Booked, booked
from tests.integration.earning.books import Books
from tests.integration.earning.chain import CHAIN_ID, HandClock, chain_for
from tests.property.earning.channel import Channel
from tests.reference import earning as reference

WHOLLY = (FLAT, PER_NIGHT, PER_EURO_NET, PER_TWENTY_DOLLARS, TIERED)  # under these all are decided,
SOME = 7  # under the others every so many
IN_STORE = 10  # every so many go the whole way through the store; the others are only decided


@cache
def all_booked() -> list[Booked]:
    """Return all bookings."""
    return list(booked())


def expected(each: Booked, agreement: Agreement) -> int:
    """Return what the reference says."""
    if each.stay.reservation.state != "Processed":
        return 0
    rates = {pair: Fraction(rate) for pair, rate in RATES.items()}
    return reference.miles([each.room], agreement.terms, rates, each.tier)


@pytest.mark.parametrize("agreement", AGREEMENTS, ids=lambda each: each.name)
def test_every_booking_earns_what_the_reference_says(agreement: Agreement) -> None:
    contract, given, due, wrong = agreement.contract, 0, 0, []
    for each in all_booked()[:: 1 if agreement in WHOLLY else SOME]:
        decision, right = decide(each.stay, contract, NOW), expected(each, agreement)
        miles = decision.award.miles if decision.award else 0
        given, due = given + miles, due + right
        if miles != right or decision.status not in {Status.AWARDED, Status.EXCLUDED}:
            wrong.append((each.id, decision.reason, miles, right))
    assert wrong == []
    assert len(all_booked()) == BOOKINGS
    assert sum(each.stay.reservation.state == "Processed" for each in all_booked()) == CHECKED_OUT
    assert given == due > 0


async def stored(database: Database, found: list[Booked]) -> None:
    """Put bookings on file as the reading of Mews does."""
    long_ago = NOW.replace(year=2010)
    async with database.write() as connection:
        await loyalty.replace_programs(connection, [Program("p-MM", "MM", "MM", "", "")], [])
        await stays.save_property(connection, PLACE, CHAIN_ID, long_ago, ["s"], NOW)
        await stays.save_rates(connection, PLACE.id, RATES)
        await loyalty.save_memberships(connection, [_membership(each) for each in found])
        await stays.save_reservations(
            connection, [each.stay.reservation for each in found], NOW.replace(year=2010), NOW
        )
        await stays.save_items(connection, [item for each in found for item in each.stay.items])


def _membership(each: Booked) -> Membership:
    (own,) = each.stay.memberships
    account = each.stay.reservation.account_id
    return Membership(own.id, account, "p-MM", "Enrolled", is_primary=True, number=own.number)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_the_job_writes_the_same_miles(database: Database) -> None:
    found, clock = all_booked()[::IN_STORE], HandClock()
    clock.moment = NOW
    await stored(database, found)
    partnership = Partnership(PER_TWENTY_DOLLARS.contract, Channel(reverses=True), "live", "miles")
    await decide_all(chain_for(database, clock), [partnership])
    rows = await Books(database).rows("SELECT root_id, miles FROM award")
    assert dict(rows) == {each.id: miles for each in found if (miles := expected(each, PER_TWENTY_DOLLARS))}
    assert await Books(database).rows("SELECT sum(miles) FROM message WHERE state = 'ready'") == [
        (sum(expected(each, PER_TWENTY_DOLLARS) for each in found),)
    ]
