"""Properties and their static data (Connector API: configuration, enterprises, services, exchangeRates)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from connector.domain.stays import Property
from connector.errors import Skippable
from connector.mews.payloads.records import (
    Record,
    moment,
    number,
    optional_text,
    part,
    text,
)

_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)(?:\.\d+)?S)?)?"
)
# A window that must be over is better too long than too short.
_DAYS_OF_A_YEAR, _DAYS_OF_A_MONTH = 366, 31


@dataclass(frozen=True, slots=True)
class Enterprise:
    """A property that the token sees."""

    id: str
    chain_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Configuration:
    """A property and the facts around it: ``now`` is Mews's clock, ``created`` when the property began."""

    property: Property
    chain_id: str
    now: datetime
    created: datetime


@dataclass(frozen=True, slots=True)
class Service:
    """A service and the property that it belongs to."""

    id: str
    property_id: str


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """One unit of ``source`` is ``value`` of ``target``, today, at that property."""

    property_id: str
    source: str
    target: str
    value: Decimal


def configuration(record: Record, table: str) -> Configuration:
    """Read a configuration; ``table`` is the settings table of the token."""
    enterprise = part(record, "Enterprise")
    return Configuration(
        property=_property(enterprise, table),
        chain_id=text(enterprise, "ChainId"),
        now=moment(record, "NowUtc"),
        created=moment(enterprise, "CreatedUtc"),
    )


def _property(enterprise: Record, table: str) -> Property:
    """Both intervals must be there; the longer one counts, for until then the folio may change."""
    intervals = ("AccountingEditableHistoryInterval", "OperationalEditableHistoryInterval")
    offset = optional_text(enterprise, "BusinessDayClosingOffset")
    return Property(
        id=text(enterprise, "Id"),
        name=text(enterprise, "Name"),
        table=table,
        time_zone=text(enterprise, "TimeZoneIdentifier"),
        currency=_currency(enterprise),
        editable=max(duration(text(enterprise, name), name) for name in intervals),
        day_offset=duration(offset, "BusinessDayClosingOffset") if offset else timedelta(0),
    )


def _currency(enterprise: Record) -> str:
    for currency in enterprise.get("Currencies") or []:
        if isinstance(currency, dict) and currency.get("IsDefault") is True:
            return text(currency, "Currency")
    raise Skippable("Currencies names no default currency")


def enterprise(record: Record) -> Enterprise:
    """Read an enterprise."""
    return Enterprise(id=text(record, "Id"), chain_id=text(record, "ChainId"), name=text(record, "Name"))


def service(record: Record) -> Service:
    """Read a service."""
    return Service(id=text(record, "Id"), property_id=text(record, "EnterpriseId"))


def exchange_rate(record: Record) -> ExchangeRate:
    """Read an exchange rate."""
    return ExchangeRate(
        property_id=text(record, "EnterpriseId"),
        source=text(record, "SourceCurrency"),
        target=text(record, "TargetCurrency"),
        value=number(record, "Value"),
    )


def duration(written: str, name: str) -> timedelta:
    """Read an ISO-8601 duration such as P0M7DT0H0M0S; a month counts 31 days, a year 366."""
    match = _DURATION.fullmatch(written)
    if match is None or written.endswith(("P", "T")):
        raise Skippable(f"{name} is not readable, an ISO-8601 duration was expected")
    amount = {unit: int(value or 0) for unit, value in match.groupdict().items() if unit != "sign"}
    days = amount["years"] * _DAYS_OF_A_YEAR + amount["months"] * _DAYS_OF_A_MONTH + amount["days"]
    length = timedelta(
        weeks=amount["weeks"],
        days=days,
        hours=amount["hours"],
        minutes=amount["minutes"],
        seconds=amount["seconds"],
    )
    return -length if match["sign"] else length
