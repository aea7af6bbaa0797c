from __future__ import annotations

from dataclasses import replace

import pytest

from connector.domain.awards import Kind, Message
from connector.domain.corrections import Correction, correct, standing
from connector.domain.ledger import State
from tests.integration.store.makers import message

NUMBER = "992001234567890"
OTHER = "992009999999990"


def credit(state: State, miles: int = 100, revision: int = 1, **facts: object) -> Message:
    return message(revision=revision, state=state, miles=miles, **facts)


def reversal(state: State, miles: int = 100, revision: int = 1) -> Message:
    return message(kind=Kind.REVERSAL, revision=revision, state=state, miles=miles)


def corrected(
    *messages: Message, miles: int, number: str = NUMBER, reverses: bool = True, correct_from: int = 1
) -> Correction:
    return correct(messages, number, miles, reverses=reverses, correct_from=correct_from)


HELD, READY, CREDITED = credit(State.HELD), credit(State.READY), credit(State.CREDITED)
GIVEN = [CREDITED, credit(State.ACCEPTED)]
UNSENT = [HELD, READY]
OPEN = [credit(State.IN_FLIGHT), credit(State.IN_DOUBT), credit(State.SUSPENDED)]


def test_an_award_without_a_message_gets_its_first_credit() -> None:
    assert corrected(miles=100) == Correction(credit=100)
    assert corrected(miles=0).is_nothing


@pytest.mark.parametrize("said", [*GIVEN, *UNSENT, *OPEN])
def test_what_was_said_and_still_is_true_is_left_alone(said: Message) -> None:
    assert corrected(said, miles=100).is_nothing


@pytest.mark.parametrize("said", UNSENT)
def test_what_is_unsent_gives_way(said: Message) -> None:
    assert corrected(said, miles=80) == Correction(supersede=(said.key,), credit=80)
    assert corrected(said, miles=0) == Correction(supersede=(said.key,))
    assert corrected(said, miles=100, number=OTHER) == Correction(supersede=(said.key,), credit=100)
    assert corrected(said, miles=99, correct_from=50) == Correction(supersede=(said.key,), credit=99)


@pytest.mark.parametrize("said", OPEN)
@pytest.mark.parametrize(("miles", "number"), [(80, NUMBER), (0, NUMBER), (100, OTHER)])
def test_nothing_is_done_while_the_outcome_is_open(said: Message, miles: int, number: str) -> None:
    assert corrected(said, miles=miles, number=number) == Correction(wait=True)


@pytest.mark.parametrize("said", GIVEN)
@pytest.mark.parametrize("miles", [0, 80, 120])
def test_what_was_given_is_reversed_and_then_given_anew(said: Message, miles: int) -> None:
    assert corrected(said, miles=miles) == Correction(reverse=said, credit=miles)


def test_a_credit_to_another_number_is_reversed_whatever_the_difference() -> None:
    assert corrected(CREDITED, miles=100, number=OTHER, correct_from=50) == Correction(reverse=CREDITED, credit=100)


@pytest.mark.parametrize(("miles", "done"), [(51, False), (149, False), (50, True), (150, True), (0, True)])
def test_a_small_difference_is_not_worth_a_correction(miles: int, done: bool) -> None:
    assert corrected(CREDITED, miles=miles, correct_from=50).is_nothing is not done


def test_a_channel_that_cannot_take_miles_back_leaves_it_to_a_person() -> None:
    correction = corrected(CREDITED, miles=80, reverses=False)
    assert correction == Correction(suspend=correction.suspend)
    assert correction.suspend.startswith("100 miles were credited, the folio now earns 80;")


@pytest.mark.parametrize("state", [State.SHADOW, State.TEST])
def test_where_no_miles_moved_nothing_has_to_be_taken_back(state: State) -> None:
    assert corrected(credit(state), miles=80, reverses=False) == Correction(credit=80)


@pytest.mark.parametrize("state", [State.REFUSED, State.VOID, State.SUPERSEDED])
def test_a_credit_that_fell_is_no_credit(state: State) -> None:
    assert standing([credit(state)]) is None


def test_a_superseded_credit_leaves_room_for_the_same_again() -> None:
    assert corrected(credit(State.SUPERSEDED), miles=100) == Correction(credit=100)


def test_what_the_partner_refused_is_said_again_only_when_it_changed() -> None:
    assert corrected(credit(State.REFUSED), miles=100).is_nothing
    assert corrected(credit(State.REFUSED), miles=80) == Correction(credit=80)
    assert corrected(credit(State.REFUSED), miles=100, number=OTHER) == Correction(credit=100)


@pytest.mark.parametrize("miles", [0, 80, 100])
def test_what_a_person_voided_stays_void(miles: int) -> None:
    assert corrected(credit(State.VOID), miles=miles).is_nothing


def test_a_refused_reversal_is_not_tried_again_but_left_to_a_person() -> None:
    correction = corrected(CREDITED, reversal(State.REFUSED), miles=80)
    assert correction == Correction(suspend=correction.suspend)
    assert "the partner refused the reversal" in correction.suspend


@pytest.mark.parametrize("state", [State.READY, State.IN_FLIGHT, State.ACCEPTED, State.CREDITED])
def test_a_credit_that_is_being_reversed_stands_no_more(state: State) -> None:
    assert standing([CREDITED, reversal(state)]) is None


def test_a_credit_whose_reversal_was_refused_stands_again() -> None:
    assert standing([CREDITED, reversal(State.REFUSED)]) == CREDITED


def test_the_newest_standing_credit_counts() -> None:
    newer = credit(State.HELD, 80, revision=2)
    assert standing([newer, CREDITED, reversal(State.READY)]) == newer


def test_a_held_revision_gives_way_while_its_reversal_goes_on() -> None:
    waiting = replace(credit(State.HELD, 80, revision=2), waits_for=reversal(State.READY).key)
    correction = corrected(CREDITED, reversal(State.READY), waiting, miles=60)
    assert correction == Correction(supersede=(waiting.key,), credit=60)


def test_a_stay_that_earns_nothing_after_its_reversal_needs_nothing() -> None:
    assert corrected(CREDITED, reversal(State.CREDITED), miles=0).is_nothing
    assert corrected(CREDITED, reversal(State.CREDITED), miles=80) == Correction(credit=80)
