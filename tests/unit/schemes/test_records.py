"""Records with typed values: which text each value is, and what happens to a record that cannot be taken."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.members import BadLine, Member
from connector.schemes.records import Records

FIELDS = {
    "member_id": "id",
    "number": "card.number",
    "email": "mail",
    "first_name": "name.first",
    "last_name": "name.last",
    "tier": "card.tier",
    "points": "points",
    "expires_on": "valid_until",
    "state": "state",
    "url": "links.card",
    "mews_id": "mews",
}
PARTNERS = {"MM": "partners.mm", "AM": "partners.am"}


def read(record: object, number: int = 1) -> Member | BadLine:
    return Records(FIELDS, PARTNERS).read(record, number)


def bad(record: object, number: int = 1) -> BadLine:
    found = read(record, number)
    assert isinstance(found, BadLine)
    return found


def good(record: object) -> Member:
    found = read(record)
    assert isinstance(found, Member)
    return found


class TestFields:
    def test_arrive_from_their_paths(self) -> None:
        record = {
            "id": 17,
            "card": {"number": "AL-1", "tier": "GOLD"},
            "mail": "anna@example.org",
            "name": {"first": "Anna", "last": "Müller"},
            "points": 1500,
            "valid_until": date(2027, 12, 31),
            "state": "Enrolled",
            "links": {"card": "https://cards.example/17"},
            "mews": UUID(int=5),
            "partners": {"mm": 992000000000005, "am": None},
        }
        assert good(record) == Member(
            member_id="17",
            number="AL-1",
            tier="GOLD",
            points=1500,
            expires_on=date(2027, 12, 31),
            state="Enrolled",
            mews_id="00000000-0000-0000-0000-000000000005",
            email="anna@example.org",
            first_name="Anna",
            last_name="Müller",
            url="https://cards.example/17",
            partner_numbers={"MM": "992000000000005", "AM": None},
        )

    def test_that_a_record_lacks_are_empty(self) -> None:
        assert good({"id": "M1"}) == Member("M1", partner_numbers={"MM": None, "AM": None})

    def test_below_something_empty_are_empty(self) -> None:
        assert good({"id": "M1", "card": None, "name": {}}).number is None

    def test_that_are_not_mapped_are_neither_read_nor_owned(self) -> None:
        records = Records({"member_id": "id", "tier": "tier"}, {})
        assert records.read({"id": "M1", "tier": "GOLD", "points": 5}, 1) == Member("M1", tier="GOLD")
        assert (records.columns, records.programs) == ({"tier"}, frozenset())

    def test_that_are_mapped_are_owned(self) -> None:
        records = Records(FIELDS, PARTNERS)
        assert records.columns == {"number", "tier", "points", "expires_on", "state", "url"}
        assert records.programs == {"MM", "AM"}

    def test_under_a_name_with_a_dot_are_found_as_they_are_named(self) -> None:
        assert Records({"member_id": "m.id"}, {}).read({"m.id": "M1", "m": {"id": "M2"}}, 1) == Member("M1")


class TestValues:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("  M1 ", "M1"),
            (7, "7"),
            (7.0, "7"),
            (Decimal("7.00"), "7"),
            (Decimal("1E+2"), "100"),
            (UUID(int=2**127 - 1), "7fffffff-ffff-ffff-ffff-ffffffffffff"),
        ],
    )
    def test_are_turned_into_text(self, value: object, text: str) -> None:
        assert good({"id": value}).member_id == text

    @pytest.mark.parametrize(
        "value",
        [
            date(2027, 12, 31),
            datetime(2027, 12, 31, 23, 30, tzinfo=UTC),
            "2027-12-31",
            "2027-12-31T23:30:00+02:00",
            "2027-12-31 00:00:00",
        ],
    )
    def test_of_moments_are_days_as_they_are_written(self, value: object) -> None:
        assert good({"id": "M1", "valid_until": value}).expires_on == date(2027, 12, 31)

    @pytest.mark.parametrize(
        ("value", "what"),
        [
            (True, "is true or false"),
            (["A"], "is a list"),
            ({"a": 1}, "is an object"),
            (b"A", "is binary data"),
            (1.5, "is not a whole number"),
            (float("nan"), "is not a whole number"),
            (Decimal("Infinity"), "is not a whole number"),
            (Decimal("1E+999999"), "is not a whole number"),
            (2.0**60, "too large to be exact"),
            (10**300, "too many digits"),
            (time(12), "is of another type"),
            ("A\0B", "no text"),
            ("A\ud800", "no text"),
        ],
    )
    def test_that_are_no_text_make_a_bad_record_with_its_id(self, value: object, what: str) -> None:
        found = bad({"id": "M1", "card": {"number": value}}, 12)
        assert found.text.startswith("Record 12: number ")
        assert what in found.text
        assert "; expected " in found.text
        assert (found.line, found.member_id) == (12, "M1")

    @pytest.mark.parametrize("value", ["12.5", "many", 0.5, True])
    def test_of_points_are_whole(self, value: object) -> None:
        assert bad({"id": "M1", "points": value}).text.startswith("Record 1: points is ")

    def test_on_a_path_through_a_list_make_a_bad_record(self) -> None:
        found = bad({"id": "M1", "card": [{"number": "AL-1"}]})
        assert "number is looked for in a list; expected an object on the path to it" in found.text


class TestBadRecords:
    @pytest.mark.parametrize(
        "record", [{}, {"id": None}, {"id": "  "}, {"id": "x" * 101}, {"id": "4111 1111 1111 1111"}]
    )
    def test_without_a_readable_id_have_none(self, record: dict[str, Any]) -> None:
        found = bad(record, 3)
        assert found.member_id is None
        assert found.text.startswith("Record 3: member_id ")

    @pytest.mark.parametrize("value", [True, [], {}, b"", 1.5])
    def test_whose_id_is_no_text_have_none(self, value: object) -> None:
        assert bad({"id": value}).member_id is None

    @pytest.mark.parametrize(("record", "what"), [("M1", "a text"), (None, "empty"), ([], "a list"), (5, "a number")])
    def test_that_are_no_objects_say_what_they_are(self, record: object, what: str) -> None:
        assert bad(record, 2) == BadLine(
            2, f"Record 2: it is {what}; expected an object with the fields of a member.", None
        )

    def test_of_partner_numbers_name_the_program_and_never_the_number(self) -> None:
        found = bad({"id": "M1", "partners": {"mm": "4111111111111111"}})
        assert found.text.startswith("Record 1: the number in MM looks like a payment card")
        assert found.member_id == "M1"

    @pytest.mark.parametrize("url", ["cards.example/1", "javascript:alert(1)", "https://a b", "https://" + "x" * 2000])
    def test_of_addresses_say_what_was_expected(self, url: str) -> None:
        assert "url is not an address" in bad({"id": "M1", "links": {"card": url}}).text

    def test_hold_the_noun_of_their_source(self) -> None:
        assert bad({"id": "M1", "state": "Asleep"}).text.startswith("Record 1: state is unknown")
        row = Records(FIELDS, {}, noun="Row").read({}, 9)
        assert row == BadLine(9, "Row 9: member_id is empty; expected an id in every row.", None)


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=5)
    | st.sampled_from(["M1", "GOLD", "2027-12-31", "Enrolled", "https://a.example", "4111111111111111"])
    | st.decimals()
    | st.dates()
    | st.datetimes()
    | st.binary(max_size=3)
)
KEYS = st.sampled_from(sorted({part for path in (*FIELDS.values(), *PARTNERS.values()) for part in path.split(".")}))
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner), max_leaves=4)


@given(st.dictionaries(KEYS, VALUES) | VALUES)
def test_whatever_a_record_holds_it_is_a_member_or_a_sentence(record: object) -> None:
    found = read(record, 5)
    if isinstance(found, Member):
        assert found.member_id.strip()
        found.member_id.encode()
    else:
        assert found.text.startswith("Record 5: ")
        assert found.text.endswith(".")
        assert "4111111111111111" not in found.text


@pytest.mark.parametrize(("value", "share"), [(True, True), (False, False), ("no", False), (None, None), (0, False)])
def test_share_may_be_a_truth_value(value: object, share: bool | None) -> None:
    found = Records({"member_id": "id", "share": "consent"}, {}).read({"id": "M1", "consent": value}, 1)
    assert found == Member("M1", share=share)
