"""Programs and tiers: the configuration against what Mews has."""

from __future__ import annotations

from dataclasses import replace

from connector.domain.comparison import applied, compare, new_code
from connector.domain.loyalty import Program, Tier
from connector.domain.programs import (
    AddProgram,
    AddTier,
    DeleteProgram,
    DeleteTier,
    UpdateProgram,
    UpdateTier,
    WantedProgram,
    WantedTier,
)

SILVER = WantedTier("SILVER", "Silver member", 1)
GOLD = WantedTier("GOLD", "Gold member", 2)
ALPEN = WantedProgram("ALPEN", "Alpenglow Club", "Hotel", "Free", (SILVER, GOLD))
PROGRAM = Program("p", "ALPEN", "Alpenglow Club", "Hotel", "Free")
TIERS = [Tier("s", "p", "SILVER", "Silver member", 1), Tier("g", "p", "GOLD", "Gold member", 2)]

EXPECTED = "expected one, so nothing of it is changed until the others are removed there."


def test_a_chain_that_agrees_needs_nothing() -> None:
    result = compare([ALPEN], [PROGRAM], TIERS)
    assert (result.changes, result.left_alone, result.faults) == ([], [], {})


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
    assert result.faults == {"ALPEN": "Program code ALPEN stands 2 times in Mews; " + EXPECTED}


def test_a_tier_code_that_stands_twice_is_reported_and_not_touched() -> None:
    twice = [*TIERS, Tier("g2", "p", "GOLD", "Copy", 3)]
    result = compare([ALPEN], [PROGRAM], twice)
    assert result.changes == []
    assert result.faults == {"ALPEN/GOLD": "Tier code GOLD of program ALPEN stands 2 times in Mews; " + EXPECTED}


class TestGone:
    def test_a_tier_that_is_gone_is_deleted_and_nothing_else_of_it_is_compared(self) -> None:
        silver = WantedTier("SILVER", "Another name", 7, gone=True)
        result = compare([replace(ALPEN, tiers=(silver, GOLD))], [PROGRAM], TIERS)
        assert (result.changes, result.left_alone) == ([], [])
        assert result.deletions == [DeleteTier("s", "p", "ALPEN", "SILVER")]

    def test_a_program_that_is_gone_is_deleted_and_its_tiers_with_it(self) -> None:
        result = compare([replace(ALPEN, gone=True)], [PROGRAM], TIERS)
        assert (result.changes, result.left_alone) == ([], [])
        assert result.deletions == [DeleteProgram("p", "ALPEN")]

    def test_what_mews_lacks_already_needs_nothing(self) -> None:
        silver = replace(SILVER, gone=True)
        here = compare([replace(ALPEN, tiers=(silver, GOLD))], [PROGRAM], TIERS[1:])
        nowhere = compare([replace(ALPEN, gone=True)], [], [])
        assert (here.changes, here.deletions) == ([], [])
        assert (nowhere.changes, nowhere.deletions) == ([], [])

    def test_a_new_program_is_added_without_the_tier_that_is_gone(self) -> None:
        result = compare([replace(ALPEN, tiers=(replace(SILVER, gone=True), GOLD))], [], [])
        assert [change.subject for change in result.changes] == ["ALPEN", "ALPEN/GOLD"]

    def test_of_two_with_the_code_none_is_deleted(self) -> None:
        twice = [*TIERS, Tier("s2", "p", "SILVER", "Copy", 3)]
        result = compare([replace(ALPEN, tiers=(replace(SILVER, gone=True), GOLD))], [PROGRAM], twice)
        assert (result.deletions, set(result.faults)) == ([], {"ALPEN/SILVER"})


