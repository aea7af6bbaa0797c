"""Whether the arguments of a document fit a schema: every place where they do not, in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connector.partners.uplyft.arguments import Atom, Value
from connector.partners.uplyft.document import Form
from connector.partners.uplyft.schema import Ref, Schema, Type

_NUMBERS = {"$amount", "$miles"}
_TEXTS, _NUMERIC = {"String", "ID"}, {"Int", "Float"}


@dataclass(frozen=True, slots=True)
class Fitting:
    """A document's form and the currencies of its rules (lower case), held against a schema."""

    schema: Schema
    form: Form
    currencies: frozenset[str]

    def faults(self, given: Mapping[str, Value]) -> Iterator[str]:
        """Yield what does not fit of the arguments of ``createEvent``."""
        yield from self._fields(given, self.schema.event or {}, "createEvent")

    def _fields(self, given: Mapping[str, Value], known: Mapping[str, Ref], place: str) -> Iterator[str]:
        for name, value in given.items():
            if name not in known:
                yield f"{place} has no {name}"
            else:
                yield from self._value(value, known[name], f"{place}.{name}")
        for name, ref in known.items():
            if ref.required and name not in given:
                yield f"{place} requires {name}, which is not sent"

    def _value(self, value: Value, ref: Ref, place: str) -> Iterator[str]:
        kind = self.schema.types.get(ref.type, Type("", {}, frozenset()))
        if isinstance(value, list):
            if not ref.listed:
                yield f"{place} is no list"
            for each in value:
                yield from self._value(each, ref, place)
        elif isinstance(value, Atom):
            yield from self._atom(value, ref, kind, place)
        elif kind.kind == "INPUT_OBJECT":
            yield from self._fields(value, kind.fields, place)
        elif kind.kind == "ENUM" or ref.type in _TEXTS | _NUMERIC:
            yield f"{place} is a value of type {ref.type}, no object"

    def _atom(self, atom: Atom, ref: Ref, kind: Type, place: str) -> Iterator[str]:
        if kind.kind == "INPUT_OBJECT":
            yield f"{place} is an object of type {ref.type}"
        elif kind.kind == "ENUM":
            yield from _not_among(self._words(atom), kind, place)
        elif atom.text == "$currency" and ref.type in _TEXTS:
            yield f"{place} is a text, for which the place is $currency_text"
        elif atom.text in _NUMBERS or atom.kind == "number":
            yield from self._number(atom, ref, place)
        elif atom.kind in ("place", "text") and ref.type in _NUMERIC:
            yield f"{place} is a number"

    def _words(self, atom: Atom) -> frozenset[str]:
        return self.currencies if atom.text == "$currency" else frozenset({atom.text})

    def _number(self, atom: Atom, ref: Ref, place: str) -> Iterator[str]:
        if ref.type in _TEXTS:
            yield f"{place} is a text, a number is sent"
        if ref.type == "Int" and atom.text == "$amount" and self.form.amount == "decimal":
            yield f'{place} takes whole numbers only, amount_format is "decimal"'


def _not_among(words: frozenset[str], kind: Type, place: str) -> Iterator[str]:
    for word in sorted(words - kind.words):
        yield f"{place} does not know {word}, only {', '.join(sorted(kind.words))}"
