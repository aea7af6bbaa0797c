from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from connector.telemetry.redact import forget, mask_number, redact, register

RESERVATION = "3edbe1b4-6739-40b7-81b3-d369d9469c48"
ALL_DIGITS = "12345678-1234-4234-8234-123456789012"


@pytest.fixture
def secret() -> Iterator[str]:
    value = 'p"ä\\ss/w ord'
    register(value)
    yield value
    forget(value)


moments = st.datetimes(datetime(1900, 1, 1), datetime(2099, 12, 31))  # noqa: DTZ001 (a naive strategy)


class TestWhatStays:
    @pytest.mark.parametrize(
        "text",
        [
            f"reservation {RESERVATION} of {ALL_DIGITS}",
            f"reservations {ALL_DIGITS} {RESERVATION}, {ALL_DIGITS}/{ALL_DIGITS}",
            "between 2026-11-01T00:00:00Z and 2026-11-22T06:20:00.123456+01:00",
            "at 2026-11-22 06:20:00.123456 and 2026-11-22 06:20 2026-11-23",
            "from 2026-01-01 to 2026-12-31",
            "spent 1234.56 EUR and 99999999.99 CAD of 1,234,567.89",
            "plan 0a1b2c3d4e5f60718293a4b5c6d7e8f90123456789abcdef0123456789abcdef",
            "read 12345678 rows in 0.12345678 s",
            "127.0.0.1:54321 answered 200 after 3 attempts",
            "tokens_used=3, the token_endpoint is https://oauth.partner.test/oauth/token",
            "",
        ],
    )
    def test_harmless_text_is_left_alone(self, text: str) -> None:
        assert redact(text) == text

    @settings(max_examples=50, deadline=None)
    @given(st.uuids(), moments, st.decimals(-(10**8) + 1, 10**8 - 1, places=2))
    def test_ids_times_and_amounts_survive_side_by_side(self, name: UUID, moment: datetime, amount: Decimal) -> None:
        for text in (f"{name} {moment.isoformat()} {amount}", f"{moment} {name}", f"{amount}, {name}"):
            assert redact(text) == text

    def test_plain_values_keep_their_types(self) -> None:
        event = {"a": 1, "b": 2.5, "c": None, "d": True, "e": ["x", {"f": -3}]}
        assert redact(event) == event

    def test_rich_values_become_text(self) -> None:
        class State(StrEnum):
            HELD = "held"

        event = {
            "id": UUID(RESERVATION),
            "at": datetime(2026, 11, 1, 12, tzinfo=UTC),
            "on": date(2026, 11, 1),
            "amount": Decimal("12.50"),
            "took": timedelta(seconds=90),
            "state": State.HELD,
            "ids": {3},
        }
        assert redact(event) == {
            "id": RESERVATION,
            "at": "2026-11-01T12:00:00+00:00",
            "on": "2026-11-01",
            "amount": "12.50",
            "took": "0:01:30",
            "state": "held",
            "ids": [3],
        }


