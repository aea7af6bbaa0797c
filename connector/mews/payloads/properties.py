"""Properties and their static data (Connector API: configuration, enterprises, services, exchangeRates)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from connector.domain.calendar import duration
from connector.domain.stays import Property
from connector.errors import Skippable
from connector.mews.payloads.names import names
from connector.mews.payloads.records import (
    Record,
    moment,
    number,
    optional_text,
    part,
    text,
)


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
    """A service, the property that it belongs to, and its names in all languages."""

    id: str
    property_id: str
    names: frozenset[str] = frozenset()


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
        editable=max(_interval(enterprise, name) for name in intervals),
        day_offset=_interval(enterprise, "BusinessDayClosingOffset") if offset else timedelta(0),
    )


def _currency(enterprise: Record) -> str:
    listed = enterprise.get("Currencies")
    for currency in listed if isinstance(listed, list) else ():
        if isinstance(currency, dict) and currency.get("IsDefault") is True:
            return text(currency, "Currency")
    raise Skippable("Currencies names no default currency")


def enterprise(record: Record) -> Enterprise:
    """Read an enterprise."""
    return Enterprise(id=text(record, "Id"), chain_id=text(record, "ChainId"), name=text(record, "Name"))


def service(record: Record) -> Service:
    """Read a service."""
    return Service(id=text(record, "Id"), property_id=text(record, "EnterpriseId"), names=names(record))


def exchange_rate(record: Record) -> ExchangeRate:
    """Read an exchange rate."""
    return ExchangeRate(
        property_id=text(record, "EnterpriseId"),
        source=text(record, "SourceCurrency"),
        target=text(record, "TargetCurrency"),
        value=number(record, "Value"),
    )


def _interval(enterprise: Record, name: str) -> timedelta:
    try:
        return duration(text(enterprise, name))
    except Skippable as fault:
        raise Skippable(f"{name}: {fault}") from None
