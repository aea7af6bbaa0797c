from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connector.domain.awards import Credit, Kind
from connector.http.client import Client


@pytest.fixture
def credit() -> Credit:
    return Credit(
        key=uuid.UUID("123e4567-e89b-52d3-a456-426655440000"),
        kind=Kind.CREDIT,
        member_number="80085102028",
        miles=5,
        reservation_id="3b2c8f0e-0000-4000-8000-000000000001",
        reservation_number="4711",
        property_id="b2",
        property_keys=("montreal",),
        departed_at=datetime(2026, 11, 1, 15, 30, tzinfo=UTC),
        departure=date(2026, 11, 1),
        currency="CAD",
        value_net=Decimal("100.00"),
        value_gross=Decimal("100.00"),
        composed_at=datetime(2026, 11, 2, 8, 0, tzinfo=UTC),
    )


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    client = Client("https://partner.test", name="The partner")
    yield client
    await client.aclose()
