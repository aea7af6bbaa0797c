"""The first road from a members API: all of it, then changes only, and nothing when it breaks off."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.errors import ConnectorError, Unfinished
from connector.http.auth import ClientCredentials
from connector.sandbox.mews.tokens import ACCESS_TOKENS
from connector.schemes.address import Address
from connector.store.engine import Database
from connector.telemetry import redact
from tests.integration.alignment.hotel import ADD, SET_UP, UPDATE, Hotel, guest, member, membership, opened
from tests.integration.alignment.test_alignment_commands import CONFIGURATION, Desk, sentence
from tests.integration.schemes.members_api import BY_CURSOR, BY_PAGE, TOKEN, MembersApi
from tests.unit.http.memory import START

NAMES = ("anna", "bea", "carl")
DAY = timedelta(hours=24)
OF_EVERYBODY = [{"status": "active", "limit": "2", "page": str(page)} for page in (1, 2)]
API = """
kind = "http"
url = "{members}/api/members"
auth = "oauth2"
token_endpoint = "{members}/login/token"
members = "data"
paging = "link"
page_size = 2
total = "meta.total"
fields = {{ member_id = "member_id", number = "number", email = "email", first_name = "first_name", \
last_name = "last_name", tier = "tier" }}
"""
ENROL_LINES = """
[scheme.enrol]
url = "MEMBERS/api/enrolments"
fields = { reference = "ref", email = "person.email", first_name = "person.first", last_name = "person.last" }
constants = { "hotel.chain" = "Alpenglow" }
reference_header = "Idempotency-Key"
answer = "member"
"""
LOGIN = {"LOYALTY_SCHEME__CLIENT_ID": "members", "LOYALTY_SCHEME__CLIENT_SECRET": "geheim-login"}


@pytest.fixture
async def api(hotel: Hotel) -> AsyncIterator[MembersApi]:
    """An API with members for all guests, from which the first road comes; it has the hotel's clock."""
    made = MembersApi(rows=[{**member(name), "changed": at(-3600)} for name in NAMES], now=hotel.clock.now)
    async with made.serving():
        hotel.settings(source=made.source(BY_PAGE, clock=hotel.clock, changed_since="since", full_every=DAY))
        yield made


