"""The daemon as a whole: a check-out is credited because Mews said so, long before its schedule comes."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from connector.bootstrap import application
from connector.daemon import serve
from connector.jobs import hints
from connector.sandbox.credentials import environment
from connector.sandbox.mews.events import PATH
from connector.settings import load
from tests.integration.earning.books import Books, Counter
from tests.integration.earning.chain import CHECK_OUT, MEMBER, MM
from tests.integration.earning.front_desk import present_desk
from tests.integration.events.listeners import until

TEXT = """
[chain]
name = "Alpenglow Hotels"
time_zone = "Europe/Vienna"
[mews]
platform_address = "{mews}"
websocket = true
websocket_address = "{socket}"
[mews.properties.wien]
[mews.properties.montreal]
[[programs]]
code = "MM"
name = "Miles & More"
type = "ExternalPartner"
subscription = "Free"
[partners.miles_and_more]
program = "MM"
channel = "uplyft"
endpoint = "{uplyft}"
mode = "live"
start = {start}
daily_ceiling = 100000
hold = "none"
[[partners.miles_and_more.earn]]
basis = "spend"
miles = 1
currency = "EUR"
[schedule]
align = "1h"
stays = "1h"
deliver = "1h"
[database]
url = "{database}"
[privacy]
"""


async def test_a_check_out_is_credited_within_seconds_of_what_mews_says(
    database_url: str, tmp_path: Path, at_uplyft: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hints, "PAUSE", timedelta(0))
    secrets = {name: value for name, value in environment().items() if "AIR_MILES" not in name}
    async with present_desk(tmp_path) as desk:
        desk.member()
        desk.stay(State="Started")
        desk.charge("i1", 200)
        addresses = {"mews": desk.url, "socket": desk.url.replace("http", "ws", 1) + PATH, "uplyft": at_uplyft.url}
        start = (CHECK_OUT - timedelta(days=3)).date()
        file = tmp_path / "connector.toml"
        file.write_text(TEXT.format(**addresses, start=start, database=database_url), encoding="utf-8")
        async with application(load(file, secrets | {"LOYALTY_PRIVACY__HASH_KEY": "geheim"}), works=True) as app:
            daemon, books = asyncio.create_task(serve(app)), Books(app.database)
            await until(lambda: len(desk.events.ears) == 2)
            await until(lambda: books.rows("SELECT 1 FROM reservation WHERE state = 'Started'"))
            assert await books.decisions(MM) == {}
            desk.edit("Reservations", "r1", State="Processed")
            await until(at_uplyft.given)
            os.kill(os.getpid(), signal.SIGTERM)
            async with asyncio.timeout(10):
                await daemon
    assert at_uplyft.given() == [(MEMBER, 220)]


async def test_a_token_that_mews_does_not_accept_is_tried_again_with_other_settings(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = {name: value for name, value in environment().items() if "AIR_MILES" not in name}
    secrets["LOYALTY_PRIVACY__HASH_KEY"] = "geheim"
    wrong = secrets | {"LOYALTY_MEWS__PROPERTIES__WIEN__ACCESS_TOKEN": "no such token"}
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    async with present_desk(tmp_path) as desk:
        addresses = {"mews": desk.url, "socket": desk.url.replace("http", "ws", 1) + PATH, "uplyft": desk.url}
        file = tmp_path / "connector.toml"
        file.write_text(TEXT.format(**addresses, start=CHECK_OUT.date(), database=database_url), encoding="utf-8")
        async with application(load(file, wrong), works=True) as app:
            daemon = asyncio.create_task(serve(app))
            await until(lambda: len(desk.events.ears) == 1)
            first = set(desk.events.ears)
            os.kill(os.getpid(), signal.SIGHUP)
            await until(lambda: len(desk.events.ears) == 2 and desk.events.ears.isdisjoint(first))
            os.kill(os.getpid(), signal.SIGTERM)
            async with asyncio.timeout(10):
                await daemon
