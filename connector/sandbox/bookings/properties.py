"""The two hotels of the rehearsal chain; the command line prints them, every record refers to them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from .identity import identity, lasting

CHAIN_ID = identity("chain", "alpenglow")
CHAIN_NAME = "Alpenglow Hotels"
RECEPTION = identity("profile", "reception")


@dataclass(frozen=True, slots=True, eq=False)  # each is one of a kind: compared and hashed by identity
class Property:
    """One hotel; ``factor`` turns euros of the bookings into its ``currency``, ``taxes`` are (code, rate)."""

    table: str
    name: str
    city: str
    country: str
    currency: Literal["EUR", "CAD"]
    factor: Decimal
    zone: ZoneInfo
    language: str
    pricing: Literal["Gross", "Net"]
    taxes: tuple[tuple[str, Decimal], ...]
    accounting_interval: str
    operational_interval: str
    closing_offset: str

    @property
    def enterprise_id(self) -> str:
        return self.id("enterprise")

    def id(self, *parts: object) -> str:
        """The id of something that this hotel has one of: ``id("service", "Stay")``."""
        return lasting(self.table, *parts)


WIEN = Property(
    table="wien",
    name="Alpenglow Wien",
    city="Wien",
    country="AT",
    currency="EUR",
    factor=Decimal(1),
    zone=ZoneInfo("Europe/Vienna"),
    language="de-DE",
    pricing="Gross",
    taxes=(("AT-10", Decimal("0.10")),),
    accounting_interval="P0M7DT0H0M0S",
    operational_interval="P0M3DT0H0M0S",
    closing_offset="P0M0DT4H0M0S",
)
MONTREAL = Property(
    table="montreal",
    name="Alpenglow Montréal",
    city="Montréal",
    country="CA",
    currency="CAD",
    factor=Decimal("1.5"),
    zone=ZoneInfo("America/Toronto"),
    language="fr-CA",
    pricing="Net",
    taxes=(("CA-GST", Decimal("0.05")), ("CA-QST", Decimal("0.09975"))),
    accounting_interval="P0M3DT0H0M0S",
    operational_interval="P0M2DT0H0M0S",
    closing_offset="P0M0DT3H0M0S",
)
PROPERTIES: dict[str, Property] = {place.table: place for place in (WIEN, MONTREAL)}


def place_of(booking: int) -> Property:
    """Where the booking of that number is: about three in ten are in Montréal."""
    return MONTREAL if zlib.crc32(b"place:%d" % booking) % 100 < 30 else WIEN
