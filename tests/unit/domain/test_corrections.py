from __future__ import annotations

from dataclasses import replace

import pytest

from connector.domain.awards import Kind, Message
from connector.domain.corrections import Correction, correct, last_reversal, standing, unsent_reversal
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
    assert corrected(said, miles=miles) == Correction(reverse=(said,), credit=miles)


def test_a_credit_to_another_number_is_reversed_whatever_the_difference() -> None:
    assert corrected(CREDITED, miles=100, number=OTHER, correct_from=50) == Correction(reverse=(CREDITED,), credit=100)


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
    assert standing([credit(state)]) == []


def test_a_superseded_credit_leaves_room_for_the_same_again() -> None:
    assert corrected(credit(State.SUPERSEDED), miles=100) == Correction(credit=100)


def test_what_the_partner_refused_is_said_again_only_when_it_changed() -> None:
    assert corrected(credit(State.REFUSED), miles=100).is_nothing
    assert corrected(credit(State.REFUSED), miles=80) == Correction(credit=80)
    assert corrected(credit(State.REFUSED), miles=100, number=OTHER) == Correction(credit=100)


@pytest.mark.parametrize("miles", [0, 80, 100])
def test_what_a_person_voided_stays_void(miles: int) -> None:
    assert corrected(credit(State.VOID), miles=miles).is_nothing


def test_a_reversal_that_a_person_voided_is_not_made_again() -> None:
    correction = corrected(CREDITED, reversal(State.VOID), miles=80)
    assert correction == Correction(suspend=correction.suspend)
    assert "the reversal was withdrawn by hand" in correction.suspend


def test_a_refused_reversal_is_not_tried_again_but_left_to_a_person() -> None:
    correction = corrected(CREDITED, reversal(State.REFUSED), miles=80)
    assert correction == Correction(suspend=correction.suspend)
    assert "the partner refused the reversal" in correction.suspend


@pytest.mark.parametrize("state", [State.READY, State.IN_FLIGHT, State.ACCEPTED, State.CREDITED])
def test_a_credit_that_is_being_reversed_stands_no_more(state: State) -> None:
    assert standing([CREDITED, reversal(state)]) == []


def test_a_credit_whose_reversal_was_refused_stands_again() -> None:
    assert standing([CREDITED, reversal(State.REFUSED)]) == [CREDITED]


def test_the_newest_standing_credit_counts() -> None:
    newer = credit(State.HELD, 80, revision=2)
    assert standing([newer, CREDITED, reversal(State.READY)]) == [newer]


def test_a_held_revision_gives_way_while_its_reversal_goes_on() -> None:
    waiting = replace(credit(State.HELD, 80, revision=2), waits_for=reversal(State.READY).key)
    correction = corrected(CREDITED, reversal(State.READY), waiting, miles=60)
    assert correction == Correction(supersede=(waiting.key,), credit=60)


def test_a_stay_that_earns_nothing_after_its_reversal_needs_nothing() -> None:
    assert corrected(CREDITED, reversal(State.CREDITED), miles=0).is_nothing
    assert corrected(CREDITED, reversal(State.CREDITED), miles=80) == Correction(credit=80)


