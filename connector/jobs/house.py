"""Who stays at the moment: with ``downgrade = "after_stay"`` a guest keeps a tier until check-out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from connector.jobs.chain import Chain
from connector.mews.batches import LARGEST
from connector.mews.stays import Stays
from connector.store.rows import batches


@dataclass(slots=True)
class House:
    """The guests in house, asked for at most once in a pass."""

    chain: Chain
    _known: dict[str, bool] = field(default_factory=dict)

    async def guests(self, account_ids: Sequence[str]) -> set[str]:
        """Return which of the guests own a reservation that has started and not ended.

        As long as a property cannot be asked, everybody may be there.
        """
        if self.chain.dead:
            return set(account_ids)
        for ids in batches([each for each in account_ids if each not in self._known], LARGEST):
            there = await self._ask(ids)
            self._known.update((each, each in there) for each in ids)
        return {each for each in account_ids if self._known[each]}

    async def _ask(self, account_ids: Sequence[str]) -> set[str]:
        there: set[str] = set()
        for token in self.chain.tokens.values():
            there |= await Stays(token).in_house(account_ids)
        return there
