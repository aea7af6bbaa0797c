"""The tiers of one program in Mews: ids, codes and ranks."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from connector.domain.loyalty import Tier
from connector.errors import Skippable

_MISSING = (
    "its tier code does not exist in the program in Mews, so the membership stays as it is; correct it in the "
    "scheme, or add the tier to the configuration."
)
_TWICE = (
    "its tier code stands twice in the program in Mews, so the membership stays as it is; have one of the two "
    "tiers removed in Mews."
)


class Tiers:
    """The tiers that the scheme's program has in Mews, found by code or id.

    Those of the codes ``gone`` are to be deleted: they keep their rank, but nobody is given one any more.
    """

    __slots__ = ("_code_of", "_gone", "_id_of", "_ordering")

    def __init__(self, tiers: Iterable[Tier], gone: Collection[str] = ()) -> None:
        self._gone = frozenset(gone)
        self._ordering: dict[str, int] = {}
        self._id_of: dict[str, str | None] = {}
        self._code_of: dict[str, str] = {}
        for tier in tiers:
            self._ordering[tier.id] = tier.ordering
            self._code_of[tier.id] = tier.code
            self._id_of[tier.code] = None if tier.code in self._id_of else tier.id

    def id_of(self, code: str | None) -> str | None:
        """Return the id of a tier code; raises Skippable for one that is gone, or that Mews lacks or holds twice."""
        if code is None:
            return None
        if code in self._gone:
            raise Skippable("The member's tier code is gone in the configuration; expected that of another tier.")
        tier_id = self._id_of.get(code)
        if tier_id is None:
            raise Skippable(_TWICE if code in self._id_of else _MISSING)
        return tier_id

    @property
    def givable(self) -> dict[str, str]:
        """The ids of the tiers that a member can be given, by code."""
        return {code: id_ for code, id_ in self._id_of.items() if id_ is not None and code not in self._gone}

    def code_of(self, tier_id: str) -> str:
        """Return the code of a tier; the id itself when it is not known."""
        return self._code_of.get(tier_id, tier_id)

    def is_lower(self, tier_id: str, than: str) -> bool:
        """Tell whether a tier ranks below another; below one whose rank is unknown counts as lower."""
        rank = self._ordering.get(than)
        return rank is None or self._ordering[tier_id] < rank