class TestFormerly:
    BASIC = WantedTier("BASIC", "Silver member", 1, formerly="SILVER")
    RENAMED = replace(ALPEN, tiers=(BASIC, GOLD))

    def test_the_tier_in_mews_is_given_the_new_code_and_who_sends_the_old_one_is_warned(self) -> None:
        result = compare([self.RENAMED], [PROGRAM], TIERS)
        assert result.changes == [UpdateTier("s", "ALPEN", "BASIC", {"Code": "BASIC"})]
        assert result.warnings == {
            "ALPEN/BASIC": "Tier code SILVER of program ALPEN becomes BASIC: channel bookings match by code, so "
            "whoever goes on sending SILVER does not meet this tier any more."
        }
        assert (result.left_alone, result.faults) == ([], {})

    def test_name_and_rank_change_in_the_same_write(self) -> None:
        other = replace(self.BASIC, name="Basic", ordering=0)
        (change,) = compare([replace(ALPEN, tiers=(other, GOLD))], [PROGRAM], TIERS).changes
        assert change.fields == {"Code": "BASIC", "Name": "Basic", "Ordering": 0}

    def test_it_has_no_effect_afterwards(self) -> None:
        result = compare([self.RENAMED], [PROGRAM], [replace(TIERS[0], code="BASIC"), TIERS[1]])
        assert (result.changes, result.warnings, result.faults) == ([], {}, {})

    def test_two_tiers_with_both_codes_are_a_persons_choice(self) -> None:
        both = [*TIERS, Tier("b", "p", "BASIC", "Another", 9)]
        result = compare([self.RENAMED], [PROGRAM], both)
        assert (result.changes, result.left_alone) == ([], [])
        assert result.faults == {
            "ALPEN/BASIC": "Tier codes BASIC and SILVER of program ALPEN both stand in Mews, and the configuration "
            "says that they are one tier; expected one of them, or no formerly."
        }

    def test_a_former_code_that_stands_twice_is_not_guessed(self) -> None:
        result = compare([self.RENAMED], [PROGRAM], [*TIERS, Tier("s2", "p", "SILVER", "Copy", 3)])
        assert result.changes == []
        assert result.faults == {"ALPEN/BASIC": "Tier code SILVER of program ALPEN stands 2 times in Mews; " + EXPECTED}

    def test_with_neither_code_in_mews_the_tier_is_added(self) -> None:
        (change,) = compare([self.RENAMED], [PROGRAM], TIERS[1:]).changes
        assert change == AddTier("ALPEN", "p", {"Code": "BASIC", "Name": "Silver member", "Ordering": 1})

    def test_without_it_a_new_tier_of_the_same_name_or_rank_is_a_hint(self) -> None:
        for basic in (WantedTier("BASIC", "Silver member", 7), WantedTier("BASIC", "Basic", 1)):
            result = compare([replace(ALPEN, tiers=(basic, GOLD))], [PROGRAM], TIERS)
            assert [change.subject for change in result.changes] == ["ALPEN/BASIC"]
            assert result.left_alone == [
                "Tier SILVER of program ALPEN is not in the configuration; it is left alone. "
                'If BASIC is its new code, set formerly = "SILVER" there.'
            ]


class TestPrograms:
    def test_a_new_code_for_the_same_name_and_type_is_a_new_program(self) -> None:
        result = compare([replace(ALPEN, code="ALPINE")], [PROGRAM], TIERS)
        assert [change.subject for change in result.changes] == ["ALPINE", "ALPINE/SILVER", "ALPINE/GOLD"]
        assert result.successors == [("ALPINE", PROGRAM)]
        assert new_code("ALPINE", PROGRAM, 1200) == (
            "Mews cannot change a program's code: ALPINE is added as a new program, and ALPEN of the same name and "
            "type is left alone with its 1,200 memberships."
        )

    def test_another_type_or_a_program_that_is_named_is_no_predecessor(self) -> None:
        partner = replace(PROGRAM, type="ExternalPartner")
        assert compare([replace(ALPEN, code="ALPINE")], [partner], []).successors == []
        assert compare([ALPEN, replace(ALPEN, code="ALPINE")], [PROGRAM], TIERS).successors == []


class TestTiersAsTheyWillBe:
    def test_have_their_new_code_name_and_rank_under_their_own_id(self) -> None:
        wanted = replace(ALPEN, tiers=(WantedTier("BASIC", "Basic", 3, formerly="SILVER"), GOLD))
        assert applied(wanted, TIERS, None) == [Tier("s", "p", "BASIC", "Basic", 3), TIERS[1]]

    def test_include_those_to_be_added_only_when_asked(self) -> None:
        assert applied(ALPEN, TIERS[:1], None) == TIERS[:1]
        assert applied(ALPEN, TIERS[:1], "p") == [TIERS[0], Tier("new:GOLD", "p", "GOLD", "Gold member", 2)]

    def test_include_one_that_is_gone_because_memberships_are_still_on_it(self) -> None:
        assert applied(replace(ALPEN, tiers=(replace(SILVER, gone=True), GOLD)), TIERS, "p") == TIERS

    def test_are_untouched_where_a_person_must_choose(self) -> None:
        both = [*TIERS, Tier("b", "p", "BASIC", "Another", 9)]
        wanted = replace(ALPEN, tiers=(WantedTier("BASIC", "Basic", 3, formerly="SILVER"), GOLD))
        assert applied(wanted, both, None) == both
