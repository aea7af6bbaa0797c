"""Writing a plan to Mews in batches; what was written is in the mirror at once, so that the next plan is empty."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from connector.domain.changes import Add, AddPartner, Cancel, Change, Delete, Update
from connector.errors import Conflict, ConnectorError, Lost
from connector.jobs.adding import Adder
from connector.jobs.applied import Applied
from connector.jobs.chain import Chain
from connector.jobs.harming import noted
from connector.jobs.mirror import list_deletions_again
from connector.jobs.retries import Retries
from connector.mews.answers import Failing
from connector.mews.changes import MembershipUpdate
from connector.mews.loyalty import Loyalty
from connector.store import alignment as store
from connector.store import loyalty as mirror


@dataclass(slots=True)
class Applier:
    """Collects changes of memberships by kind and writes each kind in full batches.

    A kind at which Mews fails (HTTP 500 or 409) rests for this plan, the others go on.
    ``confirmed`` is the id of their plan if a person confirmed it, else "".
    """

    chain: Chain
    program_id: str
    confirmed: str
    applied: Applied
    retries: Retries = field(default_factory=Retries)
    _adders: dict[str, Adder] = field(default_factory=dict)
    _updates: list[Update | Cancel] = field(default_factory=list)
    _deletes: list[Delete] = field(default_factory=list)
    _resting: dict[str, ConnectorError] = field(default_factory=dict)

    async def take(self, change: Change) -> None:
        """Take one change; write its kind when a batch is full."""
        if change.subject in self.applied.refused:
            return
        if not self.retries.lets(change):
            self.applied.refused.add(change.subject)
            return
        match change:
            case AddPartner():
                await self._go_on(change.program_id, partial(self._adder(change.program_id).take, change))
            case Add():
                await self._go_on(self.program_id, partial(self._adder(self.program_id).take, change))
            case Delete() if "deletes" not in self._resting:
                self._deletes.append(change)
                if len(self._deletes) >= self.chain.batch.items:
                    await self._go_on("deletes", self._write_deletes)
            case Update() | Cancel() if "updates" not in self._resting:
                self._updates.append(change)
                if len(self._updates) >= self.chain.batch.items:
                    await self._go_on("updates", self._write_updates)

    async def finish(self) -> Applied:
        """Write what is left; raises Failing or Conflict afterwards if that happened to a kind."""
        await self._go_on("updates", self._write_updates)
        for program_id, adder in self._adders.items():
            await self._go_on(program_id, adder.finish)
        await self._go_on("deletes", self._write_deletes)
        for failure in self._resting.values():
            raise failure
        return self.applied

    async def _go_on(self, kind: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work of a kind unless that rests."""
        if kind in self._resting:
            return
        try:
            await work()
        except (Failing, Conflict) as failure:
            self._resting[kind] = failure

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
