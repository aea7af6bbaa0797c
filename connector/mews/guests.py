"""Guest profiles of the chain (customers): which changed, which are gone, and single ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from connector.domain.loyalty import Guest
from connector.mews.client import Mews
from connector.mews.pages import Page, everything, parsed
from connector.mews.payloads.guests import guest
from connector.mews.payloads.records import Bad
from connector.mews.times import Interval

_EXTENT: Mapping[str, Any] = {"Extent": {"Customers": True, "Addresses": False}}


@dataclass(frozen=True, slots=True)
class Guests:
    """The guest operations, by way of one token."""

    mews: Mews

    def updated(self, interval: Interval, *, cursor: str | None = None) -> AsyncIterator[Page[Guest]]:
        """Walk the profiles that were updated in the interval, merged ones included: those count as deleted."""
        return self._walk({"UpdatedUtc": interval.body(), "ActivityStates": ["Active", "Deleted"]}, cursor)

    def deleted(
        self,
        interval: Interval,
        *,
        by: Literal["DeletedUtc", "UpdatedUtc"] = "DeletedUtc",
        cursor: str | None = None,
    ) -> AsyncIterator[Page[Guest]]:
        """Walk the profiles that were deleted (or are deleted and were updated) in the interval.

        A merged profile names its target. Whether a merge writes a deletion time is not documented, so
        ``by`` can name the other time.
        """
        return self._walk({by: interval.body(), "ActivityStates": ["Deleted"]}, cursor)

    async def named(self, ids: Sequence[str]) -> tuple[list[Guest], list[Bad]]:
        """Read up to 1000 profiles by their ids, deleted ones included."""
        body = {"CustomerIds": list(ids), "ActivityStates": ["Active", "Deleted"]}
        return await everything(self._walk(body, None))

    def _walk(self, body: Mapping[str, Any], cursor: str | None) -> AsyncIterator[Page[Guest]]:
        of_chain = {"ChainIds": [self.mews.chain_id]} if self.mews.chain_id else {}
        pages = self.mews.pages("customers/getAll", {**body, **_EXTENT, **of_chain}, "Customers", cursor=cursor)
        return parsed(pages, guest, "guest")