class TestWhatGoes:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("card 992001234567894", "card …7894"),
            ("card 9920 0123 4567 894.", "card …7894."),
            ("card 9920-0123-4567-894", "card …7894"),
            ("cardMM992001234567894x", "cardMM…7894x"),
            ("card 992 001 234", "card …1234"),
            ("card 99 20 01 23", "card 99 20 01 23"),
            ("stayed 2026-11-01 with 992001234567894", "stayed 2026-11-01 with …7894"),
            ("992001234567894 stayed 2026-11-01", "…7894 stayed 2026-11-01"),
            (f"992001234567894 {ALL_DIGITS}", f"…7894 {ALL_DIGITS}"),
            ("call +43 664 1234567", "call +…4567"),
            ("paid by 4111.1111/1111_1111 then", "paid by [redacted] then"),
            ("٩٩٢٠٠١٢٣٤٥٦٧", "…٤٥٦٧"),
        ],
    )
    def test_long_numbers_keep_their_last_four_digits(self, text: str, expected: str) -> None:
        assert redact(text) == expected

    def test_a_long_number_that_is_no_text_is_masked_too(self) -> None:
        assert redact({"number": 992001234567894, "rows": 99_999_999}) == {
            "number": "…7894",
            "rows": 99_999_999,
        }

    @pytest.mark.parametrize("text", ["anna.muster+x@example.co.uk", "<Ännä@exämple.test>", "a%40example.com"])
    def test_e_mail_addresses_go(self, text: str) -> None:
        assert "[e-mail]" in str(redact(f"guest {text} wrote"))
        assert "ex" not in str(redact(f"guest {text} wrote")).replace("e-mail", "")

    @pytest.mark.parametrize(
        "text",
        [
            "Authorization: Bearer PLANTED",
            "Authorization: Basic UExBTlRFRA==PLANTED",
            "sent bearer PLANTED-and-more",
            "(b'authorization', b'Basic PLANTED123')",
            '{"AccessToken":"PLANTED","ClientToken": "PLANTED"}',
            r'"{\"AccessToken\": \"PLANTED two words\"}"',
            "{'client_secret': 'PLANTED words'}",
            "{'client_secret': b'PLANTED words'}",
            '{"AccessToken": "PLANTED cut o',
            "Cookie: ClientToken=PLANTED; AccessToken=PLANTED",
            "https://x.test/hook?token=PLANTED&x=1",
            "password = PLANTED",
            "X-Api-Key: PLANTED",
            "eyJQTEFOVEVE.eyJPLANTED.PLANTED",
            '{"FirstName": "PLANTED", "LastName": "PLANTED", "Email": "PLANTED"}',
        ],
    )
    def test_token_shapes_and_secret_like_fields_go_from_text(self, text: str) -> None:
        assert "PLANTED" not in str(redact(text))
        assert "[redacted]" in str(redact(text))

    @pytest.mark.parametrize("length", [31, 32])
    def test_the_token_shape_of_mews_goes(self, length: int) -> None:
        token = "E0D439EE522F44368DC78E1BFB03710C-" + "D24FB11DBE31D4621C4817E028D9E1DA"[:length]
        assert redact(f"it was {token}.") == "it was [redacted]."

    @pytest.mark.parametrize(
        "key",
        [
            *("AccessToken", "ClientToken", "access_token", "client-secret", "App_Secret", "Authorization"),
            *("password", "x-api-key", "hash_key", "cookie", "Set-Cookie", "FirstName", "last_name", "email"),
        ],
    )
    def test_values_of_secret_like_keys_go_whatever_they_are(self, key: str) -> None:
        for value in ("x", ["x"], {"y": "x"}, 5):
            assert redact({"request": [{key: value}]}) == {"request": [{key: "[redacted]"}]}
            assert redact([(key, value), (key.encode(), value)]) == [[key, "[redacted]"]] * 2

    def test_an_absent_secret_is_seen_to_be_absent(self) -> None:
        assert redact({"token": None}) == {"token": None}

    def test_keys_are_scrubbed_as_well(self) -> None:
        assert redact({"a@b.test": 1, 992001234567894: 2}) == {"[e-mail]": 1, "…7894": 2}

    def test_exceptions_and_objects_are_scrubbed(self) -> None:
        @dataclass
        class Guest:
            email: str
            number: str

        guest = Guest("a@b.test", "992001234567894")
        for value in (ValueError("a@b.test has 992001234567894"), guest, Path("/x/a@b.test"), b"a@b.test"):
            assert "b.test" not in str(redact({"it": value}))
            assert "9920012345" not in str(redact({"it": value}))

    def test_what_is_nested_too_deep_goes(self) -> None:
        endless: dict[str, object] = {}
        endless["again"] = endless
        assert "[redacted]" in str(redact(endless))


