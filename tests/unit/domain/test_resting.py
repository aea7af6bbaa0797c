"""Messages that stay as they are, whatever changed about their stay."""

from __future__ import annotations

import pytest

from connector.domain.awards import Kind, Message
from connector.domain.corrections import rests, was_sent
from connector.domain.ledger import State
from tests.integration.store.makers import message

NOT_SENT = {State.HELD, State.READY, State.SUPERSEDED, State.VOID}


def credit(state: State, revision: int = 1) -> Message:
    return message(revision=revision, state=state)


@pytest.mark.parametrize("state", State)
def test_what_is_unsent_or_was_given_up_before_never_went_out(state: State) -> None:
    assert was_sent([credit(State.SUPERSEDED), credit(state, revision=2)]) is (state not in NOT_SENT)


class TestAStayOfWhichNothingCanBeSaid:
    def test_leaves_what_the_partner_holds(self) -> None:
        assert rests([credit(State.CREDITED)], excluded=False, awarded=False, live=False)

    def test_leaves_nothing_that_never_went_out(self) -> None:
        assert not rests([credit(State.READY)], excluded=False, awarded=False, live=True)


@pytest.mark.parametrize(("excluded", "awarded"), [(True, False), (False, True)])
def test_what_is_known_of_a_stay_changes_what_was_sent(excluded: bool, awarded: bool) -> None:
    assert not rests([credit(State.CREDITED)], excluded=excluded, awarded=awarded, live=True)


@pytest.mark.parametrize("state", [State.SHADOW, State.TEST])
def test_what_was_rehearsed_is_not_paid_after_the_go_live(state: State) -> None:
    assert rests([credit(state)], excluded=False, awarded=True, live=True) is True
    assert not rests([credit(state)], excluded=False, awarded=True, live=False)


def test_the_newest_credit_tells_whether_it_was_rehearsed() -> None:
    messages = [
        credit(State.CREDITED, revision=2),
        credit(State.SHADOW),
        message(kind=Kind.REVERSAL, revision=3, state=State.SHADOW),
    ]
    assert not rests(messages, excluded=False, awarded=True, live=True)
