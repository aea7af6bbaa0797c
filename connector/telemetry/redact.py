"""Keeping secrets and personal data out of what is written.

What goes: registered secrets wherever they occur, values of secret-like and personal keys, token shapes,
e-mail addresses, and runs of nine or more digits (a member or card number, blanks and hyphens included) but
for the last four. What stays: UUIDs, ISO dates and times, hexadecimal digests, amounts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from urllib.parse import quote, quote_plus
from uuid import UUID

GONE = "[redacted]"
EMAIL = "[e-mail]"
_DEEPEST = 16
_SHORTEST_SECRET = 4  # a shorter one would cut holes into every word
_DIGITS = 9

_DATE = r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_KEPT = rf"""(?<![\w-])(?:
      {_UUID}
    | {_DATE}(?:[T\ ](?:[01]\d|2[0-4]):[0-5]\d(?::[0-6]\d(?:[.,]\d{{1,9}})?)?(?:Z|[+-]\d\d:?\d\d)?)?
    | (?=\d*[a-f])(?:[0-9a-f]{{64}}|[0-9a-f]{{40}}|[0-9a-f]{{32}})
)(?![\w-])"""
_KEY = (
    r"(?:token|secret|password|passwd|passphrase|authorization|api[_-]?key|hash[_-]?key|credential|cookie)s?"
    r"|(?:first|last|second|full)[_-]?name|e-?mail|(?:tele)?phone|birth[_-]?date"
)
_GAP = r"[\s\u2010-\u2015-]{0,3}"
_PATTERNS = re.compile(
    rf"""
      (?P<kept>{_KEPT})
    | (?P<key>(?:{_KEY})\\*["']?\s*[:=]\s*)
      (?:(?:bearer|basic|digest)\s+)?
      (?: b?\\*"(?:[^"\\]|\\[^"])*\\*(?:"|\Z) | b?\\*'(?:[^'\\]|\\[^'])*\\*(?:'|\Z) | [^\s"'&,;}})]+ )
    | (?P<scheme>\b(?:bearer|basic|digest))\s+[\w.~+/=-]{{8,}}
    | (?P<token>\beyJ[\w-]{{5,}}\.[\w-]+(?:\.[\w-]*)? | \b[0-9A-F]{{32}}-[0-9A-F]{{31,32}}\b)
    | (?P<email>[\w.!\#$%&'*+/=?^`{{|}}~-]{{1,64}}(?:@|%40)[\w-]{{1,63}}(?:\.[\w-]{{1,63}})+)
    | (?P<card>(?<!\d)(?:\d{{4}}[./_]){{3}}\d{{4}}(?!\d))
    | (?P<digits>\d(?:{_GAP}(?!{_KEPT})\d){{8,}})
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SECRET_KEY = re.compile(rf"(?:{_KEY})$", re.IGNORECASE)

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")  # neither a database nor a file takes these

_secrets: dict[str, tuple[str, ...]] = {}
_secret_pattern: re.Pattern[str] | None = None


def register(secret: str) -> None:
    """Keep this value out of everything from now on, in its quoted and escaped spellings too."""
    if len(secret) >= _SHORTEST_SECRET:
        _secrets[secret] = _spellings(secret)
        _compile()


def forget(secret: str) -> None:
    """Stop looking for a value that is no secret any more, such as an expired token."""
    if _secrets.pop(secret, None):
        _compile()


def redact(value: object) -> object:
    """Return the value as plain data fit to be written: text, numbers, lists, dictionaries."""
    return _redact(value, 0)


def mask_number(number: str) -> str:
    """Return the last four characters of a member number, nothing of a short one.

    >>> mask_number("992001234567894")
    '…7894'
    """
    bare = "".join(character for character in number if character.isalnum())
    return f"…{bare[-4:]}" if len(bare) >= _DIGITS else "…"


def scrub(text: str) -> str:
    """Return the text without what must not be written, or cannot be."""
    text = _NO_TEXT.sub("\ufffd", text)
    if _secret_pattern is not None:
        text = _secret_pattern.sub(GONE, text)
    return _PATTERNS.sub(_replacement, text)


def _redact(value: object, depth: int) -> object:
    match value.value if isinstance(value, Enum) else value:
        case _ if depth > _DEEPEST:
            return GONE
        case None | bool() | float() as plain:
            return plain
        case int() as number:
            return scrub(str(number)) if abs(number) >= 10 ** (_DIGITS - 1) else number
        case Mapping() as fields:
            return {_text(key): _field(_text(key), entry, depth) for key, entry in fields.items()}
        case (list() | tuple() | AbstractSet()) as entries:
            return _sequence(entries, depth)
        case other:
            return _text(other)


def _field(name: str, value: object, depth: int) -> object:
    return GONE if value is not None and _SECRET_KEY.search(name) else _redact(value, depth + 1)


def _sequence(values: Iterable[object], depth: int) -> list[object]:
    match list(values):
        case [str() | bytes() as name, value]:  # a header or a pair of a form
            return [_text(name), _field(_text(name), value, depth)]
        case entries:
            return [_redact(entry, depth + 1) for entry in entries]


def _text(value: object) -> str:
    match value:
        case str():
            return scrub(value)
        case bytes() | bytearray():
            return scrub(value.decode(errors="replace"))
        case datetime() | date() | time():
            return value.isoformat()
        case UUID() | Decimal() | timedelta():
            return str(value)
        case BaseException():
            return scrub(f"{type(value).__name__}: {value}")
        case _:
            return scrub(repr(value))


def _replacement(match: re.Match[str]) -> str:
    match match.lastgroup:
        case "kept":
            return match[0]
        case "key" | "scheme":
            return f"{match[match.lastgroup].rstrip()} {GONE}"
        case "token" | "card":
            return GONE
        case "email":
            return EMAIL
        case _:
            return mask_number(match[0])


def _spellings(secret: str) -> tuple[str, ...]:
    """Return how a secret may be written in addresses, JSON and representations of text."""
    escaped = (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1])
    return (secret, quote(secret, safe=""), quote(secret), quote_plus(secret), *escaped)


def _compile() -> None:
    global _secret_pattern  # noqa: PLW0603 (log records come from anywhere, so the registry is one per process)
    spellings = sorted({spelling for spellings in _secrets.values() for spelling in spellings}, key=len)
    longest_first = "|".join(map(re.escape, reversed(spellings)))
    _secret_pattern = re.compile(longest_first, re.IGNORECASE) if longest_first else None
