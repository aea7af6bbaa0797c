"""Properties and their static data of Mews in the domain's words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connector.domain.stays import Property
from connector.errors import Skippable
from connector.mews.payloads import properties
from connector.mews.payloads.properties import Configuration, ExchangeRate, Service
from connector.mews.payloads.records import digits

ENTERPRISE: dict[str, Any] = {
    "Id": "e1",
    "ChainId": "chain",
    "Name": "Wien",
    "CreatedUtc": "2020-05-01T00:00:00Z",
    "TimeZoneIdentifier": "Europe/Vienna",
    "AccountingEditableHistoryInterval": "P0M3DT0H0M0S",
    "OperationalEditableHistoryInterval": "P0M7DT0H0M0S",
    "BusinessDayClosingOffset": "P0M0DT3H0M0S",
    "Currencies": [
        {"Currency": "CZK", "IsDefault": False, "IsEnabled": True},
        {"Currency": "EUR", "IsDefault": True, "IsEnabled": True},
    ],
}


def without(record: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key != name}


class TestProperties:
    def test_the_longer_editable_interval_counts(self) -> None:
        read = properties.configuration({"NowUtc": "2026-01-31T10:00:00Z", "Enterprise": ENTERPRISE}, "wien")
        assert read == Configuration(
            property=Property(
                id="e1",
                name="Wien",
                table="wien",
                time_zone="Europe/Vienna",
                currency="EUR",
                editable=timedelta(days=7),
                day_offset=timedelta(hours=3),
            ),
            chain_id="chain",
            now=datetime(2026, 1, 31, 10, tzinfo=UTC),
            created=datetime(2020, 5, 1, tzinfo=UTC),
        )

    @pytest.mark.parametrize(
        "name", ["AccountingEditableHistoryInterval", "OperationalEditableHistoryInterval", "Currencies"]
    )
    def test_a_property_is_not_read_without_the_facts_that_decide(self, name: str) -> None:
        record = {"NowUtc": "2026-01-31T10:00:00Z", "Enterprise": without(ENTERPRISE, name)}
        with pytest.raises(Skippable, match=name):
            properties.configuration(record, "wien")

    def test_a_property_without_an_offset_closes_its_day_at_midnight(self) -> None:
        record = {
            "NowUtc": "2026-01-31T10:00:00Z",
            "Enterprise": without(ENTERPRISE, "BusinessDayClosingOffset"),
        }
        assert properties.configuration(record, "wien").property.day_offset == timedelta(0)

    def test_an_interval_that_is_none_is_named(self) -> None:
        bad = {**ENTERPRISE, "AccountingEditableHistoryInterval": "7 days"}
        with pytest.raises(Skippable, match="AccountingEditableHistoryInterval: '7 days' is no ISO-8601 duration"):
            properties.configuration({"NowUtc": "2026-01-31T10:00:00Z", "Enterprise": bad}, "wien")

    def test_services_and_rates_are_read(self) -> None:
        rate = {
            "EnterpriseId": "e1",
            "SourceCurrency": "EUR",
            "TargetCurrency": "CAD",
            "Value": digits("1.49"),
        }
        assert properties.exchange_rate(rate) == ExchangeRate("e1", "EUR", "CAD", Decimal("1.49"))
        assert properties.service({"Id": "s1", "EnterpriseId": "e1"}) == Service("s1", "e1")
