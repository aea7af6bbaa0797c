"""The names that rules give to what Mews knows by ids: rates, segments, categories and the like.

Names are made ids before a stay is decided, and a rule keeps both. What is frozen with an award are the ids of that
day, so that a rate that is renamed later takes nothing back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum

from connector.domain.contract import Contract
from connector.domain.rules import Rule


class Kind(StrEnum):
    """What has an id and a name in Mews, as a person calls it."""

    RATE = "rate"
    RATE_GROUP = "rate group"
    SEGMENT = "business segment"
    CATEGORY = "accounting category"
    SERVICE = "service"
    SOURCE = "source"


_CHOICES = {
    "rates": Kind.RATE,
    "rate_groups": Kind.RATE_GROUP,
    "segments": Kind.SEGMENT,
    "categories": Kind.CATEGORY,
    "services": Kind.SERVICE,
    "sources": Kind.SOURCE,
}
FIELDS: Mapping[str, Kind] = {f"{mark}{name}": kind for name, kind in _CHOICES.items() for mark in ("", "exclude_")}
"""The fields of a rule that hold ids or names, and of what."""


@dataclass(frozen=True, slots=True)
class Named:
    """Something of a property, with its names in every language; ``group_id`` of a rate is that of its group."""

    kind: Kind
    id: str
    names: frozenset[str]
    property_id: str
    group_id: str | None = None


@dataclass(frozen=True, slots=True)
class Stranger:
    """A word of a rule that is neither the id nor the name of anything in Mews; ``close`` is a name like it."""

    partner: str
    place: int
    key: str
    word: str
    close: str | None = None

    @property
    def sentence(self) -> str:
        """Where, what, and what was expected."""
        hint = f'did you mean "{self.close}"?' if self.close else f"expected the name or id of one, or no {self.key}"
        return (
            f'partners.{self.partner}.earn[{self.place}].{self.key}: "{self.word}" is no {FIELDS[self.key]} in Mews; '
            f"{hint}"
        )


class Directory:
    """What Mews calls by which names."""

    def __init__(self, named: Iterable[Named]) -> None:
        self._ids: dict[tuple[Kind, str], set[str]] = {}
        self._rates: dict[str, set[str]] = {}
        for each in named:
            for word in (each.id, *each.names):
                self._ids.setdefault((each.kind, word), set()).add(each.id)
            if each.group_id is not None:
                self._rates.setdefault(each.group_id, set()).add(each.id)

    def ids(self, key: str, word: str) -> set[str]:
        """Return the ids that a word of a rule's field means; of a rate group also those of its rates."""
        kind = FIELDS[key]
        found = self._ids.get((kind, word), set())
        if kind is not Kind.RATE_GROUP:
            return found
        return found.union(*(self._rates.get(group, set()) for group in found))

    def close(self, kind: Kind, word: str) -> str | None:
        """Return a name of this kind that is written much alike."""
        known = [name for of, name in self._ids if of is kind]
        return next(iter(get_close_matches(word, known, n=1, cutoff=0.75)), None)


def asked(rules: Iterable[Rule]) -> frozenset[Kind]:
    """Return of which kinds rules name something; who asks for a group of rates asks for these too."""
    found = {kind for rule in rules for key, kind in FIELDS.items() if getattr(rule, key)}
    return frozenset(found | ({Kind.RATE} if Kind.RATE_GROUP in found else set()))


def resolved(contract: Contract, directory: Directory) -> Contract:
    """Return the contract with the ids beside the names in its rules; one that names nothing is returned itself."""
    if not asked(contract.rules):
        return contract
    return replace(contract, rules=tuple(_resolved(rule, directory) for rule in contract.rules))


def _resolved(rule: Rule, directory: Directory) -> Rule:
    words = {key: getattr(rule, key) for key in FIELDS if getattr(rule, key)}
    return replace(
        rule, **{key: given.union(*(directory.ids(key, word) for word in given)) for key, given in words.items()}
    )


def strangers(contract: Contract, directory: Directory) -> Iterator[Stranger]:
    """Yield the words in the contract's rules that mean nothing in Mews."""
    for place, rule in enumerate(contract.rules):
        for key, kind in FIELDS.items():
            for word in sorted(getattr(rule, key)):
                if not directory.ids(key, word):
                    yield Stranger(contract.name, place, key, word, directory.close(kind, word))
