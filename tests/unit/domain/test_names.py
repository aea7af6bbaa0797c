"""Names in rules become ids, and what names nothing is told."""

from __future__ import annotations

from typing import Any

import pytest

from connector.domain.names import FIELDS, Directory, Kind, Named, asked, resolved, strangers
from connector.domain.rules import Rule
from tests.unit.domain.stay_makers import contract, rule


def named(kind: Kind, id_: str, *names: str, group: str | None = None) -> Named:
    return Named(kind, id_, frozenset(names), "wien", group)


MEWS = Directory(
    [
        named(Kind.RATE, "r1", "Best rate", "Beste Rate", group="g1"),
        named(Kind.RATE, "r2", "Best rate", group="g2"),
        named(Kind.RATE, "r3", group="g2"),
        named(Kind.RATE_GROUP, "g1", "Public"),
        named(Kind.RATE_GROUP, "g2", "House"),
        named(Kind.SEGMENT, "s1", "Public"),
    ]
)


def ids(key: str, *words: str) -> frozenset[str]:
    (found,) = resolved(contract(rule(**{key: frozenset(words)})), MEWS).rules
    value: frozenset[str] = getattr(found, key)
    return value


@pytest.mark.parametrize("mark", ["", "exclude_"])
class TestAName:
    def test_becomes_the_ids_of_everything_that_is_called_so(self, mark: str) -> None:
        assert ids(f"{mark}rates", "Best rate") == {"Best rate", "r1", "r2"}

    def test_may_be_of_any_language(self, mark: str) -> None:
        assert ids(f"{mark}rates", "Beste Rate") == {"Beste Rate", "r1"}

    def test_means_only_what_the_list_is_of(self, mark: str) -> None:
        assert ids(f"{mark}segments", "Public", "Best rate") == {"Public", "Best rate", "s1"}

    def test_of_a_rate_group_becomes_its_rates_too(self, mark: str) -> None:
        assert ids(f"{mark}rate_groups", "House") == {"House", "g2", "r2", "r3"}
        assert ids(f"{mark}rate_groups", "g2") == {"g2", "r2", "r3"}

    def test_that_is_an_id_stays_one(self, mark: str) -> None:
        assert ids(f"{mark}rates", "r3") == {"r3"}


def test_a_contract_that_names_nothing_is_left_as_it_is() -> None:
    plain = contract(rule(origins=frozenset({"Commander"}), company_ids=frozenset({"c1"})))
    assert resolved(plain, MEWS) is plain
    assert asked(plain.rules) == frozenset()


@pytest.mark.parametrize("key", FIELDS)
def test_a_kind_is_asked_for_where_a_rule_names_something_of_it(key: str) -> None:
    also = {Kind.RATE} if "rate_groups" in key else set()
    assert asked([rule(), rule(**{key: frozenset({"x"})})]) == {FIELDS[key]} | also


def test_new_ids_are_another_contract() -> None:
    terms = contract(rule(rates=frozenset({"Best rate"})))
    one = Directory([named(Kind.RATE, "r1", "Best rate")])
    assert resolved(terms, MEWS).fingerprint() != resolved(terms, one).fingerprint()
    assert resolved(terms, one).fingerprint() == resolved(terms, one).fingerprint()


class TestAStranger:
    def told(self, **lists: Any) -> list[str]:
        rules: list[Rule] = [rule(), rule(**{key: frozenset(words) for key, words in lists.items()})]
        return [each.sentence for each in strangers(contract(*rules), MEWS)]

    def test_is_no_name_and_no_id(self) -> None:
        assert self.told(rates=["Best rate", "r3"], rate_groups=["Public"], exclude_segments=["s1"]) == []

    def test_is_told_with_its_place_and_a_name_like_it(self) -> None:
        place = "partners.miles_and_more.earn[1]"
        assert sorted(self.told(exclude_rates=["Best rat"], categories=["Rooms"])) == [
            f'{place}.categories: "Rooms" is no accounting category in Mews; '
            "expected the name or id of one, or no categories",
            f'{place}.exclude_rates: "Best rat" is no rate in Mews; did you mean "Best rate"?',
        ]
