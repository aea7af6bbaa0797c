"""What access tokens reach, and whether one instance can work with that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True, slots=True)
class Reach:
    """The properties that a token sees, each with its chain: ids as Mews shows them.

    ``portfolio``: the settings say that it is a token over several properties.
    """

    chain_of: Mapping[str, str]
    portfolio: bool = False

    @property
    def properties(self) -> frozenset[str]:
        """Return the ids of the properties."""
        return frozenset(self.chain_of)

    @property
    def chains(self) -> list[str]:
        """Return the ids of their chains, sorted."""
        return sorted(set(self.chain_of.values()))


def faults(reaches: Mapping[str, Reach]) -> list[str]:
    """Return what a person must change about the tokens (by settings table), one sentence each; usually nothing."""
    return [*_single(reaches), *_two_chains(reaches), *_twice(reaches)]


def _single(reaches: Mapping[str, Reach]) -> Iterable[str]:
    for table, reach in reaches.items():
        if len(reach.chains) > 1:
            yield (
                f"mews.properties.{table}: its access token sees properties of {len(reach.chains)} chains "
                f"({', '.join(reach.chains)}); expected one instance per chain"
            )
        if len(reach.chain_of) > 1 and not reach.portfolio:
            yield (
                f"mews.properties.{table}: its access token sees {len(reach.chain_of)} properties; "
                "expected portfolio = true, or the token of one property"
            )


def _two_chains(reaches: Mapping[str, Reach]) -> Iterable[str]:
    of_one = [(table, reach.chains[0]) for table, reach in reaches.items() if len(reach.chains) == 1]
    for table, chain in of_one[1:]:
        first, expected = of_one[0]
        if chain != expected:
            yield (
                f"mews.properties: the token of [mews.properties.{first}] sees chain {expected}, that of "
                f"[mews.properties.{table}] chain {chain}; expected tokens of one chain, one instance per chain"
            )


def _twice(reaches: Mapping[str, Reach]) -> Iterable[str]:
    """A portfolio token beside a property's own is well: the own one serves its property then."""
    for (one, reach), (other, others) in combinations(reaches.items(), 2):
        both = sorted(reach.properties & others.properties)
        if both and _is_wide(reach) == _is_wide(others):
            yield (
                f"mews.properties: [mews.properties.{one}] and [mews.properties.{other}] both reach "
                f"property {both[0]}; expected one table for each access token and property"
            )


def _is_wide(reach: Reach) -> bool:
    return reach.portfolio or len(reach.chain_of) > 1


def served_by(table: str, reaches: Mapping[str, Reach]) -> list[str]:
    """Return the properties whose stays are read by a table's token: a portfolio leaves to others what is theirs."""
    if not reaches[table].portfolio:
        return sorted(reaches[table].properties)
    own = (reach.properties for reach in reaches.values() if not reach.portfolio)
    return sorted(reaches[table].properties.difference(*own))
