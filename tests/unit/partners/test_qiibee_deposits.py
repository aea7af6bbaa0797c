"""What qiibee tells of miles exchanged for points, in every reading of what its page leaves open."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.deposits import Deposit
from connector.errors import Skippable
from connector.partners.qiibee import Receiver

HASH, OTHER = "0x" + "ab" * 32, "0x" + "cd" * 32
AT = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
TOLD: dict[str, Any] = {
    "amount": 250,
    "auth_id": "A-1",
    "timestamp": "2026-11-28T10:30:00+01:00",
    "token_name": "Alpenglow Points",
    "token_symbol": "ALP",
    "transaction_type": "credit",
    "tx_hash": HASH,
}
RECEIVER = Receiver("qiibee", "a secret: with a colon")


def read(**changes: Any) -> Deposit:
    fields = {name: value for name, value in (TOLD | changes).items() if value is not ...}
    return RECEIVER.read(json.dumps(fields).encode())


def test_a_call_as_it_is_published_is_a_deposit() -> None:
    assert read() == Deposit(HASH, "A-1", Decimal(250), "ALP", AT)


def test_a_reversal_names_what_it_takes_back() -> None:
    expected = Deposit(OTHER, "A-1", Decimal(250), "ALP", AT, reverts=HASH)
    for words in ({}, {"transaction_type": "debit"}, {"amount": -250}):
        assert read(tx_hash=OTHER, tx_hash_reverted=HASH, **words) == expected
    assert expected.kind == "reversal"


@pytest.mark.parametrize("nothing", [None, "", ...])
def test_nothing_is_taken_back_where_nothing_is_named(nothing: Any) -> None:
    assert read(tx_hash_reverted=nothing).kind == "credit"


@pytest.mark.parametrize(("told", "points"), [(250.5, "250.5"), ("250", "250"), ("250.50", "250.5"), (1e3, "1000")])
def test_amounts_are_numbers_or_texts_of_them(told: Any, points: str) -> None:
    assert (read(amount=told).points, read(amount=told).fault) == (Decimal(points), "")


@pytest.mark.parametrize("told", [0, -1, -0.5, "0"], ids=repr)
def test_an_amount_must_be_above_zero(told: Any) -> None:
    assert read(amount=told).fault == "its amount is not above zero"


@pytest.mark.parametrize(
    "told", [None, ..., True, "", "much", [], {}, "NaN", "Infinity", "1e11", "1e-19", "9" * 40], ids=repr
)
def test_what_is_no_amount_is_kept_with_that_fault(told: Any) -> None:
    found = read(amount=told)
    assert (found.reference, found.fault) == (HASH, "its amount is no plain number")


@pytest.mark.parametrize("number", ["1e999999999", "NaN", "-Infinity", "1e-999999999", "9" * 5000])
def test_numbers_beyond_all_measure_break_nothing(number: str) -> None:
    content = json.dumps(TOLD).replace("250", number).encode()
    try:
        assert RECEIVER.read(content).fault
    except Skippable as refused:
        assert "not JSON" in str(refused)  # noqa: PT017


@pytest.mark.parametrize("told", [None, ..., "", 3, "x" * 201, "two\nlines", "\ud800", "a\u0000"], ids=repr)
def test_a_member_is_a_text_of_one_line(told: Any) -> None:
    found = read(auth_id=told)
    assert (found.member, found.fault) == ("", "its auth_id is missing or no text of one line")


def test_the_kind_is_credit_in_any_case_and_may_be_left_out() -> None:
    assert [read(transaction_type=word).fault for word in ("Credit", "", None, ...)] == [""] * 4
    assert read(transaction_type="debit").fault.startswith("its transaction_type is not credit")
    assert read(transaction_type=3).fault.startswith("its transaction_type is not credit")


@pytest.mark.parametrize("told", [HASH, "not a hash", 3, ["x"]], ids=repr)
def test_what_is_taken_back_must_be_another_one(told: Any) -> None:
    assert read(tx_hash_reverted=told).fault == "its tx_hash_reverted is not the hash of another one"


@pytest.mark.parametrize("told", [None, ..., "", 3, "yesterday", "0001-01-01T00:00:00+14:00", "2026-13-01"], ids=repr)
def test_a_time_that_cannot_be_read_is_none(told: Any) -> None:
    assert (read(timestamp=told).at, read(timestamp=told).fault) == (None, "")


def test_a_time_without_a_zone_is_utc_and_z_is_known() -> None:
    assert read(timestamp="2026-11-28T09:30:00").at == read(timestamp="2026-11-28T09:30:00Z").at == AT


def test_the_name_of_the_points_stands_in_where_there_is_no_symbol() -> None:
    assert read(token_symbol=None).token == "Alpenglow Points"
    assert read(token_symbol=None, token_name=3).token == ""


@pytest.mark.parametrize("told", [None, ..., "", 3, "x" * 129, "a b", "hash,1"], ids=repr)
def test_a_call_without_a_hash_is_refused(told: Any) -> None:
    with pytest.raises(Skippable, match="tx_hash is missing or no hash"):
        read(tx_hash=told)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 9_000, b"[]", b"3", b"null"])
def test_what_is_no_object_is_refused(content: bytes) -> None:
    with pytest.raises(Skippable, match="the body is n"):
        RECEIVER.read(content)


@given(
    st.dictionaries(
        st.sampled_from(sorted(TOLD)), st.none() | st.integers() | st.text() | st.floats() | st.lists(st.text())
    )
)
def test_any_fields_are_read_or_refused(changes: dict[str, Any]) -> None:
    try:
        found = read(**changes)
    except Skippable:
        return
    assert found.fault or (found.points > 0 and found.member)
    f"{found.member}{found.token}{found.points:f}".encode()


class TestTheCredentials:
    def test_are_those_that_were_agreed(self) -> None:
        right = b64encode(b"qiibee:a secret: with a colon").decode()
        assert RECEIVER.knows(f"Basic {right}")
        assert RECEIVER.knows(f"basic  {right} ")

    @pytest.mark.parametrize("header", ["", "Basic", "Basic ", "Bearer x", "Basic eA==", "é", "Basic \ud800"])
    def test_are_no_others(self, header: str) -> None:
        assert not RECEIVER.knows(header)
        assert not RECEIVER.knows(f"Bearer {b64encode(b'qiibee:a secret: with a colon').decode()}")
