"""A member who comes twice in one reading."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from typing import Any

import pytest

from connector.domain.members import BadLine, Member
from connector.schemes.once import Once

ANNA = Member("M1", "AL-1", "GOLD", points=5, email="anna@example.org", partner_numbers={"MM": "1", "AM": None})


class TestTheSameRecordAgain:
    def test_is_dropped(self) -> None:
        once = Once()
        assert once.admit(ANNA, 1) is ANNA
        assert once.admit(replace(ANNA, partner_numbers={"AM": None, "MM": "1"}), 2) is None

    def test_is_dropped_for_each_member_alone(self) -> None:
        once = Once()
        ben = replace(ANNA, member_id="M2")
        assert [once.admit(each, 1) for each in (ANNA, ben, ANNA, ben)] == [ANNA, ben, None, None]


class TestAnotherRecordOfTheSameMember:
    @pytest.mark.parametrize(
        "change",
        [
            {"tier": "SILVER"},
            {"tier": None},
            {"points": 6},
            {"email": "anna@example.com"},
            {"partner_numbers": {"MM": "2", "AM": None}},
            {"partner_numbers": {}},
            {"url": "https://cards.example/1"},
        ],
    )
    def test_is_a_bad_record_with_the_id(self, change: dict[str, Any]) -> None:
        once = Once()
        once.admit(ANNA, 1)
        assert once.admit(replace(ANNA, **change), 7) == BadLine(
            7, "Record 7: member_id came before with other values; expected one record for each member.", "M1"
        )

    def test_is_noticed_when_only_the_sign_of_a_hash_could_tell(self) -> None:
        once = Once()
        once.admit(replace(ANNA, points=-1), 1)
        assert isinstance(once.admit(replace(ANNA, points=-2), 2), BadLine)

    def test_is_told_with_the_noun_of_the_source(self) -> None:
        once = Once("Row")
        once.admit(ANNA, 1)
        found = once.admit(replace(ANNA, points=6), 2)
        assert isinstance(found, BadLine)
        assert found.text.startswith("Row 2: ")


class TestBadRecords:
    def test_pass_as_they_are(self) -> None:
        once = Once()
        for bad in (BadLine(1, "Record 1: no.", "M1"), BadLine(2, "Record 2: no.", None), BadLine(3, "Record 3: no.")):
            assert once.admit(bad, bad.line) is bad

    def test_make_a_good_record_of_the_same_member_doubtful(self) -> None:
        once = Once()
        once.admit(BadLine(1, "Record 1: no.", "M1"), 1)
        found = once.admit(ANNA, 2)
        assert isinstance(found, BadLine)
        assert found.member_id == "M1"


def test_a_member_costs_less_than_two_hundred_bytes() -> None:
    once, members = Once(), 20_000
    tracemalloc.start()
    try:
        for each in range(members):
            once.admit(Member(f"M{each}"), each)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held / members < 200
