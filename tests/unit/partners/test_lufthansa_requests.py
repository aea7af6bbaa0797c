"""What is sent to the Earn service, against the table of fields on its page."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from connector.domain.awards import Credit, Kind
from connector.errors import Skippable
from connector.partners.lufthansa.earn import PLAIN, Terms, body, earliest
from connector.partners.lufthansa.statement import statement

CARD = "992003669288601"
TODAY = date(2026, 11, 2)
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@pytest.fixture
def stay(credit: Credit) -> Credit:
    return replace(credit, member_number=CARD, miles=231, description="Alpenglow Hotels")


def written(credit: Credit, today: date = TODAY, **terms: Any) -> dict[str, Any]:
    return dict(json.loads(body(credit, Terms("earn", **terms), today)))


class TestTheBody:
    def test_has_these_bytes(self, stay: Credit) -> None:
        assert body(stay, Terms("earn"), TODAY) == (
            b'{"pid":0,"cardNo":"992003669288601","action":"C","miles":231,"activityDate":"01.11.2026",'
            b'"transactionText":"Alpenglow Hotels"}'
        )

    def test_has_all_that_a_contract_may_want(self, stay: Credit) -> None:
        terms = Terms("earn", "0042", "text", "HOTEL1", reference_field="reference")
        assert json.loads(body(stay, terms, TODAY)) == {
            "pid": "0042",
            "cardNo": CARD,
            "action": "C",
            "property": "HOTEL1",
            "miles": 231,
            "activityDate": "01.11.2026",
            "transactionText": "Alpenglow Hotels",
            "additionalPartnerData": {"reference": str(stay.key)},
        }

    def test_of_a_reversal_is_an_uncredit_of_positive_miles(self, stay: Credit) -> None:
        told = written(replace(stay, kind=Kind.REVERSAL, original="T-1"))
        assert (told["action"], told["miles"]) == ("UC", 231)
        assert "T-1" not in told.values()

    def test_does_not_depend_on_the_day_on_which_it_is_written(self, stay: Credit) -> None:
        assert body(stay, Terms("earn"), TODAY) == body(stay, Terms("earn"), TODAY + timedelta(days=300))

    @pytest.mark.parametrize("miles", [0, -1, 1_000_000])
    def test_has_no_miles_that_the_service_does_not_take(self, stay: Credit, miles: int) -> None:
        with pytest.raises(Skippable, match="expected 1 to 999999"):
            written(replace(stay, miles=miles))


class TestTheOriginal:
    def test_is_named_where_an_uncredit_must_name_it(self, stay: Credit) -> None:
        reversal = replace(stay, kind=Kind.REVERSAL, original="T-1")
        assert written(reversal, uncredit_reference="transactionId")["transactionId"] == "T-1"

    def test_is_no_part_of_a_credit(self, stay: Credit) -> None:
        assert "transactionId" not in written(stay, uncredit_reference="transactionId")

    def test_that_the_answer_did_not_tell_leaves_the_uncredit_to_a_person(self, stay: Credit) -> None:
        with pytest.raises(Skippable, match="the answer to this credit held none in 'transactionId'"):
            written(replace(stay, kind=Kind.REVERSAL), uncredit_reference="transactionId")


class TestTheActivityDate:
    @pytest.mark.parametrize(
        ("today", "oldest"),
        [
            (date(2026, 11, 2), date(2025, 9, 2)),
            (date(2026, 2, 28), date(2024, 12, 28)),
            (date(2026, 1, 31), date(2024, 11, 30)),
            (date(2026, 4, 30), date(2025, 2, 28)),
        ],
    )
    def test_is_at_most_14_months_past(self, stay: Credit, today: date, oldest: date) -> None:
        assert earliest(today) == oldest
        assert written(replace(stay, departure=oldest), today)["activityDate"] == f"{oldest:%d.%m.%Y}"
        with pytest.raises(Skippable, match="more than 14 months ago"):
            written(replace(stay, departure=oldest - timedelta(days=1)), today)

    def test_is_at_most_two_days_ahead(self, stay: Credit) -> None:
        assert written(replace(stay, departure=TODAY + timedelta(days=2)))["activityDate"] == "04.11.2026"
        with pytest.raises(Skippable, match="nothing later than 2026-11-04"):
            written(replace(stay, departure=TODAY + timedelta(days=3)))


class TestTheStatementText:
    @pytest.mark.parametrize(
        ("text", "characters", "expected"),
        [
            ("Hôtel Zürich", PLAIN, "Hotel Zurich"),
            ("Bed & Breakfast, Graz", PLAIN, "Bed Breakfast Graz"),
            ("Straße Øst Łódź", PLAIN, "Strasse Ost Lodz"),
            ("A name of more than twenty", PLAIN, "A name of more than"),
            ("Hotel No 7", CAPITALS, "HOTELNO7"),
            ("Hotel No 7", CAPITALS + " ", "HOTEL NO 7"),
            ("HOTEL", "abcdefghijklmnopqrstuvwxyz", "hotel"),
            ("Hotel-Post", PLAIN + "-", "Hotel-Post"),
            ("旅館", PLAIN, ""),
            ("  ", PLAIN, ""),
        ],
    )
    def test_is_written_with_the_characters_there_are(self, text: str, characters: str, expected: str) -> None:
        assert statement(text, characters) == expected

    @pytest.mark.parametrize("text", ["", "旅館", "&"])
    def test_is_never_empty(self, stay: Credit, text: str) -> None:
        assert written(replace(stay, description=text))["transactionText"] == "Stay"
        assert written(replace(stay, description=text), characters=CAPITALS)["transactionText"] == "STAY"

    def test_without_any_letter_is_left_to_a_person(self, stay: Credit) -> None:
        with pytest.raises(Skippable, match="expected letters in statement_characters"):
            written(stay, characters="-")
