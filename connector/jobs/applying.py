"""Writing a plan to Mews in batches; what was written is in the mirror at once, so that the next plan is empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from connector.domain.changes import Add, AddPartner, Cancel, Change, Delete, Update
from connector.errors import Conflict, Lost
from connector.jobs.adding import Adder
from connector.jobs.applied import Applied
from connector.jobs.chain import Chain
from connector.jobs.harming import noted
from connector.jobs.mirror import list_deletions_again
from connector.mews.changes import MembershipUpdate
from connector.mews.loyalty import Loyalty
from connector.store import alignment as store
from connector.store import loyalty as mirror


@dataclass(slots=True)
class Applier:
    """Collects changes of memberships by kind and writes each kind in full batches.

    ``confirmed`` is the id of their plan if a person confirmed it, else "".
    """

    chain: Chain
    program_id: str
    confirmed: str
    applied: Applied
    _adders: dict[str, Adder] = field(default_factory=dict)
    _updates: list[Update | Cancel] = field(default_factory=list)
    _deletes: list[Delete] = field(default_factory=list)

    async def take(self, change: Change) -> None:
        """Take one change; write its kind when a batch is full."""
        if change.subject in self.applied.refused:
            return
        match change:
            case AddPartner():
                await self._adder(change.program_id).take(change)
            case Add():
                await self._adder(self.program_id).take(change)
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
        for adder in self._adders.values():
            await adder.finish()
        await self._write_deletes()
        return self.applied

    def _adder(self, program_id: str) -> Adder:
        return self._adders.setdefault(program_id, Adder(self.chain, program_id, self.applied))

    async def _write_updates(self) -> None:
        batch, self._updates = self._updates, []
        if not batch:
            return
        # noted first: an answer that is lost must neither hide harm nor make a cancellation look like one by staff
        cancelled = [c.membership_id for c in batch if isinstance(c, Cancel)]
        async with self.chain.database.write() as connection:
            await store.note_cancelled(connection, cancelled, self.chain.clock.now())
            harm = await noted(connection, self.chain, batch, self.confirmed)
        refused = await harm.write(batch, self._send_updates)
        await self.applied.suspend(self.chain, refused)

    async def _send_updates(self, changes: Sequence[Update | Cancel]) -> Sequence[Update | Cancel]:
        items = [MembershipUpdate(c.membership_id, c.fields) for c in changes]
        await self.chain.through(lambda token: Loyalty(token).update_memberships(items))
        written = [c.membership_id for c in changes if isinstance(c, Update)]
        async with self.chain.database.write() as connection:
            told = {c.membership_id: c.fields for c in changes}
            await mirror.change_memberships(connection, told, self.chain.clock.now())
            await store.note_cancelled(connection, written, None)
        self.applied.written += len(changes)
        return changes

    async def _write_deletes(self) -> None:
        batch, self._deletes = self._deletes, []
        if not batch:
            return
        # noted first: after a lost answer the deletion must not look like one by staff
        async with self.chain.database.write() as connection:
            harm = await noted(connection, self.chain, batch, self.confirmed, deletes=True)
        try:
            refused = await harm.write(batch, self._send_deletes)
        except Lost as lost:
            await list_deletions_again(self.chain)
            raise Conflict(f"{lost}; the deleted memberships are read again") from lost
        await self.applied.suspend(self.chain, refused)

    async def _send_deletes(self, deletes: Sequence[Delete]) -> Sequence[Delete]:
        ids = [d.membership_id for d in deletes]
        await self.chain.through(lambda token: Loyalty(token).delete_memberships(ids))
        async with self.chain.database.write() as connection:
            await mirror.mark_memberships_deleted(connection, ids)
            await store.forget_memberships(connection, ids, self.chain.clock.now())
        self.applied.written += len(deletes)
        return deletes
