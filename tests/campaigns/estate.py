"""A chain of many hotels: copies of the two that the bookings have, with ids of their own."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connector.sandbox.mews.state import State
from connector.sandbox.mews.tokens import access_token

CANADIAN = 4  # of so many hotels one is a copy of the one in Montréal
_DIRECTORY = (
    "Enterprises",
    "Services",
    "RateGroups",
    "Rates",
    "BusinessSegments",
    "Products",
    "AccountingCategories",
    "ExchangeRates",
)


@dataclass(frozen=True, slots=True)
class Hotel:
    """A property by its table of the configuration; ``ids`` turn those of the hotel ``of`` into its own."""

    table: str
    of: str
    enterprise: str
    ids: Mapping[str, str]

    @property
    def variable(self) -> tuple[str, str]:
        """The environment variable of its access token."""
        return f"LOYALTY_MEWS__PROPERTIES__{self.table.upper()}__ACCESS_TOKEN", access_token(self.table)

    def own(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record of the hotel that this one is a copy of, as this one would have it."""
        text = json.dumps(record)
        for theirs, ours in self.ids.items():
            text = text.replace(theirs, ours)
        copied: dict[str, Any] = json.loads(text)
        return copied


def open_hotels(state: Path, count: int) -> list[Hotel]:
    """Bring a loaded chain, which no server uses, to so many hotels; return them all."""
    with closing(State(state / "mews.db")) as mews:
        directory = [(kind, each.whole()) for kind in _DIRECTORY for each in mews.every(kind)]
        first = {each["_Table"]: each["Id"] for kind, each in directory if kind == "Enterprises"}
        hotels = [Hotel(table, table, enterprise, {}) for table, enterprise in first.items()]
        for number in range(len(hotels), count):
            of = "montreal" if number % CANADIAN == 0 else "wien"
            hotel = _hotel(f"house_{number + 1:02}", of, first[of], directory)
            mews.load((kind, _named(hotel, record)) for kind, record in _of(first[of], directory))
            hotels.append(hotel)
    return hotels


def _hotel(table: str, of: str, enterprise: str, directory: list[tuple[str, dict[str, Any]]]) -> Hotel:
    theirs = [record["Id"] for _, record in _of(enterprise, directory)]
    ids = {each: str(uuid.uuid5(uuid.UUID(each), table)) for each in theirs}
    return Hotel(table, of, ids[enterprise], ids)


def _of(enterprise: str, directory: list[tuple[str, dict[str, Any]]]) -> Iterator[tuple[str, dict[str, Any]]]:
    services = {each["Id"] for kind, each in directory if kind == "Services" and each["EnterpriseId"] == enterprise}
    for kind, record in directory:
        owners = {record["Id"], record.get("EnterpriseId"), record.get("_EnterpriseId")}
        if enterprise in owners or record.get("ServiceId") in services:
            yield kind, record


def _named(hotel: Hotel, record: Mapping[str, Any]) -> dict[str, Any]:
    own = hotel.own(record)
    return own | {"_Table": hotel.table, "Name": hotel.table} if "_Table" in own else own
