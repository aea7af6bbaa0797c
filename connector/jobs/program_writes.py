"""Writing programs and tiers to Mews: what it refuses becomes a case, what may have arrived is not added again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import structlog

from connector.domain.comparison import Comparison
from connector.domain.programs import (
    AddProgram,
    AddTier,
    DeleteProgram,
    DeleteTier,
    Deletion,
    ProgramChange,
    UpdateProgram,
    UpdateTier,
)
from connector.errors import Conflict, Lost, Permanent, Unauthorized
from connector.jobs import program_intents as intents
from connector.jobs.applied import REFUSED_BY_MEWS
from connector.jobs.chain import Chain
from connector.mews.batches import bisect
from connector.mews.changes import ProgramAdd, ProgramUpdate, TierAdd, TierUpdate
from connector.mews.loyalty import Loyalty
from connector.store.suspense import Case

C = TypeVar("C", bound=ProgramChange)
Send = Callable[[Sequence[C]], Awaitable[object]]

_ALONE = (UpdateTier, DeleteTier, DeleteProgram)  # not stated to take a portfolio token
_NO_PORTFOLIO = (
    "Mews does not state that a portfolio token may do this: name a property's own token in [mews.properties], "
    "or do it in Mews"
)
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Writer:
    """Writes changes of programs and tiers, each kind in one request.

    ``listed_at`` is when their listing was read at the latest. ``refused`` are subjects that are not asked for again
    in this pass, with their cases; ``doubt`` says why only a new reading can tell what was written; ``asked`` whether
    Mews was asked for anything since it was last set.
    """

    chain: Chain
    listed_at: datetime
    warnings: Mapping[str, str] = field(default_factory=dict)
    written: int = 0
    asked: bool = False
    doubt: str = ""
    refused: dict[str, Case] = field(default_factory=dict)

    async def change(self, comparison: Comparison) -> None:
        """Write the changes of programs, then those of tiers whose program exists."""
        self.warnings = comparison.warnings
        changes = [change for change in comparison.changes if change.subject not in self.refused]
        through, alone = self.chain.through, self.chain.alone
        await self._add(
            [c for c in changes if isinstance(c, AddProgram)],
            lambda part: through(lambda t: Loyalty(t).add_programs([ProgramAdd(**_snake(c.fields)) for c in part])),
        )
        await self._write(
            [c for c in changes if isinstance(c, UpdateProgram)],
            lambda part: through(
                lambda t: Loyalty(t).update_programs([ProgramUpdate(c.program_id, **_snake(c.fields)) for c in part])
            ),
        )
        await self._add(
            [c for c in changes if isinstance(c, AddTier) and c.program_id is not None],
            lambda part: through(
                lambda t: Loyalty(t).add_tiers([TierAdd(c.program_id or "", **_snake(c.fields)) for c in part])
            ),
        )
        await self._write(
            [c for c in changes if isinstance(c, UpdateTier)],
            lambda part: alone(
                lambda t: Loyalty(t).update_tiers([TierUpdate(c.tier_id, **_snake(c.fields)) for c in part])
            ),
        )

    async def delete(self, deletions: Sequence[Deletion]) -> None:
        """Delete tiers, then programs."""
        alone = self.chain.alone
        await self._write(
            [d for d in deletions if isinstance(d, DeleteTier)],
            lambda part: alone(lambda t: Loyalty(t).delete_tiers([d.tier_id for d in part])),
        )
        await self._write(
            [d for d in deletions if isinstance(d, DeleteProgram)],
            lambda part: alone(lambda t: Loyalty(t).delete_programs([d.program_id for d in part])),
        )

    async def _add(self, adds: Sequence[C], send: Send[C]) -> None:
        """Add what is not in doubt. An intent stays after success: Mews may take its time to list what it added."""
        known = await intents.since(self.chain) if adds else {}
        visible_before = self.listed_at - self.chain.visibility
        ready = [add for add in adds if _name(add) not in known or known[_name(add)] <= visible_before]
        if ready:
            await intents.intend(self.chain, [_name(add) for add in ready])
            without_effect = await self._write(ready, send)
            await intents.withdraw(self.chain, [_name(add) for add in without_effect])

    async def _write(self, changes: Sequence[C], send: Send[C]) -> list[C]:
        """Send changes of one kind; return those that certainly had no effect."""
        if not changes:
            return []
        self.asked = True
        taken: list[C] = []

        async def noted(part: Sequence[C]) -> Sequence[C]:
            await send(part)
            taken.extend(part)
            self._note(part)
            return part

        try:
            refused = (await bisect(changes, noted)).refused
        except Lost as lost:
            self.doubt = str(lost)
            return []
        except Conflict as conflict:
            self.doubt = str(conflict)
            return [change for change in changes if change not in taken]
        except Unauthorized as refusal:
            if not self._by_portfolio(changes[0]):
                raise
            refused = [(change, refusal) for change in changes]
        self.refused |= {change.subject: self._case(change, refusal) for change, refusal in refused}
        return [change for change, _ in refused]

    def _note(self, changes: Sequence[ProgramChange]) -> None:
        self.written += len(changes)
        for change in changes:
            if warning := self.warnings.get(change.subject):
                _log.warning("a program or tier was changed", subject=change.subject, warning=warning)

    def _case(self, change: ProgramChange, refusal: Permanent) -> Case:
        noun = noun_of(change)
        advice = f"; {_NO_PORTFOLIO}" if self._by_portfolio(change) else ""
        return Case(noun, change.subject, REFUSED_BY_MEWS, f"{noun} {change.subject}: {refusal}{advice}")

    def _by_portfolio(self, change: ProgramChange) -> bool:
        return isinstance(change, _ALONE) and self.chain.single is None


def noun_of(change: ProgramChange) -> str:
    """Return what a change is about, as cases name it."""
    return "program" if isinstance(change, AddProgram | UpdateProgram | DeleteProgram) else "tier"


def _name(add: ProgramChange) -> str:
    return f"{noun_of(add)} {add.subject}"


def _snake(fields: Any) -> dict[str, Any]:
    return {name.lower(): value for name, value in fields.items()}
