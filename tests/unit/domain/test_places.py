from __future__ import annotations

from dataclasses import replace

import pytest

from connector.domain.awards import Kind, Message
from connector.domain.places import told
from tests.integration.store.makers import message
from tests.unit.domain.stay_makers import contract


def at(place: str, revision: int = 1, kind: Kind = Kind.CREDIT) -> Message:
    made = message(kind=kind, revision=revision)
    return replace(made, credit=replace(made.credit, property_id=f"e-{place}", property_keys=(place, f"e-{place}")))


def place(found: Message) -> tuple[str, tuple[str, ...]]:
    return found.credit.property_id, found.credit.property_keys


@pytest.mark.parametrize(
    ("locations", "expected"),
    [
        (None, "wien"),
        ({"wien", "montreal"}, "wien"),
        ({"e-wien"}, "wien"),
        ({"montreal"}, "montreal"),
        ({"montreal", "graz"}, "graz"),
        ({"salzburg"}, "wien"),
    ],
)
def test_a_credit_is_told_where_there_is_a_location_last(locations: set[str] | None, expected: str) -> None:
    before = [at("graz", 2), at("montreal", 1), at("montreal", 1, Kind.REVERSAL)]
    terms = contract(location_keys=None if locations is None else frozenset(locations))
    found = told(at("wien", 3), before, terms)
    assert place(found) == (f"e-{expected}", (expected, f"e-{expected}"))
    assert found.revision == 3
