"""A file of cases: stays, and the miles that the partner contracts are expected to give for each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, Strict, ValidationError
from pydantic_core import ErrorDetails

from connector.errors import Misconfigured
from connector.settings import faults, toml_file
from connector.settings.keys import Path as Place
from connector.settings.keys import Tables, key, meant
from connector.settings.section import Section
from connector.settings.shape import fields
from connector.settings.values import Count, Currency, PositiveAmount, Text, Texts, TimeZone, fault, shown

_SIGNED = re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII)
_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*case[ \t]*\]\]", re.MULTILINE)


def _signed(value: object) -> Decimal:
    if not isinstance(value, str) or not _SIGNED.fullmatch(value):
        raise fault(f"{shown(value)} is not an amount", 'digits like "20.00" or "-5.00"')
    return Decimal(value)


Signed = Annotated[Decimal, BeforeValidator(_signed)]


class CaseItem(Section):
    """An order item; ``lowers`` is the id of the item that a rebate lowers. Without net (gross) it equals the other.

    ``payer`` is on whose bill it stands, ``paid`` whether that is paid.
    """

    id: Text | None = None
    type: Text = "SpaceOrder"
    gross: Signed | None = None
    net: Signed | None = None
    currency: Currency | None = None
    state: Literal["Open", "Closed", "Inactive", "Canceled"] = "Closed"
    lowers: Text | None = None
    category: Text | None = None
    service: Text | None = None
    revenue_type: Text | None = None
    payer: Literal["guest", "other"] = "guest"
    paid: bool = True


class CaseRate(Section):
    """An exchange rate: one unit of ``from`` is ``rate`` of ``to``."""

    from_: Currency = Field(alias="from")
    to: Currency
    rate: PositiveAmount


class Case(Section):
    """A stay as a hotel tells it, and what it should earn: ``miles`` and perhaps ``reason``, by partner.

    ``opted_in`` are the offers to which the member opted in before the check-out.
    """

    name: Text
    property: Text
    arrival: date
    departure: date
    left: date | None = None
    booked: date | None = None
    decided: date | None = None
    currency: Currency = "EUR"
    time_zone: TimeZone | None = None
    items: Annotated[tuple[CaseItem, ...], Strict(False)] = ()
    rates: Annotated[tuple[CaseRate, ...], Strict(False)] = ()
    member: bool = True
    number: Text | None = None
    tier: Text | None = None
    owner: Literal["Customer", "Company"] = "Customer"
    classifications: Texts = ()
    rate: Text | None = None
    rate_group: Text | None = None
    source: Text | None = None
    segment: Text | None = None
    agency: Text | None = None
    company: Text | None = None
    block: Text | None = None
    origin: Text | None = None
    opted_in: Texts = ()
    miles: dict[Text, Count]
    reason: dict[Text, Text] = Field({})


class _File(Section):
    case: Annotated[tuple[Case, ...], Strict(False), Field(min_length=1)]


def cases(file: Path, partners: frozenset[str]) -> tuple[Case, ...]:
    """Read a file of cases. Raises Misconfigured with a sentence per fault, each with its place."""
    if not file.exists():
        raise Misconfigured(f"{file}: does not exist; expected a file of cases like config/cases.example.toml")
    tables = toml_file.read(file)
    try:
        found = _File.model_validate(tables).case
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise Misconfigured(*(_place(file, one["loc"]) + _sentence(one, tables) for one in details)) from None
    if wrong := [_place(file, place) + text for place, text in _unfit(found, partners)]:
        raise Misconfigured(*wrong)
    return found


def _unfit(found: tuple[Case, ...], partners: frozenset[str]) -> Iterator[tuple[Place, str]]:
    """Yield what no single value can tell."""
    for place, case in enumerate(found):
        if case.departure < case.arrival:
            yield ("case", place, "departure"), f"is before the arrival; expected {case.arrival} or later"
        for number, item in enumerate(case.items):
            if item.gross is None and item.net is None:
                yield ("case", place, "items", number), "has no amount; expected gross, net or both"
        for table in ("miles", "reason"):
            for name in getattr(case, table):
                if name not in partners:
                    yield ("case", place, table, name), _stranger(name, partners)


def _stranger(name: str, partners: frozenset[str]) -> str:
    close = meant(name, sorted(partners))
    hint = f'did you mean "{close}"?' if close else "expected a [partners.NAME] of the configuration"
    return f"is not a partner; {hint}"


def _place(file: Path, place: Place) -> str:
    """Return where a fault is; the line is that where its case begins."""
    begins = [match.start() for match in _HEADER.finditer(file.read_text(encoding="utf-8-sig"))]
    number = place[1] if len(place) > 1 else None
    text = file.read_text(encoding="utf-8-sig")
    known = isinstance(number, int) and number < len(begins)
    line = f"line {text.count(chr(10), 0, begins[number]) + 1}: " if known and isinstance(number, int) else ""
    return f"{file.name}: {line}{key(place)}: "


def _sentence(error: ErrorDetails, tables: Tables) -> str:
    place, kind = error["loc"], error["type"]
    if kind == "missing":
        return "is missing; expected " + ("[[case]]" if place == ("case",) else "a value")
    if kind == "extra_forbidden":
        model = CaseItem if "items" in place else CaseRate if "rates" in place else Case if len(place) > 1 else _File
        close = meant(str(place[-1]), fields(model))
        return f'is not a known key; did you mean "{close}"?' if close else "is not a known key of a case"
    return faults.sentence(place, error, tables)
