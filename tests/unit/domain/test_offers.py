"""Rules that belong to an offer: what is asked for, what counts, and what is waited for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connector.domain.decision import Decision, Earned, Frozen, Status, decide
from connector.domain.offers import Ask, OptIn, Unclear
from connector.domain.rules import Rule
from tests.unit.domain.stay_makers import CHECK_OUT, MEMBER, NOW, contract, item, membership, reservation, rule, stay

BASE = rule(name="base")
BONUS = rule(name="spring", bonus=50, offer="spring", offer_code="SPRING")
OTHER = rule(name="winter", bonus=7, offer="winter", offer_code="WINTER")
IN_TIME = OptIn(opted_in=True, at=CHECK_OUT)
NEVER = OptIn(opted_in=False)


def decided(
    *rules: Rule, frozen: Frozen | None = None, opt_ins: dict[str, OptIn | Unclear] | None = None, **terms: Any
) -> Decision:
    told = {} if opt_ins is None else {MEMBER: opt_ins}
    of = replace(stay(item(gross="100.00"), memberships=(membership(),)), opt_ins=told)
    return decide(of, contract(*(rules or (BASE, BONUS)), **terms), NOW, frozen)


def award(decision: Decision) -> Earned:
    assert decision.award is not None, decision.text
    return decision.award


def test_what_must_be_known_is_asked_for_the_member_and_awarded_nothing_until_then() -> None:
    decision = decided(BASE, BONUS, OTHER)
    assert (decision.status, decision.reason, decision.due) == (Status.WAITING, "offer_not_read", NOW)
    assert decision.asks == Ask(MEMBER, frozenset({"spring", "winter"}))
    assert decided(BASE, BONUS, OTHER, opt_ins={"spring": NEVER}).asks == Ask(MEMBER, frozenset({"winter"}))
    assert decided(BASE, BONUS, opt_ins={"spring": NEVER}).asks is None
    assert MEMBER not in repr(decision.asks)


@pytest.mark.parametrize(
    ("opt_in", "miles", "against"),
    [
        (IN_TIME, 250, ""),
        (OptIn(opted_in=True, at=CHECK_OUT + timedelta(microseconds=1)), 100, "late_opt_in"),
        (OptIn(opted_in=True), 250, ""),
        (NEVER, 100, "no_opt_in"),
    ],
)
def test_an_opt_in_counts_that_is_not_later_than_the_check_out(opt_in: OptIn, miles: int, against: str) -> None:
    decision = decided(opt_ins={"spring": opt_in})
    assert award(decision).miles == miles
    (found,) = [each["against"] for each in decision.explanation["rules"] if each["name"] == "spring"]  # type: ignore[attr-defined]
    assert list(found) == ([against] if against else [])


def test_the_check_out_of_a_guest_who_left_early_is_the_actual_one() -> None:
    early = stay(item(), reservation=reservation(actual_end=CHECK_OUT - timedelta(days=1)))
    late = replace(early, opt_ins={MEMBER: {"spring": IN_TIME}})
    assert award(decide(late, contract(BASE, BONUS), NOW)).miles == 100


def test_a_rule_stops_others_only_if_the_member_opted_in() -> None:
    first = replace(BONUS, priority=1, stop=True)
    assert award(decided(BASE, first, opt_ins={"spring": IN_TIME})).shares == (("SPRING", 150),)
    assert award(decided(BASE, first, opt_ins={"spring": NEVER})).miles == 100


def test_what_the_award_fixed_is_not_asked_again_whatever_is_said_later() -> None:
    frozen = award(decided(opt_ins={"spring": IN_TIME})).frozen
    assert frozen.opt_ins == {"spring": IN_TIME}
    again = decided(frozen=frozen, opt_ins={"spring": NEVER})
    assert (award(again).miles, award(again).frozen.opt_ins) == (250, {"spring": IN_TIME})
    further = decided(BASE, BONUS, OTHER, frozen=frozen)
    assert further.asks == Ask(MEMBER, frozenset({"winter"}))


def test_what_may_still_be_said_is_waited_for_until_the_settle_timeout() -> None:
    later = {"spring": Unclear("the partner does not answer", passing=True)}
    assert decided(opt_ins=later).status is Status.WAITING
    decision = decided(opt_ins=later, settle_timeout=timedelta(days=20))
    assert (decision.status, decision.reason) == (Status.SUSPENDED, "offer_not_read")


def test_what_will_not_be_said_is_a_person_s_case() -> None:
    decision = decided(opt_ins={"spring": Unclear("the offer is over", passing=False)})
    assert (decision.status, decision.reason, decision.text) == (
        Status.SUSPENDED,
        "offer_unclear",
        "the offer is over",
    )
