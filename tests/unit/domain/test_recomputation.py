"""What a plan of recomputing adds up to, and what a person confirms of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from connector.domain.recomputation import Fate, Line, Recomputation

LINE = Line("mm", "owner", "r-1", "4711", "Wien", date(2026, 12, 12), 100, 130, Fate.CORRECTED, "rules")


def plan(*lines: Line, most: int = 10) -> Recomputation:
    made = Recomputation(most)
    for line in lines:
        made.add(line)
    return made


def test_a_new_plan_holds_nothing() -> None:
    made = Recomputation()
    assert (made.most, made.unchanged, made.undecided, made.up, made.down, made.suspended_miles) == (10, 0, 0, 0, 0, 0)
    assert made.plan_id == ""
    assert set(made.stays) == set(Fate)


def test_miles_more_and_fewer_are_added_up_apart() -> None:
    made = plan(LINE, replace(LINE, after=70), replace(LINE, after=95), replace(LINE, after=100, fate=Fate.SAME))
    assert (made.up, made.down, made.suspended_miles) == (30, 35, 0)
    assert (made.stays[Fate.CORRECTED], made.stays[Fate.SAME], made.stays[Fate.WAITS]) == (3, 1, 0)


def test_what_a_person_must_agree_on_is_added_up_whichever_way_it_goes() -> None:
    unagreed = replace(LINE, fate=Fate.SUSPENSE)
    assert plan(LINE, unagreed, replace(unagreed, after=60)).suspended_miles == 70


def test_the_biggest_differences_are_kept() -> None:
    lines = [replace(LINE, number=str(number), after=100 + size) for number, size in enumerate((5, -40, 0, 20, -20))]
    assert [(each.number, each.size) for each in plan(*lines, most=3).biggest] == [("1", 40), ("3", 20), ("4", 20)]
    assert len(plan(*lines).biggest) == 4


def test_the_plan_id_names_exactly_these_changes_in_any_order() -> None:
    other = replace(LINE, reservation_id="r-2")
    assert plan(LINE, other).plan_id == plan(other, LINE).plan_id != ""
    changed = [replace(LINE, after=131), replace(LINE, before=99), replace(LINE, fingerprint="new"), other]
    assert len({plan(each).plan_id for each in (LINE, *changed)}) == 5
