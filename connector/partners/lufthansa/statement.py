"""The text on the member's statement: at most 20 characters of a set that is restricted, and not published."""

from __future__ import annotations

import unicodedata

LONGEST = 20
#: What NFKD does not take apart.
_LETTERS = str.maketrans(
    {"ß": "ss", "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l"}
)


def statement(text: str, characters: str) -> str:
    """Return the text with only these characters: letters lose their accents or become capitals, the rest goes.

    Blanks stay single; the result may be empty.
    """
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    written = "".join(_written(each, characters) for each in plain)
    return " ".join(written.split())[:LONGEST].rstrip()


def _written(character: str, characters: str) -> str:
    if unicodedata.combining(character):
        return ""
    for each in (character, character.upper(), character.lower()):
        if each in characters:
            return each
    return " " if " " in characters else ""
