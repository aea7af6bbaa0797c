"""A choice among values: those listed, but those excluded."""

from __future__ import annotations

from typing import NamedTuple


class Choice(NamedTuple):
    """``listed`` empty: every value, and none at all; ``excluded`` goes before it."""

    listed: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()

    def takes(self, value: str | None) -> bool:
        """Tell whether a value is chosen; None is no value, which no list holds."""
        return value not in self.excluded and (not self.listed or value in self.listed)


ANYTHING = Choice()
