"""What may be done to a message by hand."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from connector.domain.awards import Kind
from connector.domain.ledger import TRANSITIONS, State
from connector.domain.operating import Deed, NotThis, Situation, outcome
from tests.integration.store.makers import message

SENT = datetime(2026, 11, 1, tzinfo=UTC)


def situation(state: State, *, sent: bool = False, kind: Kind = Kind.CREDIT, **around: Any) -> Situation:
    return Situation(message(state=state, kind=kind, last_sent_at=SENT if sent else None), **around)


@pytest.mark.parametrize(
    ("deed", "state", "sent", "after"),
    [
        (Deed.RETRY, State.SUSPENDED, False, State.READY),
        (Deed.RETRY, State.REFUSED, True, State.READY),
        (Deed.RESEND, State.SUSPENDED, True, State.READY),
        (Deed.RELEASE, State.SUSPENDED, False, State.READY),
        (Deed.RELEASE, State.HELD, False, State.READY),
        (Deed.CREDITED, State.SUSPENDED, True, State.CREDITED),
        (Deed.CREDITED, State.SUSPENDED, False, State.CREDITED),
        (Deed.NOT_CREDITED, State.SUSPENDED, True, State.REFUSED),
        (Deed.CREDITED, State.ACCEPTED, True, State.CREDITED),
        (Deed.NOT_CREDITED, State.ACCEPTED, True, State.REFUSED),
        (Deed.CREDITED, State.IN_DOUBT, True, State.CREDITED),
        (Deed.NOT_CREDITED, State.IN_DOUBT, True, State.REFUSED),
        (Deed.VOID, State.SUSPENDED, False, State.VOID),
        (Deed.VOID, State.READY, False, State.VOID),
        (Deed.VOID, State.HELD, False, State.VOID),
    ],
)
def test_a_deed_that_fits_has_its_outcome(deed: Deed, state: State, sent: bool, after: State) -> None:
    assert outcome(deed, situation(state, sent=sent)) is after


@pytest.mark.parametrize("deed", Deed)
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("sent", [True, False])
def test_nothing_else_than_the_table_allows_is_ever_done(deed: Deed, state: State, sent: bool) -> None:
    with suppress(NotThis):
        after = outcome(deed, situation(state, sent=sent))
        assert after in TRANSITIONS[state] or (deed in {Deed.RETRY, Deed.RESEND} and state is State.REFUSED)


@pytest.mark.parametrize("state", State)
def test_what_was_sent_is_never_withdrawn(state: State) -> None:
    with pytest.raises(NotThis):
        outcome(Deed.VOID, situation(state, sent=True))


@pytest.mark.parametrize("deed", [Deed.RETRY, Deed.RELEASE])
def test_a_doubt_wants_the_partners_word(deed: Deed) -> None:
    with pytest.raises(NotThis, match="the partner may have it"):
        outcome(deed, situation(State.SUSPENDED, sent=True))


@pytest.mark.parametrize("waited_for", [State.READY, State.REFUSED, State.SUSPENDED, State.VOID, State.IN_DOUBT])
@pytest.mark.parametrize("state", [State.SUSPENDED, State.HELD])
def test_no_credit_is_let_go_before_what_it_replaces_is_back(state: State, waited_for: State) -> None:
    with pytest.raises(NotThis, match="it waits for a reversal"):
        outcome(Deed.RELEASE, situation(state, waited_for=waited_for))


@pytest.mark.parametrize("waited_for", [State.CREDITED, State.ACCEPTED])
def test_after_its_reversal_it_may_go(waited_for: State) -> None:
    assert outcome(Deed.RELEASE, situation(State.SUSPENDED, waited_for=waited_for)) is State.READY


def test_what_is_held_goes_by_itself_when_its_reversal_is_more_than_accepted() -> None:
    with pytest.raises(NotThis, match="it waits for a reversal that is accepted"):
        outcome(Deed.RELEASE, situation(State.HELD, waited_for=State.ACCEPTED))
    assert outcome(Deed.RELEASE, situation(State.HELD, waited_for=State.CREDITED)) is State.READY


@pytest.mark.parametrize(
    ("around", "fault"),
    [
        ({"newest": False}, "a later revision took its place"),
        ({"earning": False}, "its stay earns nothing by now"),
        ({"kind": Kind.REVERSAL}, "it is a refused reversal"),
    ],
)
def test_a_refused_one_is_said_again_only_where_it_is_the_last_word(around: dict[str, Any], fault: str) -> None:
    with pytest.raises(NotThis, match=fault):
        outcome(Deed.RETRY, situation(State.REFUSED, sent=True, **around))
