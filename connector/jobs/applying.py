"""Writing a plan to Mews in batches; what was written is in the mirror at once, so that the next plan is empty.

Before each add an intent is stored. After a lost answer the guests with an open intent are read back, and one is
added again only when Mews has had ``visibility`` to show the first attempt and shows nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.domain.alignment import Add, Cancel, Change, Delete, Update
from connector.domain.loyalty import Membership
from connector.errors import Conflict, ConnectorError, Lost, Permanent
from connector.jobs.chain import Chain
from connector.jobs.mirror import keep_memberships, list_deletions_again
from connector.mews.batches import LARGEST, write
from connector.mews.changes import MembershipAdd, MembershipUpdate
from connector.mews.loyalty import Loyalty
from connector.mews.payloads.records import Bad
from connector.store import alignment as store
from connector.store import loyalty as mirror
from connector.store import suspense
from connector.store.rows import batches
from connector.store.suspense import Case

REFUSED_BY_MEWS = "refused_by_mews"


@dataclass(slots=True)
class Applied:
    """What became of a plan: items written, found written after all, left for the next pass.

    ``lost``: an answer did not arrive, so the plan has to be made again from what Mews shows; ``stale``: Mews holds
    something else than the mirror, so everything has to be read again first.
    """

    written: int = 0
    found: int = 0
    postponed: int = 0
    lost: bool = False
    stale: bool = False

    @property
    def progressed(self) -> bool:
        """Tell whether a new plan can differ from this one."""
        return bool(self.written or self.found or self.lost)


def _typed(fields: Any) -> dict[str, Any]:
    return dict(fields)


@dataclass(slots=True)
class Applier:
    """Collects changes of memberships by kind and writes each kind in full batches.

    ``refused`` are the subjects that Mews refused in this pass; they are not asked for again, and grow here.
    """

    chain: Chain
    program_id: str
    plan_id: str
    refused: set[str]
    applied: Applied = field(default_factory=Applied)
    _adds: list[Add] = field(default_factory=list)
    _updates: list[Update | Cancel] = field(default_factory=list)
    _deletes: list[Delete] = field(default_factory=list)

    async def take(self, change: Change) -> None:
        """Take one change; write its kind when a batch is full."""
        if change.subject in self.refused:
            return
        match change:
            case Add():
                self._adds.append(change)
                if len(self._adds) >= self.chain.batch.items:
                    await self._write_adds()
            case Delete():
                self._deletes.append(change)
                if len(self._deletes) >= self.chain.batch.items:
                    await self._write_deletes()
            case Update() | Cancel():
                self._updates.append(change)
                if len(self._updates) >= self.chain.batch.items:
                    await self._write_updates()

    async def finish(self) -> Applied:
        """Write what is left."""
        await self._write_updates()
        await self._write_adds()
        await self._write_deletes()
        return self.applied

    async def _write_adds(self) -> None:
        batch, self._adds = self._adds, []
        ready = await self._without_doubt(batch)
        if not ready:
            return
        now = self.chain.clock.now()
        async with self.chain.database.write() as connection:
            await store.intend(connection, self.program_id, {a.account_id: a.member_id for a in ready}, now)
        try:
            settled = await write(ready, self._send_adds, self.chain.batch)
        except ConnectorError as error:
            if not isinstance(error, Lost):
                await self._without_effect(ready)
            raise
        await self._suspend(settled.refused)
        await self._without_effect([a for a, _ in settled.refused])

    async def _without_effect(self, adds: Sequence[Add]) -> None:
        """Take back the intents of adds that Mews said it did not do."""
        async with self.chain.database.write() as connection:
            await store.fulfil(connection, self.program_id, [a.account_id for a in adds])

    async def _without_doubt(self, batch: Sequence[Add]) -> list[Add]:
        """Return the adds that cannot be made twice: no open intent, or one old enough and not to be seen in Mews.

        Those that Mews does show are taken into the mirror instead.
        """
        async with self.chain.database.read() as connection:
            open_intents = await store.intents(connection, self.program_id)
        doubtful = [a.account_id for a in batch if a.account_id in open_intents]
        present = await read_back(self.chain, self.program_id, doubtful)
        visible_before = self.chain.clock.now() - self.chain.visibility
        ready = [
            a
            for a in batch
            if a.account_id not in open_intents
            or (a.account_id not in present and open_intents[a.account_id] <= visible_before)
        ]
        self.applied.found += len(present)
        self.applied.postponed += len(batch) - len(ready) - len(present)
        return ready

    async def _send_adds(self, adds: Sequence[Add]) -> Sequence[Membership]:
        items = [self._add(a) for a in adds]
        added = await self.chain.through(lambda token: Loyalty(token).add_memberships(items))
        missing = {a.account_id for a in adds} - {m.account_id for m in added}
        async with self.chain.database.write() as connection:
            await mirror.save_memberships(connection, added)
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

    async def _write_updates(self) -> None:
        batch, self._updates = self._updates, []
        # noted first: a cancellation whose answer is lost must not look like one by staff
        cancelled = [c.membership_id for c in batch if isinstance(c, Cancel)]
        async with self.chain.database.write() as connection:
            await store.note_cancelled(connection, cancelled, self.chain.clock.now())
        settled = await write(batch, self._send_updates, self.chain.batch)
        await self._suspend(settled.refused)

    async def _send_updates(self, changes: Sequence[Update | Cancel]) -> Sequence[Update | Cancel]:
        items = [MembershipUpdate(c.membership_id, c.fields) for c in changes]
        await self.chain.through(lambda token: Loyalty(token).update_memberships(items))
        now = self.chain.clock.now()
        written = [c.membership_id for c in changes if isinstance(c, Update)]
        async with self.chain.database.write() as connection:
            await mirror.change_memberships(connection, {c.membership_id: c.fields for c in changes})
            await store.note_cancelled(connection, written, None)
            await store.note_harm(connection, _harms(changes), self.plan_id, now)
        self.applied.written += len(changes)
        return changes

    async def _write_deletes(self) -> None:
        batch, self._deletes = self._deletes, []
        # noted first: after a lost answer the deletion must not look like one by staff
        async with self.chain.database.write() as connection:
            await store.note_harm(connection, _harms(batch), self.plan_id, self.chain.clock.now(), deletes=True)
        try:
            settled = await write(batch, self._send_deletes, self.chain.batch)
        except Lost as lost:
            await list_deletions_again(self.chain)
            raise Conflict(f"{lost}; the deleted memberships are read again") from lost
        await self._suspend(settled.refused)

    async def _send_deletes(self, deletes: Sequence[Delete]) -> Sequence[Delete]:
        ids = [d.membership_id for d in deletes]
        await self.chain.through(lambda token: Loyalty(token).delete_memberships(ids))
        async with self.chain.database.write() as connection:
            await mirror.mark_memberships_deleted(connection, ids)
            await store.forget_memberships(connection, ids)
        self.applied.written += len(deletes)
        return deletes

    async def _suspend(self, refused: Sequence[tuple[Change, Permanent]]) -> None:
        if not refused:
            return
        self.refused.update(change.subject for change, _ in refused)
        cases = [_case(change, refusal) for change, refusal in refused]
        async with self.chain.database.write() as connection:
            await suspense.open_cases(connection, cases, self.chain.clock.now())
        if not all(isinstance(change, Add) for change, _ in refused):
            await list_deletions_again(self.chain)  # the usual reason: staff deleted the membership meanwhile


def _case(change: Change, refusal: Permanent) -> Case:
    if isinstance(change, Add):
        return Case("member", change.member_id, REFUSED_BY_MEWS, str(refusal))
    return Case("membership", change.membership_id, REFUSED_BY_MEWS, str(refusal))


async def read_back(chain: Chain, program_id: str, account_ids: Sequence[str]) -> set[str]:
    """Read the memberships of guests in doubt into the mirror; return the guests that have one in the program.

    One that cannot be read counts too: its guest is left alone until it can be.
    """
    present: set[str] = set()
    for ids in batches(account_ids, LARGEST):
        found, bad = await _memberships_of(chain, ids, program_id)
        there = {m.account_id for m in found} | {each.parent_id for each in bad}
        async with chain.database.write() as connection:
            await keep_memberships(connection, found, bad, chain.clock.now())
            await store.fulfil(connection, program_id, sorted(there))
        present |= there
    return present


async def _memberships_of(chain: Chain, ids: Sequence[str], program_id: str) -> tuple[list[Membership], list[Bad]]:
    return await chain.through(lambda token: Loyalty(token).memberships_of(ids, [program_id]))


def _harms(changes: Sequence[Change]) -> list[tuple[str, str]]:
    return [(str(harm), change.subject) for change in changes for harm in change.harm]
