"""What a campaign found: a row of the table of proofs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from tests import bytecode
from tests.acceptance.road import say

Profile = Literal["quick", "nightly"]
PROFILES: Sequence[Profile] = ("quick", "nightly")
HEADINGS = ("claim", "figure", "bar", "")


@dataclass(frozen=True, slots=True)
class Figure:
    """A promise, what was counted or measured about it, and what must hold; each in the words of the table."""

    claim: str
    figure: str
    bar: str
    holds: bool


def told(figures: Iterable[Figure]) -> int:
    """Print the figures as a table; return how the process ends, 1 when a bar does not hold.

    Where the campaign breaks, those that it found before are printed all the same.
    """
    found: list[Figure] = []
    try:
        found.extend(figures)
    finally:
        _shown(found)
    return int(not all(each.holds for each in found))


def _shown(found: Sequence[Figure]) -> None:
    rows = [HEADINGS, *((each.claim, each.figure, each.bar, "pass" if each.holds else "FAIL") for each in found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def ran(campaign: Callable[[Profile], Iterable[Figure]], words: Sequence[str]) -> int:
    """Run one campaign as a script: ``python -m tests.campaigns.NAME [quick|nightly]``."""
    profile = words[0] if words else "quick"
    if profile not in PROFILES or len(words) > 1:
        say(f"expected one of {', '.join(PROFILES)}, got {' '.join(words)!r}")
        return 2
    bytecode.keep()
    return told(campaign(cast(Profile, profile)))
