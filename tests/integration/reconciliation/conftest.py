"""Two hotels, both partners over sockets, and prices for their miles."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.jobs.contracts import Partnership
from connector.partners.uplyft import Form
from tests.integration.earning.books import Counter
from tests.integration.earning.chain import air_miles, miles_and_more
from tests.integration.earning.conftest import at_airmiles, at_uplyft, books, desk, engine

__all__ = ["at_airmiles", "at_uplyft", "books", "desk", "engine"]


@pytest.fixture
def mm(at_uplyft: Counter) -> Partnership:
    """Miles & More, which is told amounts to the cent."""
    channel = at_uplyft.uplyft(form=Form("transaction", "plain", "decimal"))
    return miles_and_more(channel, price_per_mile=Decimal("0.0075"))


@pytest.fixture
def am(at_airmiles: Counter) -> Partnership:
    """AIR MILES."""
    return air_miles(at_airmiles.airmiles(), price_per_mile=Decimal("0.12"))
