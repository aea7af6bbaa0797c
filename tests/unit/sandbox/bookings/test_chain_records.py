"""The records as a whole: their shapes, their ids, their times, and that they are the same in every run."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from connector.sandbox.bookings import CHAIN_ID, PROPERTIES, Bookings, generate
from tests.unit.sandbox.bookings.published import AMOUNT, AMOUNTS, DEPRECATED, REQUIRED, TIME

Chain = dict[str, list[dict[str, Any]]]
RUN = """
import hashlib, itertools, json
from datetime import date
from connector.sandbox.bookings import EXTRACT, generate, load, members
digest = hashlib.sha256()
bookings = load(EXTRACT)
for entry in itertools.islice(generate(bookings, today=date(2026, 11, 22), seed=3, guests_extra=5), 4000):
    digest.update(json.dumps(entry).encode())
for row in members(bookings, today=date(2026, 11, 22), seed=3, guests_extra=5, extra=5):
    digest.update(json.dumps(row).encode())
print(digest.hexdigest())
"""


@pytest.mark.parametrize("kind", REQUIRED)
def test_records_have_their_required_properties_and_no_deprecated_ones(chain: Chain, kind: str) -> None:
    assert chain[kind]
    for record in chain[kind]:
        assert not set(REQUIRED[kind].split()) - record.keys()
        assert not set(DEPRECATED.get(kind, "").split()) & record.keys()


def test_no_kind_is_left_unchecked(chain: Chain) -> None:
    assert set(chain) == set(REQUIRED)


def test_amounts_are_whole(chain: Chain) -> None:
    for record in chain["OrderItems"] + chain["Products"]:
        for name in AMOUNTS:
            assert name not in record or set(record[name]) == set(AMOUNT.split())


def test_absent_values_are_left_out(chain: Chain) -> None:
    for kind, records in chain.items():
        assert not [kind for record in records if None in record.values() or "" in record.values()]


def test_ids_are_unique_over_all_kinds(chain: Chain) -> None:
    ids = Counter(record["Id"] for records in chain.values() for record in records)
    assert ids.most_common(1)[0][1] == 1


def test_what_a_record_refers_to_is_there(chain: Chain) -> None:
    ids = {kind: {record["Id"] for record in records} for kind, records in chain.items()}
    for record in chain["Reservations"]:
        assert record["AccountId"] in ids["Customers" if record["AccountType"] == "Customer" else "Companies"]
        assert record["RateId"] in ids["Rates"]
        assert record["BusinessSegmentId"] in ids["BusinessSegments"]
        assert record["ServiceId"] in ids["Services"]
        assert record.get("TravelAgencyId", record.get("PartnerCompanyId")) in ids["Companies"] | {None}
    for record in chain["SourceAssignments"]:
        assert (record["ReservationId"] in ids["Reservations"], record["SourceId"] in ids["Sources"]) == (True, True)
    orders = ids["Reservations"] | ids["ProductServiceOrders"]
    for record in chain["OrderItems"]:
        assert record["ServiceOrderId"] in orders
        assert record["AccountingCategoryId"] in ids["AccountingCategories"]
        assert record.get("BillId") in ids["Bills"] | {None}
    for record in chain["LoyaltyMemberships"] + chain["Companionships"]:
        assert record.get("AccountId", record.get("CustomerId")) in ids["Customers"]


def times(chain: Chain) -> Iterator[tuple[str, str, str]]:
    """Kind, property and time of what happened; plans may lie in the future. Such texts sort as times do."""
    for kind, records in chain.items():
        for record in records:
            gone = record.get("AccountingState") == "Canceled"
            planned = (
                "ScheduledStartUtc",
                "ScheduledEndUtc",
                "StartUtc",
                *(("ConsumedUtc",) if gone else ()),
            )
            for name, value in record.items():
                if name.endswith("Utc") and name not in planned:
                    yield kind, name, value


def test_times_are_whole_seconds_in_utc(chain: Chain) -> None:
    assert not [entry for entry in times(chain) if not TIME.fullmatch(entry[2])]


def test_no_record_time_is_in_the_future(chain: Chain, today: date) -> None:
    assert not [entry for entry in times(chain) if entry[2] >= f"{today}T00:00:00Z"]


def test_the_properties_opened_before_anything_was_recorded(chain: Chain) -> None:
    opened = {record["CreatedUtc"] for record in chain["Enterprises"]}
    assert not [entry for entry in times(chain) if entry[2] < max(opened)]
    born = [entry for entry in times(chain) if entry[1] == "CreatedUtc" and entry[0] != "Enterprises"]
    assert min(moment for _, _, moment in born) > max(opened)


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 6, 30), date(2027, 1, 1)])
def test_no_season_brings_the_last_check_outs_into_the_future(extract: Bookings, day: date) -> None:
    records: Chain = {}
    for kind, record in generate(extract, today=day):
        records.setdefault(kind, []).append(record)
    assert not [entry for entry in times(records) if entry[2] >= f"{day}T00:00:00Z"]


def test_nothing_is_updated_before_it_was_created(chain: Chain) -> None:
    for kind, records in chain.items():
        late = [r for r in records if "CreatedUtc" in r and not r["CreatedUtc"] <= r["UpdatedUtc"]]
        assert not late, kind
    assert not [r for r in chain["OrderItems"] if not r["CreatedUtc"] <= r.get("ClosedUtc", "Z")]


def test_records_without_an_enterprise_say_theirs_in_a_side_key(chain: Chain) -> None:
    ours = {place.enterprise_id for place in PROPERTIES.values()}
    for kind in (
        "Reservations",
        "ProductServiceOrders",
        "Rates",
        "RateGroups",
        "BusinessSegments",
        "Companionships",
        "SourceAssignments",
    ):
        assert {record["_EnterpriseId"] for record in chain[kind]} == ours
    for kind in ("OrderItems", "Bills", "Services", "AccountingCategories", "ExchangeRates"):
        assert {record["EnterpriseId"] for record in chain[kind]} == ours


def test_the_two_properties_are_what_the_constants_say(chain: Chain) -> None:
    places = {record["_Table"]: record for record in chain["Enterprises"]}
    assert list(places) == list(PROPERTIES) == ["wien", "montreal"]
    for table, record in places.items():
        assert (record["Id"], record["ChainId"]) == (PROPERTIES[table].enterprise_id, CHAIN_ID)
    facts = ("TimeZoneIdentifier", "Pricing", "AccountingEditableHistoryInterval", "_Currency")
    assert [places["wien"][fact] for fact in facts] == ["Europe/Vienna", "Gross", "P0M7DT0H0M0S", "EUR"]
    assert [places["montreal"][fact] for fact in facts] == ["America/Toronto", "Net", "P0M3DT0H0M0S", "CAD"]


def test_exchange_rates_go_both_ways_at_both_properties(chain: Chain) -> None:
    pairs = Counter((rate["SourceCurrency"], rate["TargetCurrency"]) for rate in chain["ExchangeRates"])
    assert pairs == {("EUR", "CAD"): 2, ("CAD", "EUR"): 2}


def test_the_ids_of_the_constants_never_change() -> None:
    assert CHAIN_ID == "42cde60f-fd2d-5084-8cdf-0ea669eeb51e"
    assert PROPERTIES["montreal"].enterprise_id == "6b7b9843-bcac-5159-843e-74ac0147f444"


def run(hash_seed: str) -> str:
    environment = {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", RUN], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_two_processes_make_the_same_bytes() -> None:
    first, second = run("1"), run("2")
    assert len(first) == 64
    assert first == second


def test_another_seed_makes_other_guests_with_the_same_reservations(extract: Bookings, today: date) -> None:
    one, two = (list(generate(extract, today=today, seed=seed)) for seed in (1, 2))
    names = [[r["LastName"] for kind, r in entries if kind == "Customers"] for entries in (one, two)]
    stays = [{r["Id"] for kind, r in entries if kind == "Reservations"} for entries in (one, two)]
    assert names[0] != names[1]
    assert stays[0] == stays[1]
