"""Letters that an export spoilt before they were written here: names with them would match nobody, silently."""

from __future__ import annotations

import re
from collections.abc import Sequence

# UTF-8 that was read as windows-1252 and encoded again: "ü" is "Ã¼" then, "ł" is "Å‚", "€" is "â‚¬". What follows
# the first character is what windows-1252 (or Latin-1, for the first 32) makes of the bytes 80 to BF.
_FOLLOWING = "\x80-\xbf" + bytes(range(0x80, 0xA0)).decode("windows-1252", "ignore")
_SPOILT = {
    # Latin, Greek, Cyrillic, Hebrew, Arabic. Each its own pattern: a literal first character is found fast.
    **{first: re.compile(f"{first}[{_FOLLOWING}]") for first in "ÂÃÄÅÎÏÐÑ×ØÙ"},
    "â": re.compile(f"â[{_FOLLOWING}]{{2}}"),
    "\ufffd": re.compile("\ufffd"),
}
_FEWEST = 3


class Spelling:
    """Counts the lines of a file with spoilt letters, and those whose letters beyond ASCII are sound."""

    def __init__(self) -> None:
        self._spoilt = self._sound = self._first = 0

    def look(self, lines: Sequence[str], text: str, before: int) -> None:
        """Count in the lines that follow the first ``before`` ones; ``text`` is all of them together."""
        beyond_ascii = len(lines) - sum(map(str.isascii, lines))
        spoilt = _spoilt_lines(lines) if _is_spoilt(text) else []
        self._sound += beyond_ascii - len(spoilt)
        self._spoilt += len(spoilt)
        if spoilt and not self._first:
            self._first = before + spoilt[0]

    @property
    def is_lost(self) -> bool:
        """Tell whether the file as a whole was spoilt on its way, and not only some of its members.

        An export that encodes twice, or puts U+FFFD for what it cannot read, spoils every letter beyond ASCII: then
        hardly a line is sound. One or two lines may come from a form that somebody filled in wrongly, and where most
        lines are sound the others were spoilt in the scheme long ago: refusing the file would hold up everybody.
        """
        return self._spoilt >= _FEWEST and self._spoilt > self._sound

    def __str__(self) -> str:
        if not self._spoilt:
            return ""
        lines = f"{self._spoilt} line{'s' * (self._spoilt > 1)}, first in line {self._first}"
        what = f'holds letters spoilt like "Ã¼" or "\ufffd" in {lines}, so that names match nobody'
        return f"{what}; expected names as people write them"


def _is_spoilt(text: str) -> bool:
    return any(first in text and pattern.search(text) for first, pattern in _SPOILT.items())


def _spoilt_lines(lines: Sequence[str]) -> list[int]:
    return [number for number, line in enumerate(lines, 1) if _is_spoilt(line)]
