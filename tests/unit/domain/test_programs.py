"""Programs and tiers: the configuration against what Mews has."""

from __future__ import annotations

from connector.domain.loyalty import Program, Tier
from connector.domain.programs import (
    AddProgram,
    AddTier,
    UpdateProgram,
    UpdateTier,
    WantedProgram,
    WantedTier,
    compare,
)

SILVER = WantedTier("SILVER", "Silver member", 1)
GOLD = WantedTier("GOLD", "Gold member", 2)
ALPEN = WantedProgram("ALPEN", "Alpenglow Club", "Hotel", "Free", (SILVER, GOLD))
PROGRAM = Program("p", "ALPEN", "Alpenglow Club", "Hotel", "Free")
TIERS = [Tier("s", "p", "SILVER", "Silver member", 1), Tier("g", "p", "GOLD", "Gold member", 2)]

EXPECTED = "expected one, so nothing of it is changed until the others are removed there."


def test_a_chain_that_agrees_needs_nothing() -> None:
    result = compare([ALPEN], [PROGRAM], TIERS)
    assert (result.changes, result.left_alone, result.faults) == ([], [], [])


def test_a_missing_program_is_added_with_its_tiers_after_it() -> None:
    assert compare([ALPEN], [], []).changes == [
        AddProgram("ALPEN", {"Code": "ALPEN", "Name": "Alpenglow Club", "Type": "Hotel", "Subscription": "Free"}),
        AddTier("ALPEN", None, {"Code": "SILVER", "Name": "Silver member", "Ordering": 1}),
        AddTier("ALPEN", None, {"Code": "GOLD", "Name": "Gold member", "Ordering": 2}),
    ]


def test_only_changed_fields_of_a_program_are_written() -> None:
    paid = Program("p", "ALPEN", "Old name", "Hotel", "Paid")
    (change,) = compare([ALPEN], [paid], TIERS).changes
    assert change == UpdateProgram("p", "ALPEN", {"Name": "Alpenglow Club", "Subscription": "Free"})


def test_only_changed_fields_of_a_tier_are_written() -> None:
    renamed = [Tier("s", "p", "SILVER", "Silver", 1), TIERS[1]]
    assert compare([ALPEN], [PROGRAM], renamed).changes == [
        UpdateTier("s", "ALPEN", "SILVER", {"Name": "Silver member"})
    ]


def test_a_missing_tier_is_added_to_the_program_in_mews() -> None:
    (change,) = compare([ALPEN], [PROGRAM], TIERS[:1]).changes
    assert change == AddTier("ALPEN", "p", {"Code": "GOLD", "Name": "Gold member", "Ordering": 2})


def test_a_tier_of_another_program_with_the_same_code_does_not_count() -> None:
    elsewhere = Tier("x", "q", "GOLD", "Gold member", 2)
    assert [change.subject for change in compare([ALPEN], [PROGRAM], [TIERS[0], elsewhere]).changes] == ["ALPEN/GOLD"]


def test_what_the_file_does_not_name_is_left_alone_and_reported() -> None:
    other = Program("q", "OTHER", "Other", "Hotel", "Free")
    extra = Tier("x", "p", "BRONZE", "Bronze", 0)
    result = compare([ALPEN], [PROGRAM, other], [*TIERS, extra])
    assert result.changes == []
    assert result.left_alone == [
        "Tier BRONZE of program ALPEN is not in the configuration; it is left alone.",
        "Program OTHER is not in the configuration; it is left alone.",
    ]


def test_a_program_code_that_stands_twice_is_reported_and_not_touched() -> None:
    result = compare([ALPEN], [PROGRAM, Program("q", "ALPEN", "Copy", "Hotel", "Free")], [])
    assert result.changes == []
    assert result.faults == [f"Program code ALPEN stands 2 times in Mews; {EXPECTED}"]


def test_a_tier_code_that_stands_twice_is_reported_and_not_touched() -> None:
    twice = [*TIERS, Tier("g2", "p", "GOLD", "Copy", 3)]
    result = compare([ALPEN], [PROGRAM], twice)
    assert result.changes == []
    assert result.faults == [f"Tier code GOLD of program ALPEN stands 2 times in Mews; {EXPECTED}"]
