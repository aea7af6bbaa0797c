from __future__ import annotations

import pytest

from connector.domain.awards import Kind
from connector.domain.ledger import State
from connector.domain.standing import Standing
from tests.integration.store.makers import NOW, message


@pytest.mark.parametrize(
    ("said", "paid", "returning"),
    [
        ([], False, False),
        ([("credit", "ready")], False, False),
        ([("credit", "superseded")], False, False),
        ([("credit", "in_doubt")], True, False),
        ([("credit", "accepted")], True, False),
        ([("credit", "credited")], True, False),
        ([("credit", "credited"), ("reversal", "ready")], True, True),
        ([("credit", "credited"), ("reversal", "in_doubt")], True, True),
        ([("credit", "credited"), ("reversal", "refused")], True, False),
        ([("credit", "credited"), ("reversal", "credited")], False, False),
        ([("credit", "credited"), ("reversal", "accepted")], False, False),
        ([("credit", "suspended")], False, False),
        ([("credit", "shadow")], False, False),
    ],
)
def test_what_the_partner_has(said: list[tuple[str, str]], paid: bool, returning: bool) -> None:
    messages = [message(kind=Kind(kind), state=State(state)) for kind, state in said]
    standing = Standing.of(NOW, 10, messages)
    assert (standing.gives, standing.paid, standing.returning) == (True, paid, returning)
    assert standing.is_over == (not paid and not returning)


def test_a_credit_that_was_sent_before_it_came_to_a_person_may_be_there() -> None:
    assert Standing.of(NOW, 10, [message(state=State.SUSPENDED, last_sent_at=NOW)]).paid


def test_what_was_accepted_is_on_its_way_back_where_the_books_will_tell() -> None:
    messages = [message(state=State.CREDITED), message(kind=Kind.REVERSAL, state=State.ACCEPTED)]
    standing = Standing.of(NOW, 10, messages, confirms=True)
    assert (standing.paid, standing.returning, standing.is_over) == (True, True, False)