class TestRegisteredSecrets:
    def test_a_secret_goes_wherever_it_occurs(self, secret: str) -> None:
        assert redact({f"x{secret}y": [f"a{secret}b"]}) == {"x[redacted]y": ["a[redacted]b"]}

    def test_a_secret_goes_in_every_spelling(self, secret: str) -> None:
        quoted = "p%22%C3%A4%5Css%2Fw%20ord p%22%c3%a4%5css/w%20ord p%22%C3%A4%5Css%2Fw+ord"
        for text in (json.dumps([secret]), json.dumps([secret], ensure_ascii=False), repr([secret]), quoted):
            assert "[redacted]" in str(redact(text))
            assert "ss" not in str(redact(text))

    def test_of_two_secrets_the_longer_goes_whole(self) -> None:
        register("hidden")
        register("hidden-treasure")
        assert redact("a hidden-treasure") == "a [redacted]"
        forget("hidden")
        forget("hidden-treasure")

    def test_a_forgotten_secret_is_ordinary_again(self) -> None:
        register("ordinary")
        forget("ordinary")
        forget("ordinary")
        assert redact("an ordinary word") == "an ordinary word"

    @pytest.mark.parametrize("short", ["", "a", "abc"])
    def test_a_secret_too_short_to_be_one_is_not_looked_for(self, short: str) -> None:
        register(short)
        assert redact("an abc") == "an abc"


plain = st.text(st.characters(blacklist_categories=["Cs", "Nd"]), max_size=12)
numbers = st.lists(st.sampled_from("0123456789"), min_size=9, max_size=19).map("".join)
gaps = st.sampled_from(["", " ", "-", " - ", "\u00a0"])


def grouped(number: str, size: int, gap: str) -> str:
    return gap.join(number[i : i + size] for i in range(0, len(number), size))


def nested(leaf: st.SearchStrategy[str]) -> st.SearchStrategy[object]:
    leaves: st.SearchStrategy[object] = leaf | leaf.map(ValueError) | leaf.map(str.encode)
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3)
            | st.tuples(inner, inner)
            | st.dictionaries(leaf, inner, min_size=1, max_size=2)
        ),
        max_leaves=6,
    )


@settings(max_examples=50, deadline=None)
@given(st.data(), numbers, st.integers(3, 5), gaps)
def test_a_planted_number_never_survives(data: st.DataObject, number: str, size: int, gap: str) -> None:
    planted = grouped(number, size, gap)
    event = data.draw(nested(st.tuples(plain, plain).map(lambda around: f"{around[0]}{planted}{around[1]}")))
    written = json.dumps(redact({"event": event}), ensure_ascii=False)
    assert planted not in written
    assert re.search(r"\d{5}", written) is None


@settings(max_examples=50, deadline=None)
@given(st.data(), st.emails())
def test_a_planted_address_never_survives(data: st.DataObject, address: str) -> None:
    event = data.draw(nested(st.tuples(plain, plain).map(lambda around: f"{around[0]} {address} {around[1]}")))
    written = json.dumps(redact({"event": event}), ensure_ascii=False)
    assert address not in written
    assert f"@{address.split('@')[1]}" not in written


@settings(max_examples=50, deadline=None)
@given(st.data(), st.text(min_size=4, max_size=30).filter(lambda text: text.isprintable()))
def test_a_planted_secret_never_survives(data: st.DataObject, planted: str) -> None:
    assume(planted not in '{"event": "[redacted]"}[e-mail]…ValueError: ')
    register(planted)
    try:
        event = data.draw(nested(st.tuples(plain, plain).map(lambda around: f"{around[0]}{planted}{around[1]}")))
        written = str(redact({"event": event}))
        assert planted not in written
    finally:
        forget(planted)


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(whitelist_categories=["L", "Nd"], max_codepoint=127), min_size=8, max_size=60))
def test_a_planted_bearer_token_never_survives(token: str) -> None:
    assert token not in str(redact({"headers": [f"Bearer {token}", {"Authorization": token}]}))


@settings(max_examples=50, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.binary(), st.lists))
def test_whatever_comes_can_be_written(value: object) -> None:
    json.dumps(redact(value))


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("992001234567894", "…7894"),
        ("9920 0123 4567 894", "…7894"),
        ("80012345678", "…5678"),
        ("12345678", "…"),
        ("", "…"),
    ],
)
def test_a_masked_number_shows_four_digits_at_most(number: str, masked: str) -> None:
    assert mask_number(number) == masked


def test_long_text_is_scrubbed_in_reasonable_time() -> None:
    assert redact("a" * 300_000) == "a" * 300_000
    assert redact("a-" * 100_000 + "@") == "a-" * 100_000 + "@"
