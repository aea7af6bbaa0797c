"""What Mews says by itself: read as far as it can be, and nothing else comes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.hints import Hint
from connector.errors import Skippable
from connector.mews.payloads.events import anything, of_message, of_webhook

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
ODD_EVENTS: list[Any] = [
    3,
    None,
    [],
    {},
    {"Discriminator": "CustomerAdded"},
    {"Discriminator": "CustomerAdded", "Value": {"Id": 3}},
    {"Discriminator": "CustomerAdded", "Value": {"Id": "x" * 65}},
    {"Discriminator": "CustomerAdded", "Value": {"Id": "a\u0000b"}},
    {"Discriminator": "CustomerAdded", "Value": {"Id": "\ud800"}},
    {"Discriminator": "PaymentUpdated", "Value": {"Id": "p1"}},
    {"Discriminator": ["CustomerAdded"], "Value": {"Id": "g2"}},
]


def call(*events: Any, **more: Any) -> bytes:
    return json.dumps({"EnterpriseId": "e1", "IntegrationId": "i1", "Events": events, **more}).encode()


def event(name: str, id_: str) -> dict[str, Any]:
    return {"Discriminator": name, "Value": {"Id": id_}}


class TestTheWebhook:
    def test_tells_of_orders_and_customers(self) -> None:
        told = call(event("ServiceOrderUpdated", "r1"), event("CustomerAdded", "g1"), event("CustomerUpdated", "g1"))
        assert of_webhook(told) == [
            Hint("reservation", "r1", "e1"),
            Hint("customer", "g1", "e1"),
            Hint("customer", "g1", "e1"),
        ]

    def test_leaves_out_what_it_does_not_know(self) -> None:
        assert of_webhook(call(*ODD_EVENTS, event("CustomerAdded", "g1"))) == [Hint("customer", "g1", "e1")]

    def test_needs_no_property(self) -> None:
        assert of_webhook(call(event("CustomerAdded", "g1"), EnterpriseId=None)) == [Hint("customer", "g1", "")]

    @pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000, b"[]", b"3", b"{}", b'{"Events": {}}'])
    def test_is_refused_when_it_is_none(self, content: bytes) -> None:
        with pytest.raises(Skippable, match="expected an object with Events"):
            of_webhook(content)

    @given(ANY_JSON)
    @settings(max_examples=40)
    def test_never_fails_otherwise(self, events: Any) -> None:
        for content in (call(events), json.dumps(events).encode(), call(event("CustomerAdded", "g1"), Value=events)):
            try:
                assert all(isinstance(each, Hint) for each in of_webhook(content))
            except Skippable as refused:
                assert "expected an object with Events" in str(refused)  # noqa: PT017


class TestTheSocket:
    def test_tells_of_stays_that_are_over_or_of_which_that_is_not_known(self) -> None:
        states = ["Processed", "Canceled", "Confirmed", "Started", "Optional", "Rebooked", None, 3]
        events = [{"Type": "Reservation", "Id": f"r{n}", "State": state} for n, state in enumerate(states)]
        told = of_message(json.dumps({"Events": events}), "wien")
        assert told == [Hint("reservation", f"r{n}", "wien") for n in (0, 1, 5, 6, 7)]

    @pytest.mark.parametrize("message", ["", "x", b"\xff", "[" * 100_000, "[]", "{}", '{"Events": 3}'])
    def test_says_nothing_where_it_says_nothing_readable(self, message: str | bytes) -> None:
        assert of_message(message, "wien") == []

    @given(ANY_JSON)
    @settings(max_examples=40)
    def test_never_fails(self, value: Any) -> None:
        for message in (value, {"Events": value}, {"Events": [{"Type": "Reservation", "Id": value, "State": value}]}):
            assert all(each.place == "wien" for each in of_message(json.dumps(message), "wien"))


def test_a_time_without_hearing_is_a_hint_of_each_kind() -> None:
    assert anything("wien") == [Hint("reservation", "", "wien"), Hint("customer", "", "wien")]
