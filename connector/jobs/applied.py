"""What became of a plan, and what Mews refused of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from connector.domain.changes import Add, Change
from connector.errors import ConnectorError, Lost, Permanent
from connector.jobs.chain import Chain
from connector.jobs.mirror import list_deletions_again
from connector.store import suspense
from connector.store.suspense import Case

REFUSED_BY_MEWS = "refused_by_mews"


@dataclass(slots=True)
class Applied:
    """What became of a plan: items written, found written after all, left for the next pass.

    ``refused`` are the subjects that Mews refused in this pass, or before and there is no room to try it; they are not
    asked for again, and grow here.
    ``lost``: an answer did not arrive, so the plan has to be made again from what Mews shows; ``stale``: Mews holds
    something else than the mirror, so everything has to be read again first.
    """

    refused: set[str] = field(default_factory=set)
    written: int = 0
    found: int = 0
    postponed: int = 0
    lost: bool = False
    stale: bool = False

    @property
    def progressed(self) -> bool:
        """Tell whether a new plan can differ from this one."""
        return bool(self.written or self.found or self.lost)

    async def suspend(self, chain: Chain, refused: Sequence[tuple[Change, ConnectorError]]) -> None:
        """Open a case for each change that Mews refused or fails at, with its own words."""
        if not refused:
            return
        self.refused.update(change.subject for change, _ in refused)
        cases = [_case(change, refusal) for change, refusal in refused]
        changed = [change.subject for change, _ in refused if not isinstance(change, Add)]
        async with chain.database.write() as connection:
            known = await suspense.subjects_with(connection, "membership", REFUSED_BY_MEWS, changed)
            await suspense.open_cases(connection, cases, chain.clock.now())
        if not known.issuperset(changed):
            await list_deletions_again(chain)  # the usual reason: staff deleted the membership meanwhile


def _case(change: Change, refusal: ConnectorError) -> Case:
    kind, subject = ("membership", change.subject)
    if isinstance(change, Add):
        kind, subject = ("member", change.member_id)
    # Mews's words alone: the whole error names the request, and would be another text in every pass
    text = f"{kind} {subject}: Mews does not take this membership, {_said(refusal)}; {_WHAT_TO_DO}"
    return Case(kind, subject, REFUSED_BY_MEWS, text)


def _said(refusal: ConnectorError) -> str:
    if isinstance(refusal, Permanent):
        return f"with the words {refusal.detail!r}" if refusal.detail else f"without a word (HTTP {refusal.status})"
    return f"but fails at it (HTTP {500 if isinstance(refusal, Lost) else 409})"


_WHAT_TO_DO = "put right what it names in the scheme or in the guest profile, it is tried again with every pass."
