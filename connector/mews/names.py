"""What has a name in Mews, listed in full, the deleted ones too: a stay may be booked by a rate of yesterday."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from connector.domain.names import Kind, Named
from connector.errors import Skippable
from connector.mews.client import Mews
from connector.mews.pages import LARGEST, everything, parsed
from connector.mews.payloads.names import named
from connector.mews.payloads.records import Record, optional_text, text

_EVERY = {"ActivityStates": ["Active", "Deleted"]}
_OPERATIONS: Mapping[Kind, tuple[str, str]] = {
    Kind.RATE: ("rates/getAll", "Rates"),
    Kind.RATE_GROUP: ("rateGroups/getAll", "RateGroups"),
    Kind.SEGMENT: ("businessSegments/getAll", "BusinessSegments"),
    Kind.CATEGORY: ("accountingCategories/getAll", "AccountingCategories"),
    Kind.SOURCE: ("sources/getAll", "Sources"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """The lists of what has a name, by way of one token; services are listed with the properties.

    ``property_of`` tells the property of a service, None of one that is not this token's: rates, their groups and
    segments name only that. Sources belong to no property.
    """

    mews: Mews
    property_of: Callable[[str], str | None]

    async def of(self, kind: Kind, service_ids: Sequence[str]) -> list[Named]:
        """List one kind; a record that cannot be read has no name. Mews lists rates by their services."""
        found: list[Named] = []
        for body in self._bodies(kind, service_ids):
            operation, key = _OPERATIONS[kind]
            pages = self.mews.pages(operation, body, key)
            good, _bad = await everything(parsed(pages, partial(self._named, kind), kind))
            found += good
        return found

    @staticmethod
    def _bodies(kind: Kind, service_ids: Sequence[str]) -> list[dict[str, Any]]:
        if kind is Kind.SOURCE:
            return [{}]
        if kind is not Kind.RATE:
            return [_EVERY]
        pages = range(0, len(service_ids), LARGEST)
        return [{"ServiceIds": list(service_ids[start : start + LARGEST]), **_EVERY} for start in pages]

    def _named(self, kind: Kind, record: Record) -> Named:
        property_id = optional_text(record, "EnterpriseId")
        if kind is not Kind.SOURCE and property_id is None:
            property_id = self.property_of(optional_text(record, "ServiceId") or "")
            if property_id is None:
                raise Skippable("it belongs to no service that is known")
        return named(record, kind, property_id or "")


async def companies(mews: Mews, ids: Sequence[str]) -> set[str]:
    """Return which of up to 1000 ids are of companies; their names, which may be a person's, are not looked at."""
    pages = mews.pages("companies/getAll", {"Ids": list(ids), **_EVERY}, "Companies")
    found, _bad = await everything(parsed(pages, partial(text, name="Id"), "company"))
    return set(found)
