from __future__ import annotations

from collections.abc import Callable

import pytest

from connector.domain.access import Reach, faults, served_by


def one(place: str, chain: str = "c1") -> Reach:
    """The token of a property."""
    return Reach({place: chain})


def several(*places: str, **more: str) -> Reach:
    """A portfolio token over properties of one chain, and over others (property=chain)."""
    return Reach(dict.fromkeys(places, "c1") | more, portfolio=True)


@pytest.mark.parametrize(
    "reaches",
    [
        {"wien": one("w"), "graz": one("g")},
        {"group": several("w", "g")},
        {"group": several("w")},
        {"group": several("w", "g"), "wien": one("w")},
        {"south": several("w", "g"), "north": several("l")},
        {},
    ],
    ids=["two", "portfolio", "portfolio of one", "portfolio and own", "two portfolios", "none"],
)
def test_tokens_of_one_chain_that_share_nothing_are_well(reaches: dict[str, Reach]) -> None:
    assert faults(reaches) == []


def test_a_token_that_sees_several_must_be_declared() -> None:
    assert faults({"wien": Reach({"w": "c1", "g": "c1", "l": "c1"}), "graz": one("g")}) == [
        "mews.properties.wien: its access token sees 3 properties; "
        "expected portfolio = true, or the token of one property"
    ]


def test_a_portfolio_over_two_chains_is_refused() -> None:
    assert faults({"group": several("w", g="c2")}) == [
        "mews.properties.group: its access token sees properties of 2 chains (c1, c2); expected one instance per chain"
    ]


def test_tokens_of_two_chains_are_refused_with_both_tables_and_both_chains() -> None:
    assert faults({"wien": one("w"), "graz": one("g"), "rome": one("r", "c2")}) == [
        "mews.properties: the token of [mews.properties.wien] sees chain c1, that of [mews.properties.rome] chain c2; "
        "expected tokens of one chain, one instance per chain"
    ]


@pytest.mark.parametrize("make", [one, several], ids=["own", "portfolio"])
def test_a_property_that_two_tables_of_one_kind_reach_is_refused(make: Callable[..., Reach]) -> None:
    assert faults({"wien": make("w"), "again": make("w")}) == [
        "mews.properties: [mews.properties.wien] and [mews.properties.again] both reach property w; "
        "expected one table for each access token and property"
    ]


def test_a_portfolio_leaves_the_stays_of_a_property_to_its_own_token() -> None:
    reaches = {"group": several("w", "g", "l"), "wien": one("w")}
    assert served_by("group", reaches) == ["g", "l"]
    assert served_by("wien", reaches) == ["w"]
    assert served_by("group", {"group": several("w"), "wien": one("w")}) == []
