"""The settings of an AIR MILES partner, as its channel takes them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from connector.bootstrap.partners import partnerships
from connector.bootstrap.parts import Parts
from connector.partners.airmiles import AirMiles, History
from connector.settings import Settings
from connector.store.engine import Database
from tests.unit.settings.settings_files import AIR, SMALL, Files


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
        ('sponsor_codes = "SBOX"', 'sponsor_codes: "SBOX" is not a list'),
    ],
)
def test_words_that_nobody_knows_are_faults(files: Files, line: str, fault: str) -> None:
    (found,) = files.faults(with_lines(line))
    assert f"partners.air.{fault}" in found
