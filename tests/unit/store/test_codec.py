from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.awards import Credit
from connector.domain.rules import Rule
from connector.domain.stays import OrderItem, Reservation, Stay
from connector.store.codec import decode, decode_rates, encode, encode_rates
from tests.integration.store.makers import credit, item

amounts = st.decimals(-(10**12), 10**12, places=4) | st.decimals(-(10**6), 10**6, places=0)
texts = st.text(st.characters(codec="utf-8"), max_size=20)
codes = st.text("ABCDEFGHIJ", min_size=3, max_size=3)
plain: dict[object, st.SearchStrategy[Any]] = {
    datetime: st.datetimes(timezones=st.just(UTC)),
    Decimal: amounts,
    str: texts,
}


def anything(hint: Any) -> st.SearchStrategy[Any]:
    """Return any value that an annotation allows."""
    parts = get_args(hint)
    if get_origin(hint) is UnionType:
        return st.none() | anything(parts[0])
    if get_origin(hint) is frozenset:
        return st.frozensets(anything(parts[0]), max_size=3)
    if get_origin(hint) is tuple and parts[-1] is Ellipsis:
        return st.lists(anything(parts[0]), max_size=3).map(tuple)
    if get_origin(hint) is tuple:
        return st.tuples(*map(anything, parts))
    return plain[hint] if hint in plain else st.from_type(hint)


def whole(kind: type) -> st.SearchStrategy[object]:
    """Return records of a kind with any values that its annotations allow."""
    return st.builds(kind, **{name: anything(hint) for name, hint in get_type_hints(kind).items()})


@pytest.mark.parametrize("kind", [Credit, Reservation, OrderItem, Rule])
@given(data=st.data())
def test_a_record_comes_back_as_it_was_written(kind: type, data: st.DataObject) -> None:
    record = data.draw(whole(kind))
    back = decode(kind, encode(record))
    assert back == record
    assert encode(back) == encode(record)  # 1.0 and 1.00 are equal, and are not the same text


def test_a_credit_of_before_there_were_shares_is_all_under_the_partner_s_own_code() -> None:
    new = replace(credit(UUID(int=1)), shares=())
    stored = {name: value for name, value in json.loads(encode(new)).items() if name != "shares"}
    assert decode(Credit, json.dumps(stored)) == new


@given(rates=st.dictionaries(st.tuples(codes, codes), amounts))
def test_rates_come_back_as_they_were_written(rates: dict[tuple[str, str], Decimal]) -> None:
    assert repr(sorted(decode_rates(encode_rates(rates)).items())) == repr(sorted(rates.items()))


def test_the_same_record_is_always_the_same_text() -> None:
    rule = Rule("spend", Decimal(1), items=frozenset({"SpaceOrder", "ProductOrder", "CityTax"}))
    again = Rule("spend", Decimal(1), items=frozenset({"CityTax", "ProductOrder", "SpaceOrder"}))
    assert encode(rule) == encode(again)


def test_the_text_is_what_stores_hold_already() -> None:
    assert encode(item("i1", taxes=(("AT-10", Decimal("9.09")),), lowers_id="Über")) == (
        '{"id":"i1","reservation_id":"r1","type":"SpaceOrder","state":"Closed","currency":"EUR","net":"90.91",'
        '"gross":"100.00","updated":"2026-11-01T12:00:00.123456+00:00","taxes":[["AT-10","9.09"]],'
        '"lowers_id":"Über","bookkeeping":false}'
    )
    rule = Rule("spend", Decimal(1), items=frozenset({"b", "a"}), departure_to=date(2026, 1, 31))
    assert '"items":["a","b"]' in encode(rule)
    assert '"departure_to":"2026-01-31"' in encode(rule)


def test_what_is_none_is_left_out() -> None:
    assert "closed" not in json.loads(encode(item("i1")))


def test_a_name_of_a_newer_version_is_ignored() -> None:
    text = json.dumps(json.loads(encode(item("i1"))) | {"invented_later": 1})
    assert decode(OrderItem, text) == item("i1")


def test_a_field_that_an_older_version_did_not_write_has_its_default() -> None:
    written = json.loads(encode(item("i1")))
    del written["bookkeeping"]
    assert decode(OrderItem, json.dumps(written)) == item("i1")


def test_a_field_that_has_no_default_must_be_there() -> None:
    written = json.loads(encode(item("i1")))
    del written["net"]
    with pytest.raises(KeyError, match="net"):
        decode(OrderItem, json.dumps(written))


def test_a_record_with_a_default_made_by_a_factory_is_refused() -> None:
    with pytest.raises(TypeError, match="Stay has a default made by a factory"):
        decode(Stay, "{}")


def test_calendar_dates_and_moments_are_told_apart() -> None:
    rule = Rule("stay", Decimal(1), departure_from=date(2026, 1, 1))
    assert decode(Rule, encode(rule)).departure_from == date(2026, 1, 1)
