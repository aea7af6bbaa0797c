"""Real bookings: every mile agrees with a computation that shares nothing with the connector.

Those of eight months, and with ``HYPOTHESIS_PROFILE=nightly`` all 40,060.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.serve import Sandbox
from tests.acceptance import naive
from tests.acceptance.forks import Forks
from tests.acceptance.road import PARTNERS, ROOT, Road, credits_at, days_ago, records, rows, say, variables

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
SINCE, BOOKED = (None, 40_060) if NIGHTLY else (date(2017, 1, 1), 13_179)
BOOKINGS = ROOT / "tests" / "data" / "bookings_resort.csv.gz"
TERMS = {"miles_and_more": naive.miles_and_more, "air_miles": naive.air_miles}
Earned = dict[str, tuple[str, int]]  # member number and miles, by reservation


AGES = {"miles_and_more": 1200, "air_miles": 395}  # days; the second is the default
STARTS = {"miles_and_more": days_ago(1100 if NIGHTLY else 300), "air_miles": days_ago(600)}


@pytest.mark.timeout(600)
def test_miles_agree_to_the_mile_where_a_start_decides_and_where_an_age_does(tmp_path: Path) -> None:
    state = tmp_path / "sandbox"
    with Sandbox(state, bookings=BOOKINGS, since=SINCE, limit="off") as sandbox:
        members = sandbox.members_file
    hotels = naive.Hotels(lambda kind: _records(state, kind))
    assert len(list(records(state, "Reservations"))) == BOOKED
    began = datetime.now(UTC)
    with Forks(tmp_path / "forks", variables()) as forks, Sandbox(state, limit="off") as sandbox:
        extra = {"partners.miles_and_more": f'max_age = "{AGES["miles_and_more"]}d"'}
        road = Road.written(tmp_path / "home", sandbox.urls, members, starts=STARTS, extra=extra)
        done = forks.run(road.config, "sync", "--json")
        assert done.code == 0, done.errors
        given = {partner: _given(road, partner) for partner in PARTNERS}
        checked = forks.run(road.config, "db", "check")
    ended = datetime.now(UTC)
    assert (checked.code, done.json["awards"].keys()) == (0, {"credited"}), checked.errors
    for partner, terms in TERMS.items():
        contract = terms(date.fromisoformat(STARTS[partner]), timedelta(AGES[partner]))
        expected = hotels.earn(contract, began)
        if given[partner] != expected:
            expected = _expected(expected, hotels.earn(contract, ended), given[partner])
        assert len(expected) > 100
        assert given[partner] == expected
        assert done.json["miles"][partner] == sum(miles for _, miles in expected.values())
        _adds_up(done.json["stays"][partner], len(expected), _seen(hotels, began), _seen(hotels, ended))
    say(f"{done.seconds:.1f} s, {done.peak_mib:.0f} MiB, {done.json['miles']} {done.json['stays']}")


def _records(state: Path, kind: str) -> Iterator[dict[str, Any]]:
    """Of the 190,000 charges only nights, and what names another charge, can count for these contracts."""
    if kind == "OrderItems":
        yield from records(state, kind, holding='"Type":"SpaceOrder"')
        yield from records(state, kind, holding='"RebatedItemId"')
    else:
        yield from records(state, kind)


def _given(road: Road, partner: str) -> Earned:
    """Return what the partner itself holds; the ledger only tells to which stay a key belongs."""
    sql = "SELECT message.key, root_id FROM message JOIN award ON award.id = award_id"
    stays: dict[str, str] = dict(rows(road.database, sql))
    found = [(stays[credit["key"]], credit["member"], credit["miles"]) for credit in credits_at(road.urls, partner)]
    by_stay = {stay: (member, miles) for stay, member, miles in found}
    assert len(by_stay) == len(found), "a stay was credited twice"
    return by_stay


def _expected(before: Earned, after: Earned, given: Earned) -> Earned:
    """Where a hold or a day ended while the connector was at work, either is right."""
    expected = dict(before)
    for stay in before.keys() | after.keys():
        if before.get(stay) != after.get(stay) and given.get(stay) == after.get(stay):
            expected.pop(stay, None)
            expected |= {stay: after[stay]} if stay in after else {}
    return expected


def _seen(hotels: naive.Hotels, now: datetime) -> int:
    """What is read begins five days before what may be paid."""
    return hotels.seen_since(now - timedelta(max(AGES.values()) + 5))


def _adds_up(stays: dict[str, int], awarded: int, most: int, least: int) -> None:
    assert stays["awarded"] == awarded
    assert least <= stays["seen"] <= most
    assert stays["seen"] == sum(count for status, count in stays.items() if status != "seen")
