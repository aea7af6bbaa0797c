"""The arguments that a document gives to ``createEvent``, read as far as a comparison with the schema needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPERATION = re.compile(r"\bcreateEvent\s*\(")
_TOKEN = re.compile(
    r"""(?:[\s,]|\#[^\n]*)*(?:(?P<place>\$[A-Za-z_]\w*)|(?P<word>[A-Za-z_]\w*)|(?P<text>"(?:[^"\\\n]|\\.)*")"""
    r"""|(?P<number>-?\d+(?:\.\d+)?)|(?P<mark>[\[\]{}():]))"""
)


@dataclass(frozen=True, slots=True)
class Atom:
    """A value without parts: ``kind`` is place, word (an enum's literal), text or number."""

    kind: str
    text: str


Value = Atom | list["Value"] | dict[str, "Value"]


def arguments(document: str) -> dict[str, Value]:
    """Return the arguments by name; raises ValueError for a document in which they cannot be read."""
    found = _OPERATION.search(document)
    if found is None:
        raise ValueError("it does not call createEvent with arguments")
    return _fields(_tokens(document[found.end() :]), ")")


def _tokens(text: str) -> Iterator[Atom]:
    place = 0
    while match := _TOKEN.match(text, place):
        place = match.end()
        yield Atom(str(match.lastgroup), match[str(match.lastgroup)])
    raise ValueError(f"it cannot be read at {text[place : place + 20].strip()!r}")


def _fields(tokens: Iterator[Atom], closing: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    while (name := next(tokens)).text != closing:
        if name.kind != "word" or next(tokens).text != ":":
            raise ValueError(f"it cannot be read at {name.text!r}")
        found[name.text] = _value(tokens, next(tokens))
    return found


def _value(tokens: Iterator[Atom], first: Atom) -> Value:
    if first.kind != "mark":
        return first
    if first.text == "{":
        return _fields(tokens, "}")
    if first.text != "[":
        raise ValueError(f"it cannot be read at {first.text!r}")
    found: list[Value] = []
    while (each := next(tokens)).text != "]":
        found.append(_value(tokens, each))
    return found
