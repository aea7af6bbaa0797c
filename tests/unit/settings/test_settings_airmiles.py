"""The settings of an AIR MILES partner, as its channel takes them."""

from __future__ import annotations

import json
import uuid
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path

import pytest

from connector.bootstrap.partners import partnerships
from connector.bootstrap.parts import Parts
from connector.domain.awards import Credit, Kind
from connector.partners.airmiles import AirMiles, History
from connector.settings import Settings
from connector.store.engine import Database
from tests.integration.store import makers
from tests.unit.settings.settings_files import AIR, SMALL, Files


@pytest.fixture
def credit() -> Credit:
    """A reversal of miles given in Vienna."""
    return makers.credit(
        uuid.UUID(int=2), Kind.REVERSAL, reverses=uuid.UUID(int=1), taxes=(), value_gross=Decimal("90.91")
    )


def with_lines(*lines: str) -> str:
    """Return a configuration with further lines in its partner's table."""
    head, rule = AIR.split("[[", 1)
    return SMALL + head + "".join(f"{line}\n" for line in lines) + "[[" + rule


async def channel_of(settings: Settings, folder: Path) -> AirMiles:
    database = Database(f"sqlite:///{folder}/connector.db")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.aclose)
        (partnership,) = partnerships(Parts(settings, database, stack))
        assert isinstance(partnership.channel, AirMiles)
        return partnership.channel


async def test_the_history_is_the_books_where_sponsor_codes_are_told(files: Files, tmp_path: Path) -> None:
    assert (await channel_of(files.load(with_lines()), tmp_path)).books is None
    told = with_lines(
        'sponsor_codes = ["SBOX"]', 'transaction_zone = "America/Toronto"', 'transaction_date = "receipt"'
    )
    assert isinstance((await channel_of(files.load(told), tmp_path)).books, History)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('transaction_zone = "Europe/Vienna"', 'transaction_zone: "Europe/Vienna" is not one of the words'),
        ('transaction_date = "payment"', 'transaction_date: "payment" is not one of the words'),
        ('token_request = "xml"', 'token_request: "xml" is not one of the words'),
        ('reverse_sign = "minus"', 'reverse_sign: "minus" is not one of the words'),
        ('sponsor_codes = "SBOX"', 'sponsor_codes: "SBOX" is not a list'),
    ],
)
def test_words_that_nobody_knows_are_faults(files: Files, line: str, fault: str) -> None:
    (found,) = files.faults(with_lines(line))
    assert f"partners.air.{fault}" in found


async def test_what_the_partner_wants_reaches_the_channel(files: Files, tmp_path: Path, credit: Credit) -> None:
    told = with_lines(
        'location_codes = { wien = "0001" }',
        'offer_ids = { STANDARD = "22" }',
        'offer_id_format = "number"',
        'device_id = "POS1"',
        'extra = { sponsorCode = "ABCD", version = 3 }',
        'reverse_sign = "negative"',
        'reverse_id = "credit"',
        'reverse_credit_field = "original"',
        'maintenance_pause = "20m"',
    )
    channel = await channel_of(files.load(told), tmp_path)
    body = json.loads(channel.compose(credit).content)
    assert body["checkoutTransactionId"] == body["original"] == str(credit.reverses)
    assert (body["deviceId"], body["sponsorCode"], body["version"]) == ("POS1", "ABCD", 3)
    (issuance,) = body["issuances"]
    assert (issuance["milesAmount"], issuance["offerId"]) == (-100, 22)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (
            'extra = { issuances = "x" }',
            'extra.issuances: "issuances" is a field that every request has already; expected another name',
        ),
        ('reverse_credit_field = "items"', 'reverse_credit_field: "items" is a field that every request has already'),
        ('event_time_field = "context"', 'event_time_field: "context" is a field that every request has already'),
        (
            'offer_id_format = "number"\noffer_ids = { STANDARD = "A1" }',
            'offer_ids.STANDARD: "A1" is no number, as offer_id_format = "number" wants it; expected digits',
        ),
        ("extra = { flag = true }", "extra.flag: true is neither a text nor a whole number; expected one of these"),
        ('extra = "x"', 'extra: "x" is not a table'),
    ],
)
def test_what_does_not_fit_is_a_fault(files: Files, line: str, fault: str) -> None:
    (found,) = files.faults(with_lines(line))
    assert f"partners.air.{fault}" in found
