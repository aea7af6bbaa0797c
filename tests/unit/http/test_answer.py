from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connector.errors import Lost
from connector.http.answer import Answer, http_date

NOW = datetime(2026, 11, 1, 12, 0, 0, tzinfo=UTC)


def answer(content: bytes = b"", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(200, named, content, source="Mews (customers/getAll)")


def test_json_is_decoded() -> None:
    assert answer(b'{"a": [1, "\xc3\xbc"]}').json() == {"a": [1, "ü"]}


@pytest.mark.parametrize("content", [b"", b"<html>", b'{"a":', b"\xff\xfe\x00", b"[" * 100_000])
def test_what_is_not_json_is_lost_and_says_who_sent_it(content: bytes) -> None:
    with pytest.raises(Lost, match=r"Mews \(customers/getAll\) answered 200 with something that is not JSON"):
        answer(content).json()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 30 ", 30.0),
        ("Sun, 01 Nov 2026 12:01:30 GMT", 90.0),
        ("Sun, 01 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("Fri, 31 Dec 9999 23:59:59 -1200", None),
        ("-5", None),
        ("²", None),
        ("", None),
    ],
)
def test_the_wait_is_read_as_seconds_or_as_a_date(value: str, seconds: float | None) -> None:
    assert answer(retry_after=value).retry_after(NOW) == seconds


def test_a_moment_counts_from_the_answers_own_date() -> None:
    then, theirs = "Sun, 01 Nov 2026 12:01:30 GMT", "Sun, 01 Nov 2026 12:01:00 GMT"
    assert answer(retry_after=then, date=theirs).retry_after(NOW) == 30.0


def test_no_header_asks_for_no_wait() -> None:
    assert answer().retry_after(NOW) is None


@pytest.mark.parametrize("zone", ["GMT", "+0000", "-0000"])
def test_an_http_date_is_aware_and_in_utc(zone: str) -> None:
    moment = http_date(f"Sun, 01 Nov 2026 12:00:00 {zone}")
    assert moment == NOW
    assert moment is not None
    assert moment.utcoffset() == NOW.utcoffset()


@pytest.mark.parametrize("value", ["", "yesterday", "Sun, 99 Nov 2026 12:00:00 GMT"])
def test_what_is_no_date_is_none(value: str) -> None:
    assert http_date(value) is None


def test_the_representation_shows_no_content() -> None:
    assert "guest" not in repr(answer(b"guest"))
