"""The first road from a members database: all of it, then changes only, and nothing when its query breaks off."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.errors import Unfinished
from connector.jobs import scheme
from connector.schemes.sql_query import SqlQuery, SqlRoll
from connector.store import facts
from tests.integration.alignment.hotel import ADD, UPDATE, Hotel, member
from tests.integration.schemes.crm import Crm

QUERY = 'SELECT member_id, number, email, first_name, last_name, tier, miles AS "Miles", changed FROM people'
MORNING, NOON = "2026-11-25 08:00:00", "2026-11-25 12:00:00"


@pytest.fixture
def crm(hotel: Hotel) -> Crm:
    """A database with the members anna and bea, from which the first road comes."""
    made = Crm(f"sqlite:///{hotel.home}/crm.db")
    made.execute("CREATE TABLE people (member_id, number, email, first_name, last_name, tier, miles, changed)")
    columns = ("member_id", "number", "email", "first_name", "last_name", "tier")
    for name in ("anna", "bea"):
        made.add({column: member(name)[column] for column in columns} | {"changed": MORNING})
    hotel.settings(source=SqlQuery(made.url, QUERY, changed_since="changed", full_every=timedelta(hours=24)))
    return made


def promoted(crm: Crm, name: str, changed: str) -> None:
    """Make a member Gold."""
    crm.execute(f"UPDATE people SET tier = 'GOLD', changed = '{changed}' WHERE member_id = 'm-{name}'")


async def test_members_of_a_database_are_members_in_mews(hotel: Hotel, crm: Crm) -> None:
    await hotel.align()
    assert hotel.calls.writes() == {ADD: 1, UPDATE: 1}
    assert {name: hotel.one(name)["Tier"] for name in hotel.held()} == {"anna": "SILVER", "bea": "SILVER"}
    assert hotel.one("anna")["MembershipNumber"] == "N-anna"
    hotel.later()
    await hotel.align()
    assert hotel.calls.writes() == {}
    assert await hotel.cases() == {}


async def test_a_change_is_applied_and_who_is_gone_is_found_by_the_next_full_reading(hotel: Hotel, crm: Crm) -> None:
    await hotel.align()
    crm.execute("DELETE FROM people WHERE member_id = 'm-bea'")
    promoted(crm, "anna", NOON)
    hotel.later()
    await hotel.align()
    assert hotel.calls.writes() == {UPDATE: 1}
    assert (hotel.one("anna")["Tier"], hotel.one("bea")["State"]) == ("GOLD", "Enrolled")
    hotel.later(24 * 3600)
    await hotel.align()
    assert hotel.one("bea")["State"] == "Canceled"
    assert hotel.one("anna")["State"] == "Enrolled"


async def test_between_full_readings_only_what_the_column_tells_is_read(hotel: Hotel, crm: Crm) -> None:
    promoted(crm, "bea", NOON)
    await hotel.align()
    promoted(crm, "anna", MORNING)
    hotel.later()
    await hotel.align()
    assert (hotel.calls.writes(), hotel.one("anna")["Tier"]) == ({}, "SILVER")
    hotel.later(24 * 3600)
    await hotel.align()
    assert hotel.one("anna")["Tier"] == "GOLD"


async def test_a_query_that_breaks_off_applies_nothing(hotel: Hotel, crm: Crm) -> None:
    await hotel.align()
    promoted(crm, "anna", NOON)
    crm.execute("DELETE FROM people WHERE member_id = 'm-bea'")
    crm.execute("INSERT INTO people (member_id, changed) VALUES (CAST(X'6DFF' AS TEXT), NULL)")
    hotel.later(24 * 3600)
    with pytest.raises(Unfinished, match="broke the query off"):
        await hotel.align()
    assert hotel.calls.writes() == {}
    assert (hotel.one("anna")["Tier"], hotel.one("bea")["State"]) == ("SILVER", "Enrolled")
    crm.execute("DELETE FROM people WHERE changed IS NULL")
    await hotel.align()
    assert (hotel.one("anna")["Tier"], hotel.one("bea")["State"]) == ("GOLD", "Canceled")


async def test_another_column_is_another_scheme_and_everything_is_read(hotel: Hotel, crm: Crm) -> None:
    await hotel.align()
    crm.execute("DELETE FROM people WHERE member_id = 'm-bea'")
    query = QUERY.replace("tier", "tier, NULL AS points")
    hotel.settings(source=SqlQuery(crm.url, query, changed_since="changed", full_every=timedelta(hours=24)))
    hotel.later()
    await hotel.align()
    assert hotel.one("bea")["State"] == "Canceled"


async def test_another_query_is_another_scheme_too(hotel: Hotel, crm: Crm) -> None:
    await hotel.align()
    crm.execute("DELETE FROM people WHERE member_id = 'm-bea'")
    query = QUERY.replace(" tier,", " 'GOLD' AS tier,")
    hotel.settings(source=SqlQuery(crm.url, query, changed_since="changed", full_every=timedelta(hours=24)))
    hotel.later()
    await hotel.align()
    assert (hotel.one("anna")["Tier"], hotel.one("bea")["State"]) == ("GOLD", "Canceled")


async def test_another_password_is_the_same_scheme(hotel: Hotel, crm: Crm) -> None:
    roll = await hotel.road.source.verify()
    assert isinstance(roll, SqlRoll)
    assert replace(roll, source=replace(roll.source, password="new")).meaning == roll.meaning


async def test_of_what_a_release_before_kept_everything_is_read_once(hotel: Hotel, crm: Crm) -> None:
    await hotel.align()
    async with hotel.database.write() as connection:
        state = json.loads(await facts.read(connection, scheme.LOADED) or "")
        await facts.write(connection, scheme.LOADED, json.dumps(state | {"kind": "SqlRoll"}))
    for name, expected in (("bea", "Canceled"), ("anna", "Enrolled")):
        crm.execute(f"DELETE FROM people WHERE member_id = 'm-{name}'")
        crm.add({"member_id": f"m-other-{name}", "changed": NOON})
        hotel.later()
        await hotel.align()
        assert hotel.one(name)["State"] == expected


async def test_nothing_of_the_query_or_the_address_is_stored(hotel: Hotel, crm: Crm) -> None:
    await hotel.align()
    ((state,),) = await hotel.rows(f"SELECT value FROM fact WHERE name = '{scheme.LOADED}'")
    assert "people" not in state
    assert "crm.db" not in state


async def test_an_empty_table_applies_nothing(hotel: Hotel, crm: Crm) -> None:
    await hotel.align()
    crm.execute("DELETE FROM people")
    hotel.later(24 * 3600)
    with pytest.raises(Unfinished, match="holds no member"):
        await hotel.align()
    assert hotel.calls.writes() == {}
    assert hotel.one("anna")["State"] == "Enrolled"
