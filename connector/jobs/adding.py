"""Adding memberships to one program, none of them twice.

Before each add an intent is stored. After a lost answer the guests with an open intent are read back, and one is
added again only when Mews has had ``visibility`` to show the first attempt and shows nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isqrt
from typing import Any

from connector.domain.changes import Add
from connector.domain.loyalty import Membership
from connector.errors import Conflict, ConnectorError, Lost
from connector.jobs import memberships
from connector.jobs.applied import Applied
from connector.jobs.chain import Chain
from connector.mews.answers import Failing
from connector.mews.batches import LARGEST, write
from connector.mews.changes import MembershipAdd
from connector.mews.loyalty import Loyalty
from connector.mews.payloads.records import Bad
from connector.store import alignment as store
from connector.store import loyalty as mirror
from connector.store.rows import batches

_LATER = datetime.max.replace(tzinfo=UTC)
_FEW = 8  # adds that are tried one by one
_OUTAGE = 3  # parts that fail: then it is not about them


@dataclass(slots=True)
class Adder:
    """Collects memberships to add to a program and writes them in full batches."""

    chain: Chain
    program_id: str
    applied: Applied
    _adds: list[Add] = field(default_factory=list)

    async def take(self, add: Add) -> None:
        """Take one; write when a batch is full."""
        self._adds.append(add)
        if len(self._adds) >= self.chain.batch.items:
            await self.finish()

    async def finish(self) -> None:
        """Write what was taken."""
        batch, self._adds = self._adds, []
        fresh, again = await self._without_doubt(batch)
        failures: list[tuple[Sequence[Add], Failing]] = []
        before = self.applied.written
        for part in filter(None, [fresh, *_apart(again)]):
            try:
                await self._write(part)
            except Failing as failure:
                failures.append((part, failure))
                if len(failures) >= _OUTAGE and self.applied.written == before:
                    raise
        # an intent stays: Mews may have done what it answers 500 to
        alone = [(part[0], failure) for part, failure in failures if part is not fresh and len(part) == 1]
        await self.applied.suspend(self.chain, alone)
        if len(alone) < len(failures):
            raise failures[0][1]

    async def _write(self, ready: Sequence[Add]) -> None:
        now = self.chain.clock.now()
        async with self.chain.database.write() as connection:
            await store.intend(connection, self.program_id, {a.account_id: a.member_id for a in ready}, now)
        try:
            isolate = (Conflict,) if len(ready) > 1 else ()
            settled = await write(ready, self._send_adds, self.chain.batch, isolate)
        except ConnectorError as error:
            if not isinstance(error, Lost):
                await self._without_effect(ready)
            raise
        refused = [*settled.refused, *settled.failed]
        await self.applied.suspend(self.chain, refused)
        await self._without_effect([a for a, _ in refused])

    async def _without_effect(self, adds: Sequence[Add]) -> None:
        """Take back the intents of adds that Mews said it did not do."""
        async with self.chain.database.write() as connection:
            await store.fulfil(connection, self.program_id, [a.account_id for a in adds])

    async def _without_doubt(self, batch: Sequence[Add]) -> tuple[list[Add], list[Add]]:
        """Return the adds that cannot be made twice: no open intent, and one old enough and not to be seen in Mews.

        Those that Mews does show are taken into the mirror instead.
        """
        async with self.chain.database.read() as connection:
            open_intents = await store.intents(connection, self.program_id)
        doubtful = [a.account_id for a in batch if a.account_id in open_intents]
        present = await read_back(self.chain, self.program_id, doubtful)
        visible_before = self.chain.clock.now() - self.chain.visibility
        fresh = [a for a in batch if a.account_id not in open_intents]
        again = [
            a for a in batch if a.account_id not in present and open_intents.get(a.account_id, _LATER) <= visible_before
        ]
        self.applied.found += len(present)
        self.applied.postponed += len(batch) - len(fresh) - len(again) - len(present)
        return fresh, again

    async def _send_adds(self, adds: Sequence[Add]) -> Sequence[Membership]:
        items = [self._add(a) for a in adds]
        added = await self.chain.through(lambda token: Loyalty(token).add_memberships(items))
        missing = {a.account_id for a in adds} - {m.account_id for m in added}
        async with self.chain.database.write() as connection:
            await mirror.save_memberships(connection, added, made_at=self.chain.clock.now())
            await store.fulfil(connection, self.program_id, [m.account_id for m in added])
        self.applied.written += len(adds) - len(missing)
        if missing:
            raise Lost(f"Mews loyaltyMemberships/add: the answer lacks {len(missing)} of {len(adds)} memberships")
        return added

    def _add(self, add: Add) -> MembershipAdd:
        return MembershipAdd(
            account_id=add.account_id,
            program_id=self.program_id,
            is_primary=add.is_primary,
            **_typed(add.fields),
        )


def _apart(adds: Sequence[Add]) -> list[Sequence[Add]]:
    """Share out adds of which Mews may have failed at one: they cannot be halved, each try needs its time to show."""
    size = isqrt(len(adds)) if len(adds) > _FEW else 1
    return [adds[start : start + size] for start in range(0, len(adds), size)]


def _typed(fields: Any) -> dict[str, Any]:
    return dict(fields)


async def read_back(chain: Chain, program_id: str, account_ids: Sequence[str]) -> set[str]:
    """Read the memberships of guests in doubt into the mirror; return the guests that have one in the program.

    One that cannot be read counts too: its guest is left alone until it can be.
    """
    present: set[str] = set()
    for ids in batches(account_ids, LARGEST):
        found, bad = await _memberships_of(chain, ids, program_id)
        there = {m.account_id for m in found} | {each.parent_id for each in bad}
        async with chain.database.write() as connection:
            await memberships.keep(connection, chain, found, bad)
            await store.fulfil(connection, program_id, sorted(there))
        present |= there
    return present


async def _memberships_of(chain: Chain, ids: Sequence[str], program_id: str) -> tuple[list[Membership], list[Bad]]:
    return await chain.through(lambda token: Loyalty(token).memberships_of(ids, [program_id]))
