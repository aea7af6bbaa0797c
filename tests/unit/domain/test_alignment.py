"""One member against one membership: what is written, and what it takes from the guest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from connector.domain.alignment import Policy, align, gone, harmful, unknown
from connector.domain.changes import Add, Cancel, Delete, Update
from connector.domain.harm import Harm
from connector.domain.loyalty import Membership, Tier
from connector.domain.members import OWNABLE, Member
from connector.domain.tiers import Tiers
from connector.errors import Skippable

TIERS = Tiers(
    [
        Tier("t-silver", "p", "SILVER", "Silver", 1),
        Tier("t-gold", "p", "GOLD", "Gold", 2),
        Tier("t-amber", "p", "AMBER", "Amber", 2),
        Tier("t-twin-a", "p", "TWIN", "Twin", 3),
        Tier("t-twin-b", "p", "TWIN", "Twin", 4),
    ]
)
EVERYTHING = Policy(frozenset(OWNABLE))
NOTHING = Policy(frozenset())
ANNA = Member("M1", "AL-1", "GOLD", 1500, date(2027, 12, 31), "Enrolled")
HELD = Membership("ms", "a", "p", "Enrolled", True, "AL-1", 1500, date(2027, 12, 31), "t-gold", "M1")


def change(
    member: Member = ANNA,
    membership: Membership | None = HELD,
    policy: Policy = EVERYTHING,
    others_active: int = 0,
    came_back: bool = False,
) -> Add | Update | None:
    return align(
        member,
        "a",
        membership,
        others_active=others_active,
        policy=policy,
        tiers=TIERS,
        came_back=came_back,
    )


def update(member: Member = ANNA, membership: Membership = HELD, policy: Policy = EVERYTHING) -> Update:
    changed = change(member, membership, policy)
    assert isinstance(changed, Update)
    return changed


class TestAdd:
    def test_a_new_membership_holds_every_owned_field_but_the_provider_id(self) -> None:
        assert change(membership=None) == Add(
            "a",
            "M1",
            is_primary=True,
            fields={
                "number": "AL-1",
                "tier_id": "t-gold",
                "points": 1500,
                "expires_on": date(2027, 12, 31),
                "state": "Enrolled",
            },
        )

    def test_the_provider_id_comes_in_a_second_write(self) -> None:
        added = change(membership=None)
        assert isinstance(added, Add)
        bare = HELD._replace(provider_id=None)
        assert added.completion("ms") == change(membership=bare)

    def test_empty_and_unowned_fields_are_left_out(self) -> None:
        added = change(Member("M1", number="AL-1", points=3), None, Policy(frozenset({"points", "tier"})))
        assert isinstance(added, Add)
        assert added.fields == {"points": 3, "state": "Enrolled"}

    @pytest.mark.parametrize(
        ("primary", "others", "expected"),
        [("if_only", 0, True), ("if_only", 1, False), ("always", 2, True), ("never", 0, False)],
    )
    def test_the_policy_says_whether_it_is_primary(self, primary: str, others: int, expected: bool) -> None:
        policy = Policy(frozenset(), primary=primary)  # type: ignore[arg-type]
        added = change(membership=None, policy=policy, others_active=others)
        assert isinstance(added, Add)
        assert added.is_primary is expected

    @pytest.mark.parametrize("state", ["Canceled", "Declined"])
    def test_a_member_who_left_the_scheme_gets_no_membership(self, state: str) -> None:
        assert change(replace(ANNA, state=state), None) is None


class TestUpdate:
    def test_a_membership_that_agrees_is_not_written(self) -> None:
        assert change() is None

    def test_only_changed_fields_are_written_and_their_former_values_kept(self) -> None:
        assert update(replace(ANNA, points=1600)) == Update("ms", {"points": 1600}, {"points": 1500})

    def test_an_empty_cell_of_an_owned_column_clears_the_field(self) -> None:
        changed = update(replace(ANNA, points=None, expires_on=None))
        assert changed.fields == {"points": None, "expires_on": None}
        assert changed.harm == frozenset()

    def test_a_column_that_the_file_lacks_is_not_touched(self) -> None:
        assert change(Member("M1"), policy=NOTHING) is None

    def test_an_empty_state_means_enrolled(self) -> None:
        changed = update(replace(ANNA, state=None), HELD._replace(state="Pending"))
        assert changed.fields == {"state": "Enrolled"}

    def test_a_missing_provider_id_is_written(self) -> None:
        changed = update(membership=HELD._replace(provider_id=None), policy=NOTHING)
        assert (changed.fields, changed.harm) == ({"provider_id": "M1"}, frozenset())

    def test_what_staff_cancelled_stays_when_the_scheme_owns_no_state(self) -> None:
        assert change(membership=HELD._replace(state="Canceled"), policy=NOTHING) is None

    def test_what_the_connector_cancelled_is_enrolled_when_the_member_comes_back(self) -> None:
        changed = change(membership=HELD._replace(state="Canceled"), policy=NOTHING, came_back=True)
        assert changed == Update("ms", {"state": "Enrolled"}, {"state": "Canceled"})

    def test_a_member_who_came_back_is_not_enrolled_against_the_scheme(self) -> None:
        canceled = replace(ANNA, state="Canceled")
        assert change(canceled, HELD._replace(state="Canceled"), came_back=True) is None

    @pytest.mark.parametrize("code", ["PLATINUM", "gold", "TWIN"])
    @pytest.mark.parametrize("membership", [HELD, None])
    def test_a_tier_code_that_cannot_be_told_sets_the_member_aside(
        self, code: str, membership: Membership | None
    ) -> None:
        with pytest.raises(Skippable, match="tier code"):
            change(replace(ANNA, tier=code), membership)


class TestHarm:
    @pytest.mark.parametrize("state", ["Canceled", "Declined"])
    def test_a_state_that_ends_an_active_membership_is_a_removal(self, state: str) -> None:
        assert update(replace(ANNA, state=state)).harm == {Harm.REMOVAL}

    def test_a_change_between_inactive_states_takes_nothing(self) -> None:
        changed = update(replace(ANNA, state="Declined"), HELD._replace(state="Canceled"))
        assert changed.harm == frozenset()

    def test_a_lower_tier_is_a_downgrade_and_a_higher_one_is_not(self) -> None:
        assert update(replace(ANNA, tier="SILVER")).harm == {Harm.DOWNGRADE}
        assert update(membership=HELD._replace(tier_id="t-silver")).harm == frozenset()

    def test_a_tier_of_the_same_rank_takes_nothing(self) -> None:
        assert update(replace(ANNA, tier="AMBER")).harm == frozenset()

    def test_a_first_tier_takes_nothing(self) -> None:
        assert update(membership=HELD._replace(tier_id=None)).harm == frozenset()

    def test_leaving_a_tier_of_unknown_rank_counts_as_a_downgrade(self) -> None:
        assert update(membership=HELD._replace(tier_id="t-elsewhere")).harm == {Harm.DOWNGRADE}

    def test_a_cleared_tier_is_harm(self) -> None:
        assert update(replace(ANNA, tier=None)).harm == {Harm.CLEARED_TIER}

    @pytest.mark.parametrize("number", ["AL-2", None])
    def test_a_replaced_or_cleared_number_is_harm_and_a_first_one_is_not(self, number: str | None) -> None:
        assert update(replace(ANNA, number=number)).harm == {Harm.CHANGED_NUMBER}
        assert update(membership=HELD._replace(number=None)).harm == frozenset()

    def test_another_provider_id_is_a_changed_number(self) -> None:
        assert update(membership=HELD._replace(provider_id="M9")).harm == {Harm.CHANGED_NUMBER}

    def test_what_is_confirmed_names_the_membership_the_harm_and_the_outcome(self) -> None:
        changed = update(replace(ANNA, tier="SILVER", number="AL-2"))
        outcome = "number=AL-2\x1etier_id=SILVER"
        assert list(harmful(changed, TIERS)) == [
            ("ms", "changed_number", outcome),
            ("ms", "downgrade", outcome),
        ]

    def test_a_cancel_and_a_delete_are_confirmed_apart(self) -> None:
        assert list(harmful(Cancel("ms", "Enrolled"), TIERS)) != list(harmful(Delete("ms"), TIERS))


class TestAbsence:
    def test_a_gone_member_is_cancelled_by_default_with_the_state_kept(self) -> None:
        change = gone(HELD, EVERYTHING)
        assert change == Cancel("ms", "Enrolled")
        assert (change.fields, change.before) == ({"state": "Canceled"}, {"state": "Enrolled"})
        assert change.harm == {Harm.REMOVAL}

    @pytest.mark.parametrize("state", ["Canceled", "Declined"])
    def test_a_membership_that_ended_is_not_cancelled_again(self, state: str) -> None:
        assert gone(HELD._replace(state=state), EVERYTHING) is None

    def test_the_policy_may_delete_or_keep(self) -> None:
        assert gone(HELD, Policy(frozenset(), gone="delete")) == Delete("ms")
        assert gone(HELD, Policy(frozenset(), gone="keep")) is None

    def test_an_unknown_membership_is_kept_by_default(self) -> None:
        assert unknown(HELD, EVERYTHING) is None
        assert unknown(HELD, Policy(frozenset(), unknown="cancel")) == Cancel("ms", "Enrolled")
        assert unknown(HELD, Policy(frozenset(), unknown="delete")) == Delete("ms")
