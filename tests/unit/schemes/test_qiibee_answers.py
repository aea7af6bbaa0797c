"""How qiibee's answers may look, and what each of them holds."""

from __future__ import annotations

from typing import Any

import pytest

from connector.errors import Unfinished
from connector.schemes.qiibee_answers import number_in, total_in, users_in

ANNA, BEN = {"auth_id": "A", "metadata": {"tags": ["x"]}}, {"auth_id": "B", "memberships": []}
NUMBER = "992001234567894"
MM: dict[str, Any] = {"exchange_provider_implementation_name": "miles_and_more", "membership_number": NUMBER}
ETIHAD: dict[str, Any] = {"exchange_provider_implementation_name": "etihad", "membership_number": "1"}


class TestUsers:
    @pytest.mark.parametrize(
        "answer",
        [
            [ANNA, BEN],
            {"users": [ANNA, BEN]},
            {"data": [ANNA, BEN], "total": 2},
            {"users": [ANNA, BEN], "links": ["next"]},
            {"data": {"users": [ANNA, BEN], "total": 2}},
            {"users": {"data": [ANNA, BEN]}, "meta": {"total": 2}},
            [{"user": ANNA}, {"user": BEN}],
        ],
    )
    def test_are_found_in_every_envelope(self, answer: object) -> None:
        assert users_in(answer) == [ANNA, BEN]

    @pytest.mark.parametrize("answer", [[], {"users": []}, {"data": [], "total": 0}])
    def test_may_be_none(self, answer: object) -> None:
        assert users_in(answer) == []

    @pytest.mark.parametrize(
        "answer",
        [{}, None, "users", 7, {"users": None}, {"a": [ANNA], "b": [BEN]}, {"message": "sorry"}, {"a": {}, "b": {}}],
    )
    def test_that_are_nowhere_are_not_none(self, answer: object) -> None:
        with pytest.raises(Unfinished, match="expected a list of users, so nothing of it was applied"):
            users_in(answer)


class TestTheTotal:
    @pytest.mark.parametrize(
        "answer",
        [
            {"users": [ANNA], "total_users_count": 250},
            {"users": [ANNA], "total": 250, "count": 1, "total_pages": 3},
            {"users": [ANNA], "totalCount": 250},
            {"users": [ANNA], "count": 250},
            {"data": {"users": [ANNA], "total": 250}},
            {"users": [ANNA], "meta": {"userCount": 250, "page": 1}},
        ],
    )
    def test_has_a_name_that_says_so(self, answer: object) -> None:
        assert total_in(answer) == 250

    @pytest.mark.parametrize(
        "answer",
        [
            [{"auth_id": "A", "total": 3}],
            {"users": [{"total": 3}]},
            {"users": [ANNA], "page_count": 3, "limit": 100},
            {"users": [ANNA], "total": "many", "count": True},
            {"users": [ANNA], "total_users": 250, "total_points": 9000},  # which of them, nobody can tell
            None,
        ],
    )
    def test_is_not_told_otherwise(self, answer: object) -> None:
        assert total_in(answer) is None


class TestTheNumber:
    @pytest.mark.parametrize(
        "found",
        [
            [MM],
            [ETIHAD, MM, MM],
            MM,
            {"membership": MM},
            {"memberships": [ETIHAD, MM]},
            {"data": [{"membership": MM}, {"membership": ETIHAD}]},
            {"user": {"auth_id": "A", "memberships": [MM]}},
            [MM | {"id": 7, "exchange_provider": {"name": "Miles & More"}}],
        ],
    )
    def test_is_found_in_every_envelope(self, found: object) -> None:
        assert number_in(found, "miles_and_more") == NUMBER

    @pytest.mark.parametrize(
        "found",
        [None, [], {}, {"memberships": []}, {"memberships": None}, [ETIHAD], [MM | {"membership_number": None}]],
    )
    def test_is_none_where_there_is_no_membership(self, found: object) -> None:
        assert number_in(found, "miles_and_more") is None

    @pytest.mark.parametrize(
        "found",
        [
            [{"membership_number": NUMBER}],
            [{"exchange_provider_implementation_name": "miles_and_more"}],
            [{"exchange_provider_implementation_name": 7, "membership_number": NUMBER}],
            ["miles_and_more"],
            [ETIHAD, {"provider": "miles_and_more", "number": NUMBER}],
            [MM, MM | {"membership_number": "other"}],  # two of them
        ],
    )
    def test_is_no_text_where_nobody_can_tell(self, found: object) -> None:
        assert isinstance(number_in(found, "miles_and_more"), list)
