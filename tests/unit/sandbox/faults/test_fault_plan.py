"""Which calls a planned fault hits."""

from __future__ import annotations

import pytest

from connector.sandbox.faults import Effect, Fault, FaultPlan, parse


def effects(plan: FaultPlan, operation: str, calls: int) -> list[list[str]]:
    return [[fault.effect.value for fault in plan.due(operation)] for _ in range(calls)]


class TestAFaultHits:
    def test_every_call_of_its_operation_when_nothing_else_is_said(self) -> None:
        plan = FaultPlan([Fault("a/b", Effect.DROP)])
        assert effects(plan, "a/b", 3) == [["drop"]] * 3

    def test_no_call_of_another_operation(self) -> None:
        plan = FaultPlan([Fault("a/b", Effect.DROP)])
        assert effects(plan, "a", 2) == [[], []]

    def test_one_method_of_its_operation_where_it_names_one(self) -> None:
        plan = FaultPlan([Fault("GET a", Effect.DROP)])
        assert (plan.due("a", "POST"), plan.due("b", "GET")) == ([], [])
        assert plan.due("a", "GET")

    def test_any_operation_for_a_star(self) -> None:
        plan = FaultPlan([Fault("*", Effect.DROP)])
        assert plan.due("a")
        assert plan.due("b")

    def test_only_so_many_times(self) -> None:
        plan = FaultPlan([Fault("a", Effect.LOSE, times=2)])
        assert effects(plan, "a", 4) == [["lose"], ["lose"], [], []]

    def test_not_the_first_calls_that_it_lets_pass(self) -> None:
        plan = FaultPlan([Fault("a", Effect.LOSE, times=1, after=2)])
        assert effects(plan, "a", 4) == [[], [], ["lose"], []]

    def test_some_calls_by_chance_and_the_same_ones_for_the_same_seed(self) -> None:
        def run(seed: int) -> list[list[str]]:
            return effects(FaultPlan([Fault("a", Effect.DROP, probability=0.5)], seed=seed), "a", 64)

        assert run(1) == run(1)
        assert run(1) != run(2)
        assert 10 < sum(map(bool, run(1))) < 54

    def test_never_with_probability_0_and_always_with_1(self) -> None:
        assert effects(FaultPlan([Fault("a", Effect.DROP, probability=0)]), "a", 20) == [[]] * 20
        assert effects(FaultPlan([Fault("a", Effect.DROP, probability=1)]), "a", 20) == [["drop"]] * 20


class TestSeveralFaults:
    def test_the_second_has_its_turn_when_the_first_is_spent(self) -> None:
        plan = FaultPlan([Fault("a", Effect.STATUS, times=1), Fault("a", Effect.LOSE, times=1)])
        assert effects(plan, "a", 3) == [["status"], ["lose"], []]

    def test_a_delay_goes_on_to_the_next(self) -> None:
        plan = FaultPlan([Fault("a", Effect.DELAY, seconds=2), Fault("a", Effect.LOSE)])
        assert effects(plan, "a", 1) == [["delay", "lose"]]

    def test_a_cleared_plan_hits_nothing(self) -> None:
        plan = FaultPlan([Fault("a", Effect.DROP)])
        plan.clear()
        assert plan.due("a") == []
        assert plan.as_json() == {"faults": []}

    def test_the_counters_tell_what_reached_and_what_was_hit(self) -> None:
        plan = FaultPlan([Fault("a", Effect.DROP, times=1)])
        effects(plan, "a", 3)
        (shown,) = plan.as_json()["faults"]
        assert (shown["operation"], shown["seen"], shown["fired"]) == ("a", 3, 1)


class TestText:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (
                "mews:loyaltyMemberships/add=lose,times=2",
                ("mews", Fault("loyaltyMemberships/add", Effect.LOSE, times=2)),
            ),
            ("uplyft:createEvent=503", ("uplyft", Fault("createEvent", Effect.STATUS, status=503))),
            (
                "airmiles:*=delay,seconds=0.5,probability=0.1,after=3",
                ("airmiles", Fault("*", Effect.DELAY, seconds=0.5, probability=0.1, after=3)),
            ),
            (
                "mews:*=429,header.Retry-After=7",
                ("mews", Fault("*", Effect.STATUS, status=429, headers={"Retry-After": "7"})),
            ),
        ],
    )
    def test_a_fault_is_read(self, text: str, expected: tuple[str, Fault]) -> None:
        assert parse(text) == expected

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("loyaltyMemberships/add=lose", "expected SERVER:OPERATION=EFFECT"),
            ("mews:a", "expected SERVER:OPERATION=EFFECT"),
            ("mews:a=explode", "effect: 'explode', expected one of status, delay, drop, lose, garbage, fail, page"),
            ("mews:a=lose,times=often", "times: 'often', expected a whole number"),
            ("mews:a=lose,times=0", "times at 1"),
            ("mews:a=lose,chance=1", "chance: unknown, expected one of"),
            ("mews:a=lose,probability=1.5", "probability: 1.5 is not between 0 and 1"),
            ("mews:a=99", "status: 99 is no HTTP status"),
        ],
    )
    def test_a_wrong_one_is_refused_with_the_reason(self, text: str, reason: str) -> None:
        with pytest.raises(ValueError, match="fault ") as raised:
            parse(text)
        assert reason in str(raised.value)
