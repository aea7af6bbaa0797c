"""Loyalty programs, tiers and memberships of the chain: reading and writing them.

Any one token of the chain serves them all. A write takes up to 1000 items and is refused whole when one of
them is bad: see ``batches.bisect``. After Lost on a write, read back before deciding: Mews has no idempotency
key. A result lacks what Mews answered unreadably; what was sent and is missing there is to be read back too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from connector.domain.loyalty import Membership, Program, Tier
from connector.errors import Lost
from connector.mews.changes import (
    MembershipAdd,
    MembershipUpdate,
    ProgramAdd,
    ProgramUpdate,
    TierAdd,
    TierUpdate,
)
from connector.mews.client import Mews
from connector.mews.pages import Page, everything, parsed
from connector.mews.payloads import loyalty as payloads
from connector.mews.payloads.records import Bad, Record, parse_each
from connector.mews.times import Interval

T = TypeVar("T")

# The writes that take the ChainId which a portfolio token must send; others are not stated to support one.
_OF_A_CHAIN = frozenset(
    {
        "loyaltyPrograms/add",
        "loyaltyPrograms/update",
        "loyaltyTiers/add",
        "loyaltyMemberships/add",
        "loyaltyMemberships/update",
        "loyaltyMemberships/delete",
    }
)
_ACTIVE: Mapping[str, Any] = {"ActivityStates": ["Active"]}
_DELETED: Mapping[str, Any] = {"ActivityStates": ["Deleted"]}


class Change(Protocol):
    """One item of a write."""

    def body(self) -> dict[str, Any]:
        """Return the item as Mews wants it."""
        ...


@dataclass(frozen=True, slots=True)
class Loyalty:
    """The loyalty operations, by way of one token of the chain."""

    mews: Mews

    async def programs(self) -> tuple[list[Program], list[Bad]]:
        """Read the active programs."""
        of_chain = {"ChainIds": [self.mews.chain_id]} if self.mews.chain_id else {}
        pages = self.mews.pages("loyaltyPrograms/getAll", {**of_chain, **_ACTIVE}, "LoyaltyPrograms")
        return await everything(parsed(pages, payloads.program, "loyalty program"))

    async def tiers(self, program_ids: Sequence[str]) -> tuple[list[Tier], list[Bad]]:
        """Read the active tiers of up to 1000 programs; Mews lists tiers by program only."""
        body = {"LoyaltyProgramIds": list(program_ids), **_ACTIVE}
        pages = self.mews.pages("loyaltyTiers/getAll", body, "LoyaltyTiers")
        return await everything(parsed(pages, payloads.tier, "loyalty tier", parent="LoyaltyProgramId"))

    def memberships(
        self, program_ids: Sequence[str], *, updated: Interval | None = None, cursor: str | None = None
    ) -> AsyncIterator[Page[Membership]]:
        """Walk the active memberships of up to 1000 programs: all, or those updated in the interval."""
        body = {"LoyaltyProgramIds": list(program_ids), **_ACTIVE, **_updated(updated)}
        return self._memberships(body, cursor)

    async def deleted_memberships(
        self, program_ids: Sequence[str], *, updated: Interval | None = None, cursor: str | None = None
    ) -> AsyncIterator[Page[Membership]]:
        """Walk the deleted memberships. Whether a deletion moves the update time is not documented."""
        body = {"LoyaltyProgramIds": list(program_ids), **_DELETED, **_updated(updated)}
        async for page in self._memberships(body, cursor):
            yield replace(page, records=[one._replace(deleted=True) for one in page.records])

    async def memberships_of(
        self, account_ids: Sequence[str], program_ids: Sequence[str]
    ) -> tuple[list[Membership], list[Bad]]:
        """Read back the active memberships of up to 1000 accounts, as after a lost answer."""
        body = {"AccountIds": list(account_ids), "LoyaltyProgramIds": list(program_ids), **_ACTIVE}
        return await everything(self._memberships(body, None))

    async def add_programs(self, items: Sequence[ProgramAdd]) -> list[Program]:
        """Add programs; returns them with their ids."""
        answer = await self._write("loyaltyPrograms/add", "LoyaltyPrograms", items)
        return self._results(answer, "loyaltyPrograms/add", "LoyaltyPrograms", payloads.program)

    async def update_programs(self, items: Sequence[ProgramUpdate]) -> list[Program]:
        """Update programs; returns them as they are now."""
        answer = await self._write("loyaltyPrograms/update", "LoyaltyProgramUpdates", items)
        return self._results(answer, "loyaltyPrograms/update", "LoyaltyPrograms", payloads.program)

    async def delete_programs(self, ids: Sequence[str]) -> None:
        """Delete programs; Mews refuses one with active memberships (403)."""
        await self._send("loyaltyPrograms/delete", {"LoyaltyProgramIds": list(ids)})

    async def add_tiers(self, items: Sequence[TierAdd]) -> list[Tier]:
        """Add tiers; returns them with their ids."""
        answer = await self._write("loyaltyTiers/add", "LoyaltyTiers", items)
        return self._results(answer, "loyaltyTiers/add", "LoyaltyTiers", payloads.tier)

    async def update_tiers(self, items: Sequence[TierUpdate]) -> list[Tier]:
        """Update tiers; returns them as they are now."""
        answer = await self._write("loyaltyTiers/update", "LoyaltyTierUpdates", items)
        return self._results(answer, "loyaltyTiers/update", "LoyaltyTiers", payloads.tier)

    async def delete_tiers(self, ids: Sequence[str]) -> None:
        """Delete tiers. What Mews does with memberships on them is not documented: there must be none."""
        await self._send("loyaltyTiers/delete", {"LoyaltyTierIds": list(ids)})

    async def add_memberships(self, items: Sequence[MembershipAdd]) -> list[Membership]:
        """Add up to 1000 memberships; returns them with their ids, to be matched by account and program."""
        answer = await self._write("loyaltyMemberships/add", "LoyaltyMemberships", items)
        return self._results(answer, "loyaltyMemberships/add", "LoyaltyMemberships", payloads.membership)

    async def update_memberships(self, items: Sequence[MembershipUpdate]) -> list[Membership]:
        """Update up to 1000 memberships; returns them as they are now."""
        answer = await self._write("loyaltyMemberships/update", "LoyaltyMembershipUpdates", items)
        return self._results(answer, "loyaltyMemberships/update", "LoyaltyMemberships", payloads.membership)

    async def delete_memberships(self, ids: Sequence[str]) -> None:
        """Delete up to 1000 memberships."""
        await self._send("loyaltyMemberships/delete", {"LoyaltyMembershipIds": list(ids)})

    def _memberships(self, body: Mapping[str, Any], cursor: str | None) -> AsyncIterator[Page[Membership]]:
        pages = self.mews.pages("loyaltyMemberships/getAll", body, "LoyaltyMemberships", cursor=cursor)
        return parsed(pages, payloads.membership, "loyalty membership", parent="AccountId")

    async def _write(self, operation: str, key: str, items: Sequence[Change]) -> dict[str, Any]:
        return await self._send(operation, {key: [item.body() for item in items]})

    async def _send(self, operation: str, body: Mapping[str, Any]) -> dict[str, Any]:
        chain = self.mews.chain_id if operation in _OF_A_CHAIN else None
        return await self.mews.write(operation, {**body, "ChainId": chain} if chain else body)

    def _results(self, answer: Mapping[str, Any], operation: str, key: str, parser: Callable[[Record], T]) -> list[T]:
        records = answer.get(key)
        if not isinstance(records, list):
            raise Lost(f"{self.mews.named(operation)}: the answer has no list {key}, which was expected")
        return parse_each(records, parser, key)[0]


def _updated(interval: Interval | None) -> dict[str, Any]:
    return {"UpdatedUtc": interval.body()} if interval else {}
