"""The members file of the chain's own scheme."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.bookings import Bookings, members, write_members

Chain = dict[str, list[dict[str, Any]]]
HEADER = "member_id,number,email,first_name,last_name,tier,points,expires_on,state,mews_id"


@pytest.fixture(scope="module")
def rows(bookings: Bookings, today: date) -> list[dict[str, str]]:
    return list(members(bookings, today=today))


@pytest.fixture(scope="module")
def active(chain: Chain) -> list[dict[str, Any]]:
    return [guest for guest in chain["Customers"] if guest["IsActive"]]


def test_rows_have_the_columns_of_the_scheme(rows: list[dict[str, str]], today: date) -> None:
    assert len({row["member_id"] for row in rows}) == len({row["number"] for row in rows}) == len(rows)
    for row in rows:
        assert set(row) == set(HEADER.split(","))
        assert row["tier"] in ("SILVER", "GOLD")
        assert row["points"].isdigit()
        assert date.fromisoformat(row["expires_on"]) > today
        assert row["state"] == "Enrolled"


def test_about_a_quarter_of_the_guests_with_a_usable_address_are_members(
    rows: list[dict[str, str]], active: list[dict[str, Any]]
) -> None:
    usable = [guest for guest in active if "Email" in guest and not guest["HasOtaEmail"]]
    assert 0.19 < len(rows) / len(usable) < 0.30


def test_members_are_found_by_id_by_code_or_by_address(
    rows: list[dict[str, str]], active: list[dict[str, Any]]
) -> None:
    ids = {guest["Id"] for guest in active}
    codes = Counter(guest.get("LoyaltyCode") for guest in active)
    people = Counter((g.get("Email"), g["FirstName"], g["LastName"]) for g in active)
    addresses = {guest.get("Email") for guest in active}
    ways: Counter[str] = Counter()
    for row in rows:
        found = people[row["email"], row["first_name"], row["last_name"]]
        if row["mews_id"]:
            assert row["mews_id"] in ids
            ways["id"] += 1
        elif not row["email"]:
            assert codes[row["number"]]
            ways["code" if codes[row["number"]] == 1 else "two"] += 1
        else:
            assert row["email"] in addresses
            ways[("other name", "address", "two")[found]] += 1
    assert ways["address"] > 0.6 * len(rows)
    assert min(ways["id"], ways["code"], ways["other name"], ways["two"]) > 3


def test_the_demo_has_every_way_too(extract: Bookings, today: date) -> None:
    rows = list(members(extract, today=today))
    assert any(row["mews_id"] for row in rows)
    assert any(not row["email"] and not row["mews_id"] for row in rows)
    assert 40 < len(rows) < 120


def test_members_who_are_no_guests_can_be_added(
    rows: list[dict[str, str]], active: list[dict[str, Any]], bookings: Bookings, today: date
) -> None:
    more = list(islice(members(bookings, today=today, extra=500), len(rows), None))
    assert len(more) == 500
    assert not {row["email"] for row in more if row["email"]} & {guest.get("Email") for guest in active}
    assert not {row["number"] for row in more} & {guest.get("LoyaltyCode") for guest in active}


def test_extra_guests_are_members_too(extract: Bookings, today: date) -> None:
    plain = len(list(members(extract, today=today)))
    more = len(list(members(extract, today=today, guests_extra=1_000)))
    assert 180 < more - plain < 300


def test_the_file_is_utf_8_with_commas(tmp_path: Path, extract: Bookings, today: date) -> None:
    path = tmp_path / "members.csv"
    count = write_members(path, extract, today=today, extra=20)
    text = path.read_bytes().decode("utf-8")
    assert text.splitlines()[0] == HEADER
    with path.open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == list(members(extract, today=today, extra=20))
    assert len(text.splitlines()) == count + 1
