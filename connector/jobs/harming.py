"""Harm is noted before it is done: nobody can tell afterwards whether a request without an answer had its effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.alignment import taken
from connector.domain.changes import Cancel, Change
from connector.errors import Conflict, ConnectorError, Lost
from connector.jobs.chain import Chain
from connector.mews.answers import Failing
from connector.mews.batches import Send, write
from connector.store import alignment, harm

C = TypeVar("C", bound=Change)


async def noted(
    connection: AsyncConnection, chain: Chain, batch: Sequence[Change], confirmed: str, *, deletes: bool = False
) -> Noted:
    """Note the harm of a batch that is about to be written; ``confirmed`` is its plan's id if a person said so."""
    found = [(str(each), change.subject) for change in batch for each in change.harm]
    return Noted(chain, await harm.note(connection, found, confirmed, chain.clock.now(), deletes=deletes))


@dataclass(frozen=True, slots=True)
class Noted:
    """A batch whose harm is noted; ``mark`` is where the notes before it end."""

    chain: Chain
    mark: int

    async def write(self, batch: Sequence[C], send: Send[C, C]) -> Sequence[tuple[C, ConnectorError]]:
        """Write the batch and return what Mews refused, or fails at; what was certainly not done is taken back.

        A conflict about a single change is no more than that: the world changed.
        """
        done: set[str] = set()

        async def sent(part: Sequence[C]) -> Sequence[C]:
            await send(part)
            done.update(change.subject for change in part)
            return part

        try:
            settled = await write(batch, sent, self.chain.batch, (Failing, Conflict) if len(batch) > 1 else (Failing,))
        except ConnectorError as error:
            if not isinstance(error, Lost):
                await self._take_back([change for change in batch if change.subject not in done])
            raise
        refused = [change for change, _ in settled.refused]
        await self._take_back([*refused, *(change for change, error in settled.failed if not isinstance(error, Lost))])
        await self._remember(refused, [change for change in batch if change.harm and change.subject in done])
        return [*settled.refused, *settled.failed]

    async def _remember(self, refused: Sequence[Change], written: Sequence[Change]) -> None:
        """Note what Mews refused, and forget what it refused before and wrote now."""
        if refused or written:
            harms = {change.subject: taken(change) for change in refused}
            async with self.chain.database.write() as connection:
                await harm.note_refused(connection, harms, self.chain.clock.now())
                await harm.forget_refused(connection, [change.subject for change in written])

    async def _take_back(self, changes: Sequence[Change]) -> None:
        ids = [change.subject for change in changes if change.harm]
        if ids:
            async with self.chain.database.write() as connection:
                await harm.take_back(connection, ids, self.mark)
                await alignment.note_cancelled(connection, [c.subject for c in changes if isinstance(c, Cancel)], None)
