"""Golden vectors: a change that breaks one of them would make partners pay stays twice."""

from __future__ import annotations

from itertools import product
from uuid import UUID

import pytest

from connector.domain.awards import Kind, award_id, message_key

CHAIN = "8ddea57b-6a5c-4eec-8c4c-24467dce118e"
ROOT = "f6313945-94c1-4e27-b402-031c2a8c989f"
COMPANION = "35d4b117-4e60-44a3-9580-c582117eff98"


@pytest.mark.parametrize(
    ("chain", "root", "partner", "seat", "kind", "revision", "key"),
    [
        ("chain-1", "r-1", "miles_and_more", "owner", Kind.CREDIT, 1, "6524eda5-16a5-5c1a-90fc-1dbc654a19e3"),
        ("chain-1", "r-1", "miles_and_more", "owner", Kind.REVERSAL, 1, "e02457dd-b7f6-589b-b51e-cee0ad16776d"),
        ("chain-1", "r-1", "miles_and_more", "owner", Kind.CREDIT, 2, "faee2440-5d71-5d9f-a24d-ec54f7484f60"),
        ("chain-1", "r-1", "air_miles", "owner", Kind.CREDIT, 1, "50294613-001a-5193-9784-97e04420f073"),
        ("chain-1", "r-1", "miles_and_more", "booker", Kind.CREDIT, 1, "bb894791-4de8-59f3-89eb-5800dd8f6320"),
        (CHAIN, ROOT, "miles_and_more", COMPANION, Kind.CREDIT, 12, "0c0095d3-c267-5555-b218-cbf0e57876dc"),
    ],
)
def test_the_key_of_a_message_never_changes(
    chain: str, root: str, partner: str, seat: str, kind: Kind, revision: int, key: str
) -> None:
    assert message_key(chain, root, partner, seat, kind, revision) == UUID(key)


@pytest.mark.parametrize(
    ("chain", "root", "partner", "seat", "identity"),
    [
        ("chain-1", "r-1", "miles_and_more", "owner", "4fcd93a4-59bf-5a7d-84d1-de0d2b400605"),
        ("chain-1", "r-1", "air_miles", "owner", "c1978406-5b57-5489-bed8-d9338d6bde5b"),
        ("chain-1", "r-1", "miles_and_more", "booker", "90b69b0a-c131-51c4-a9a3-41360c2bb9fc"),
        (CHAIN, ROOT, "miles_and_more", COMPANION, "c0b097b2-7bfc-512c-82f7-948b771280e7"),
    ],
)
def test_the_identity_of_an_award_never_changes(chain: str, root: str, partner: str, seat: str, identity: str) -> None:
    assert award_id(chain, root, partner, seat) == identity


def test_every_ingredient_makes_another_key() -> None:
    ingredients = product(("c1", "c2"), ("r1", "r2"), ("p1", "p2"), ("owner", "booker"), Kind, (1, 2))
    keys = [message_key(*each) for each in ingredients]
    assert len(set(keys)) == len(keys) == 64


def test_ingredients_do_not_run_into_each_other() -> None:
    assert award_id("chain", "1r", "p", "owner") != award_id("chain1", "r", "p", "owner")
    assert message_key("c", "r", "p", "s", Kind.CREDIT, 11) != message_key("c", "r", "p", "s1", Kind.CREDIT, 1)
