"""The plan in short."""

from __future__ import annotations

from connector.domain.changes import Add, Cancel, Delete, Update
from connector.domain.harm import Harm, plan_id
from connector.domain.loyalty import Tier
from connector.domain.plan import Draft, Line, Plan, lines, told
from connector.domain.programs import AddProgram, AddTier, DeleteProgram, DeleteTier
from connector.domain.tiers import Tiers

DOWNGRADE = Update("m-2", {"tier_id": "s"}, {"tier_id": "g"}, frozenset({Harm.DOWNGRADE}))
BOTH = Update(
    "m-3",
    {"tier_id": None, "state": "Canceled"},
    {"tier_id": "g", "state": "Enrolled"},
    frozenset({Harm.REMOVAL, Harm.CLEARED_TIER}),
)


def texts(plan: Plan) -> list[str]:
    return [line.text for line in lines(plan)]


def test_an_empty_plan_says_so() -> None:
    plan = Draft(Tiers(())).plan()
    assert plan.is_empty
    assert (plan.plan_id, texts(plan)) == ("", ["Nothing to change: Mews agrees with the scheme."])


def test_a_plan_is_told_in_words() -> None:
    draft = Draft(Tiers(()))
    draft.add_programs([AddProgram("ALPEN", {}), AddTier("ALPEN", None, {"Code": "GOLD"})])
    for number in range(1200):
        draft.add(Add(f"a-{number}", "M", is_primary=True, fields={}))
    draft.add(DOWNGRADE)
    draft.add(Cancel("m-4", "Enrolled"))
    draft.suspend(2)
    plan = draft.plan()
    assert texts(plan) == [
        "1 program to add: ALPEN",
        "1 tier to add: ALPEN/GOLD",
        "1,200 memberships to add: a-0, a-1, a-2, a-3, a-4, …",
        "1 membership to update: m-2",
        "1 membership to cancel: m-4",
        f"Among them 1 removal, 1 downgrade; plan {plan.plan_id}.",
        "2 members waiting for a person (suspense).",
    ]


def test_a_change_counts_once_in_each_limit_that_it_touches() -> None:
    draft = Draft(Tiers(()))
    for change in (DOWNGRADE, BOTH, Delete("m-5")):
        draft.add(change)
    plan = draft.plan()
    assert (plan.removals, plan.changes) == (2, 2)
    assert plan.harms == {Harm.REMOVAL: 2, Harm.DOWNGRADE: 1, Harm.CLEARED_TIER: 1}


def test_deletions_come_last_and_who_leaves_a_tier_is_counted() -> None:
    draft = Draft(Tiers(()))
    draft.add_programs([DeleteProgram("q", "OLD"), DeleteTier("g", "p", "ALPEN", "GOLD")])
    for change in (DOWNGRADE, BOTH, Update("m-6", {"points": 1}, {"points": 2}), Delete("m-5")):
        draft.add(change)
    plan = draft.plan()
    assert texts(plan)[-3:-1] == ["1 tier to delete: ALPEN/GOLD", "1 program to delete: OLD"]
    assert plan.leaving == {"g": 2}


def test_the_id_is_that_of_the_harmful_changes_alone() -> None:
    draft = Draft(Tiers(()))
    draft.add(Add("a", "M", is_primary=True, fields={}))
    draft.add(DOWNGRADE)
    assert draft.plan().plan_id == plan_id([("m-2", "downgrade", "tier_id=s")])


def test_nothing_of_a_member_is_shown() -> None:
    draft = Draft(Tiers(()))
    draft.add(Add("a", "MEMBER-778899", is_primary=True, fields={"number": "AL-778899"}))
    draft.add(Update("m", {"number": "AL-778899"}, {"number": "AL-112233"}))
    assert "778899" not in " ".join(texts(draft.plan()))


def test_each_line_has_a_tone() -> None:
    draft = Draft(Tiers(()))
    draft.add_programs([AddProgram("ALPEN", {})])
    draft.add(DOWNGRADE)
    draft.add(Delete("m-5"))
    draft.wait()
    assert [line.tone for line in lines(draft.plan())] == ["add", "change", "take", "take", "note"]
    assert lines(draft.plan())[-1] == Line("1 lower tier waiting for the guest to check out.")


class TestOneChangeAsARecord:
    TIERS = Tiers([Tier("g", "p", "GOLD", "Gold", 2), Tier("s", "p", "SILVER", "Silver", 1)])

    def test_of_an_update_tells_tiers_by_code_before_and_after(self) -> None:
        assert told(DOWNGRADE, self.TIERS) == {
            "kind": "update_membership",
            "subject": "m-2",
            "fields": {"tier": "SILVER"},
            "before": {"tier": "GOLD"},
            "harm": ["downgrade"],
        }

    def test_of_an_addition_masks_the_number(self) -> None:
        add = Add("a", "M-1", is_primary=True, fields={"number": "992003669288601", "tier_id": "g", "points": 7})
        assert told(add, self.TIERS) == {
            "kind": "add_membership",
            "subject": "a",
            "member_id": "M-1",
            "fields": {"number": "***********8601", "points": 7, "tier": "GOLD"},
            "harm": [],
        }

    def test_of_a_cleared_tier_says_none(self) -> None:
        record = told(BOTH, self.TIERS)
        assert (record["fields"], record["before"]["tier"]) == ({"state": "Canceled", "tier": None}, "GOLD")
        assert record["harm"] == ["cleared_tier", "removal"]

    def test_of_a_program_is_by_the_names_of_mews(self) -> None:
        add = AddProgram("ALPEN", {"Code": "ALPEN", "Name": "Alpenglow Club"})
        assert told(add, self.TIERS) == {
            "kind": "add_program",
            "subject": "ALPEN",
            "fields": {"Code": "ALPEN", "Name": "Alpenglow Club"},
            "harm": [],
        }