def at(seconds: float) -> str:
    """The moment so long after the hotel's clock began."""
    return (START + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def change(api: MembersApi, name: str, changed: float, **fields: str) -> None:
    """Change a member at a moment of the hotel's clock."""
    (row,) = [row for row in api.rows if row["member_id"] == f"m-{name}"]
    row.update(fields, changed=at(changed))


def leave(api: MembersApi, name: str) -> None:
    api.rows = [row for row in api.rows if row["member_id"] != f"m-{name}"]


async def refused(hotel: Hotel) -> ConnectorError:
    """What ends a pass that writes nothing."""
    with pytest.raises(ConnectorError) as caught:
        await hotel.align()
    assert hotel.calls.writes() == {}
    return caught.value


async def test_everybody_first_then_changes_and_a_day_later_who_is_gone(hotel: Hotel, api: MembersApi) -> None:
    await hotel.align()
    assert api.requests() == OF_EVERYBODY
    assert hotel.calls.writes() == {ADD: 1, UPDATE: 1}
    assert {name: hotel.one(name)["Tier"] for name in hotel.held()} == dict.fromkeys(NAMES, "SILVER")

    hotel.later(60)
    await hotel.align()
    assert api.requests() == [{"status": "active", "since": at(-300), "limit": "2", "page": "1"}]
    assert hotel.calls.writes() == {}

    change(api, "anna", 90, tier="GOLD")
    leave(api, "bea")
    hotel.later(60)
    await hotel.align()
    assert api.requests() == [{"status": "active", "since": at(60 - 300), "limit": "2", "page": "1"}]
    assert hotel.calls.writes() == {UPDATE: 1}
    assert (hotel.one("anna")["Tier"], hotel.one("bea")["State"]) == ("GOLD", "Enrolled")

    hotel.later(24 * 3600)
    await hotel.align()
    assert api.requests() == OF_EVERYBODY[:1]
    assert (hotel.one("bea")["State"], hotel.one("carl")["State"]) == ("Canceled", "Enrolled")
    assert await hotel.cases() == {}


@pytest.mark.parametrize("effect", ["drop", "garbage", "status"])
async def test_an_api_that_is_down_changes_nothing_and_the_next_pass_heals(
    hotel: Hotel, api: MembersApi, effect: str
) -> None:
    await hotel.align()
    change(api, "anna", 30, tier="GOLD")
    hotel.later(60)
    api.fault(effect, times=5)
    assert isinstance(await refused(hotel), Unfinished)
    api.requests()
    hotel.later(60)
    await hotel.align()
    assert api.requests() == [{"status": "active", "since": at(-300), "limit": "2", "page": "1"}]
    assert hotel.one("anna")["Tier"] == "GOLD"


@pytest.mark.parametrize("later", [60, 24 * 3600])
async def test_a_reading_that_breaks_off_in_the_middle_changes_nothing(
    hotel: Hotel, api: MembersApi, later: float
) -> None:
    await hotel.align()
    for name in NAMES:
        change(api, name, 30, tier="GOLD")
    hotel.later(later)
    api.fault("drop", after=1, times=5)
    assert "(page 2)" in str(await refused(hotel))
    assert {hotel.one(name)["Tier"] for name in NAMES} == {"SILVER"}
    await hotel.align()
    assert {hotel.one(name)["Tier"] for name in NAMES} == {"GOLD"}
    assert {hotel.one(name)["State"] for name in NAMES} == {"Enrolled"}


async def test_a_total_that_is_not_reached_removes_nobody(hotel: Hotel, api: MembersApi) -> None:
    await hotel.align()
    leave(api, "bea")
    api.told = 3
    hotel.later(24 * 3600)
    assert "told 3 members and gave 2" in str(await refused(hotel))
    assert hotel.one("bea")["State"] == "Enrolled"
    api.told = None
    await hotel.align()
    assert hotel.one("bea")["State"] == "Canceled"


async def test_an_api_that_lists_nobody_removes_nobody(hotel: Hotel, api: MembersApi) -> None:
    await hotel.align()
    api.rows.clear()
    hotel.later(24 * 3600)
    assert "it holds no member" in str(await refused(hotel))
    assert {hotel.one(name)["State"] for name in NAMES} == {"Enrolled"}


async def test_another_field_is_another_scheme_and_everybody_is_read(hotel: Hotel, api: MembersApi) -> None:
    await hotel.align()
    api.requests()
    fields = ("member_id", "email", "first_name", "last_name", "tier")
    hotel.settings(source=api.source(fields=fields, clock=hotel.clock, changed_since="since", full_every=DAY))
    hotel.later()
    await hotel.align()
    assert api.requests() == OF_EVERYBODY


@pytest.mark.parametrize("changed", ["path", "parameter"])
async def test_other_paths_and_parameters_are_another_scheme_too(hotel: Hotel, api: MembersApi, changed: str) -> None:
    source = api.source(clock=hotel.clock, changed_since="since", full_every=DAY)
    listing = source.listing
    if changed == "path":
        source = replace(source, fields={**source.fields, "tier": "email"})
    else:
        address = Address(listing.address.url, {"status": "all"})
        source = replace(source, listing=replace(listing, address=address))
    await hotel.align()
    hotel.settings(source=source)
    for expected in (True, False):
        api.requests()
        hotel.later()
        await hotel.align()
        assert all("since" not in request for request in api.requests()) is expected


async def test_a_bad_record_is_a_case_and_its_member_stays(hotel: Hotel, api: MembersApi) -> None:
    await hotel.align()
    change(api, "anna", 30, points="many")
    hotel.later(24 * 3600)
    await hotel.align()
    assert [reason for _, reason in await hotel.cases()] == ["bad_line"]
    assert (hotel.one("anna")["State"], hotel.one("anna")["Points"]) == ("Enrolled", 10)


async def test_a_token_that_ends_in_the_middle_costs_one_request_more(hotel: Hotel, api: MembersApi) -> None:
    api.bearers = set()
    api.turned = lambda page: api.log_out() if page == 1 and api.grants == 1 else None
    credentials = ClientCredentials(f"{api.url}{TOKEN}", "members", "geheim-login", clock=hotel.clock)
    hotel.settings(source=api.source(BY_CURSOR, auth=credentials, clock=hotel.clock))
    await hotel.align()
    assert (api.grants, len(api.requests())) == (2, 3)  # the second page is asked for twice
    assert sorted(hotel.held()) == sorted(NAMES)
    for secret in ("geheim-login", "token-number-1", "token-number-2"):
        redact.forget(secret)


async def test_from_the_settings_to_mews_and_an_outage_is_one_sentence_and_exit_4(
    tmp_path: Path, database: Database
) -> None:
    api = MembersApi(rows=[member(name) for name in NAMES])
    async with opened(tmp_path, database, *SET_UP, *map(guest, NAMES)) as hotel, api.serving():
        lines = API.format(members=api.url).replace("{", "{{").replace("}", "}}")
        configuration = CONFIGURATION.replace('path = "members.csv"', lines)
        desk = Desk(hotel, dict(ACCESS_TOKENS), configuration, LOGIN)
        first = await desk.sync("--json")
        assert (first.code, first.errors) == (0, "")
        assert sorted(hotel.held()) == sorted(NAMES)
        leave(api, "bea")
        api.fault("status", status=503, headers={"Retry-After": "900"}, times=None)
        done = await desk.sync()
        assert (done.code, hotel.calls.writes()) == (4, {})
        assert sentence(done).endswith(
            "scheme: API at 127.0.0.1 (page 1) answered 503; expected all members, so nothing of it was applied."
        )
        api.faults.clear()
        assert json.loads((await desk.run("plan", "--json")).output)["counts"] == {"cancel_membership": 1}


async def test_from_the_settings_a_guest_who_asks_to_join_becomes_a_member(tmp_path: Path, database: Database) -> None:
    api = MembersApi(rows=[{**member("anna"), "state": "Enrolled"}])
    asks = membership("ms-bea", "bea", State="New")
    async with opened(tmp_path, database, *SET_UP, *map(guest, NAMES), asks) as hotel, api.serving():
        lines = API.format(members=api.url).replace('tier = "tier" }', 'tier = "tier", state = "state" }')
        lines += ENROL_LINES.replace("MEMBERS", api.url)
        configuration = CONFIGURATION.replace('path = "members.csv"', lines.replace("{", "{{").replace("}", "}}"))
        desk = Desk(hotel, dict(ACCESS_TOKENS), configuration, LOGIN)
        assert [(await desk.sync()).code for _ in range(2)] == [0, 0]
        assert (hotel.one("bea")["State"], hotel.one("bea")["MembershipNumber"]) == ("Enrolled", "E-1")
    sent = {"ref": "ms-bea", "person": {"email": "mail.bea@guests.example", "first": "Franzibea", "last": "Bergerbea"}}
    assert api.applied == [{**sent, "hotel": {"chain": "Alpenglow"}}]