class TestByDifference:
    """Credits of 100 (the first) and 50 (the second) stand."""

    FIRST, SECOND = credit(State.CREDITED), credit(State.ACCEPTED, 50, revision=2)

    def by_difference(self, *messages: Message, miles: int, **facts: object) -> Correction:
        found: dict[str, object] = {
            "reverses": True,
            "correct_from": 1,
            "may_keep": lambda _kept: True,
            "number": NUMBER,
        }
        return correct(messages, miles=miles, **(found | facts))  # type: ignore[arg-type]

    def test_a_raise_is_one_further_credit(self) -> None:
        correction = self.by_difference(self.FIRST, self.SECOND, miles=170)
        assert correction == Correction(keeps=(self.FIRST, self.SECOND), credit=20)
        assert correction.miles == 170

    @pytest.mark.parametrize(
        ("miles", "kept", "missing"),
        [(149, 1, 49), (101, 1, 1), (100, 1, 0), (99, 0, 99), (0, 0, 0)],
    )
    def test_a_reduction_reverses_the_newest_and_gives_what_is_missing(
        self, miles: int, kept: int, missing: int
    ) -> None:
        both = (self.FIRST, self.SECOND)
        correction = self.by_difference(*both, miles=miles)
        assert correction == Correction(reverse=both[kept:], keeps=both[:kept], credit=missing)

    def test_another_number_is_given_the_whole(self) -> None:
        correction = self.by_difference(self.FIRST, self.SECOND, miles=170, number=OTHER)
        assert correction == Correction(reverse=(self.FIRST, self.SECOND), credit=170)

    def test_what_cannot_be_kept_is_replaced(self) -> None:
        correction = self.by_difference(self.FIRST, miles=170, may_keep=lambda _kept: False)
        assert correction == Correction(reverse=(self.FIRST,), credit=170)

    def test_an_unsent_difference_gives_way(self) -> None:
        unsent = credit(State.READY, 50, revision=2)
        assert self.by_difference(self.FIRST, unsent, miles=150).is_nothing
        assert self.by_difference(self.FIRST, unsent, miles=170) == Correction((unsent.key,), (), (self.FIRST,), 70)
        assert self.by_difference(self.FIRST, unsent, miles=101, correct_from=5) == Correction(
            (unsent.key,), keeps=(self.FIRST,)
        )

    def test_a_refused_difference_is_not_said_again(self) -> None:
        refused = credit(State.REFUSED, 50, revision=2)
        assert self.by_difference(self.FIRST, refused, miles=150).is_nothing
        assert self.by_difference(self.FIRST, refused, miles=160) == Correction(keeps=(self.FIRST,), credit=60)

    def test_a_credit_whose_reversal_was_refused_may_still_be_added_to(self) -> None:
        refused = reversal(State.REFUSED)
        assert self.by_difference(self.FIRST, refused, miles=120) == Correction(keeps=(self.FIRST,), credit=20)
        assert self.by_difference(self.FIRST, refused, miles=80).suspend

    def test_nothing_is_added_while_the_outcome_is_open(self) -> None:
        assert self.by_difference(self.FIRST, credit(State.IN_DOUBT, 50, revision=2), miles=170) == Correction(
            wait=True
        )
        assert self.by_difference(self.FIRST, credit(State.IN_DOUBT, 50, revision=2), miles=150).is_nothing

    def test_a_channel_that_cannot_take_miles_back_leaves_a_raise_to_a_person_too(self) -> None:
        correction = self.by_difference(self.FIRST, self.SECOND, miles=170, reverses=False)
        assert correction.suspend.startswith("150 miles were credited, the folio now earns 170;")


def test_reversals_wait_for_one_another_and_a_credit_for_the_last() -> None:
    newest, older = reversal(State.READY, 50, revision=2), reversal(State.HELD, 100)
    chained = [newest, replace(older, waits_for=newest.key)]
    assert unsent_reversal([newest]) == newest.key
    assert last_reversal(chained) == unsent_reversal(chained) == older.key
    done = reversal(State.CREDITED)
    assert last_reversal([done]) == done.key
    assert unsent_reversal([done]) is None
    assert last_reversal([reversal(State.REFUSED)]) is None


def test_a_credit_waits_for_the_reversal_under_way_not_for_a_later_revision_that_is_done() -> None:
    under_way, done = reversal(State.READY), reversal(State.CREDITED, 50, revision=2)
    assert last_reversal([under_way, done]) == under_way.key
    assert unsent_reversal([under_way, done]) == under_way.key


def test_a_suspended_credit_whose_reversal_was_refused_is_as_it_should_be() -> None:
    messages = [CREDITED, reversal(State.REFUSED), credit(State.SUSPENDED, 80, revision=2)]
    assert corrected(*messages, miles=80).is_nothing
    assert corrected(*messages, miles=100) == Correction(wait=True)


def test_a_changed_number_is_told_masked() -> None:
    correction = corrected(CREDITED, miles=80, number=OTHER, reverses=False)
    assert correction.suspend.startswith(
        "100 miles were credited to ***********7890, the stay now earns 80 for ***********9990;"
    )


def test_miles_credited_to_several_numbers_are_told_with_each() -> None:
    one, other = (
        credit(State.CREDITED, number="992001234567890"),
        credit(State.CREDITED, 50, 2, number="992009999999999"),
    )
    found = corrected(one, other, miles=70, reverses=False)
    assert "150 miles were credited to ***********7890, ***********9999" in repr(found)
