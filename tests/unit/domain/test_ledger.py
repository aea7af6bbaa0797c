from __future__ import annotations

import hashlib
from itertools import product

import pytest

from connector.domain import ledger
from connector.domain.ledger import (
    GIVEN,
    OPEN_LANE,
    TRANSITIONS,
    UNSENT,
    ForbiddenTransition,
    State,
    chain_hash,
    check,
    detail_digest,
)

FINAL = {State.CREDITED, State.REFUSED, State.SUPERSEDED, State.VOID, State.SHADOW, State.TEST}


def reachable(start: State, *, without: State | None = None) -> set[State]:
    found, frontier = set(), {start}
    while frontier:
        found |= frontier
        frontier = {after for each in frontier for after in TRANSITIONS[each] if after is not without} - found
    return found


def test_the_table_knows_every_state() -> None:
    assert set(TRANSITIONS) == set(State)


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_the_check_follows_the_table(before: State, after: State) -> None:
    if after in TRANSITIONS[before]:
        check(before, after)
    else:
        with pytest.raises(ForbiddenTransition, match=f"from {before} to {after}"):
            check(before, after)


def test_the_table_is_the_one_that_was_agreed() -> None:
    words = {
        State.HELD: "ready suspended superseded void",
        State.READY: "in_flight shadow suspended superseded void held",
        State.IN_FLIGHT: "ready in_doubt accepted credited refused test suspended",
        State.IN_DOUBT: "in_flight accepted credited refused test suspended",
        State.ACCEPTED: "credited refused suspended",
        State.SUSPENDED: "ready superseded void credited refused",
    }
    assert {state: after for state, after in TRANSITIONS.items() if after} == {
        state: {State(each) for each in after.split()} for state, after in words.items()
    }


def test_the_words_for_several_states_hold_these() -> None:
    assert {State.CREDITED, State.ACCEPTED} == GIVEN
    assert {State.IN_FLIGHT, State.IN_DOUBT} == OPEN_LANE
    assert {State.HELD, State.READY} == UNSENT
    assert ledger.FINAL == FINAL


def test_a_detail_that_is_there_has_a_digest_and_an_empty_one_has_none() -> None:
    assert detail_digest("salt", "") == ""
    assert detail_digest("salt", "words") == hashlib.sha256(b"salt\x1fwords").hexdigest()


def test_what_is_final_stays() -> None:
    assert {state for state, after in TRANSITIONS.items() if not after} == FINAL


def test_no_state_follows_itself() -> None:
    assert all(state not in after for state, after in TRANSITIONS.items())


def test_a_doubt_is_never_simply_ready_again() -> None:
    assert State.READY not in TRANSITIONS[State.IN_DOUBT]


def test_what_was_sent_can_be_neither_withdrawn_nor_superseded() -> None:
    for state in (State.IN_FLIGHT, State.IN_DOUBT, State.ACCEPTED, State.CREDITED, State.REFUSED):
        assert not TRANSITIONS[state] & {State.VOID, State.SUPERSEDED}


def test_nothing_is_credited_without_having_been_sent_or_seen_by_a_person() -> None:
    before = {state for state, after in TRANSITIONS.items() if State.CREDITED in after}
    assert before == {State.IN_FLIGHT, State.IN_DOUBT, State.ACCEPTED, State.SUSPENDED}
    assert State.IN_DOUBT not in reachable(State.READY, without=State.IN_FLIGHT)


@pytest.mark.parametrize("state", set(State) - FINAL)
def test_every_message_can_come_to_an_end(state: State) -> None:
    assert reachable(state) & FINAL


def test_the_groups_of_states_do_not_overlap() -> None:
    assert {State.HELD, State.READY} == UNSENT
    assert {State.IN_FLIGHT, State.IN_DOUBT} == OPEN_LANE
    assert {State.CREDITED, State.ACCEPTED} == GIVEN


def test_the_hash_of_a_line_covers_the_line_before_it() -> None:
    first = chain_hash("", "award", "1", "ready")
    assert first == hashlib.sha256(b"\x1faward\x1f1\x1fready").hexdigest()
    assert chain_hash(first, "award", "2") != chain_hash("", "award", "2")
    assert chain_hash("", "ab", "c") != chain_hash("", "a", "bc")
