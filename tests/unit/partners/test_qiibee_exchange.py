"""How an exchange is written, and for whom."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.awards import Credit, Kind
from connector.domain.matching import Hasher
from connector.errors import Skippable
from connector.http.client import Client
from connector.partners.qiibee import Qiibee, Terms
from connector.partners.qiibee.exchange import points_for


def channel(client: Client, **terms: Any) -> Qiibee:
    agreed = Terms("own", "theirs", "relay.example", **terms)
    return Qiibee(client, name="mm", terms=agreed, alias=Hasher(b"a key").alias)


def written(client: Client, credit: Credit, **terms: Any) -> dict[str, Any]:
    body = json.loads(channel(client, **terms).compose(credit).content)
    assert list(body) == ["transaction"]
    transaction: dict[str, Any] = body["transaction"]
    return transaction


class TestPoints:
    @pytest.mark.parametrize(
        ("miles", "rate", "points"),
        [(12, "1", 12), (12, "0.5", 24), (12, "0.7", 18), (1, "0.000001", 1_000_000), (12, "1.5", 8), (10, "3.4", 3)],
    )
    def test_are_the_least_that_give_the_miles(self, miles: int, rate: str, points: int) -> None:
        assert points_for(miles, Decimal(rate)) == points

    @given(miles=st.integers(1, 999_999), rate=st.decimals("0.000001", "1", places=6))
    def test_give_exactly_the_miles_at_every_rate_up_to_one(self, miles: int, rate: Decimal) -> None:
        points = points_for(miles, rate)
        assert int(points * rate) == miles
        assert int((points - 1) * rate) < miles

    @pytest.mark.parametrize(("miles", "rate"), [(11, "2"), (2, "1.5"), (7, "100")])
    def test_that_do_not_exist_leave_the_award_to_a_person(self, miles: int, rate: str) -> None:
        with pytest.raises(Skippable, match=f"{miles} miles are no whole number of points at the exchange rate {rate}"):
            points_for(miles, Decimal(rate))


class TestARequest:
    async def test_says_what_is_exchanged_for_which_card(self, client: Client, credit: Credit) -> None:
        request = channel(client).compose(credit)
        transaction = written(client, credit)
        user = transaction.pop("user_auth_id")
        assert transaction == {
            "type": "exchange",
            "amount": 5,
            "brandA_token_id": "own",
            "brandB_token_id": "theirs",
            "brandB_membership_number": "80085102028",
        }
        assert user
        assert (request.path, request.headers) == ("transactions", {"Content-Type": "application/json"})

    @pytest.mark.parametrize(
        ("terms", "fields"),
        [
            ({"amount": "string"}, {"amount": "5"}),
            ({"rate": Decimal("0.5"), "send_rate": True}, {"amount": 10, "exchange_rate_override": 0.5}),
            ({"send_rate": True}, {"amount": 5, "exchange_rate_override": 1}),
            ({"brand_a_field": "token_id"}, {"token_id": "own"}),
        ],
    )
    async def test_is_written_as_agreed(
        self, client: Client, credit: Credit, terms: dict[str, Any], fields: dict[str, Any]
    ) -> None:
        transaction = written(client, credit, **terms)
        assert {name: transaction[name] for name in fields} == fields
        assert all(type(transaction[name]) is type(value) for name, value in fields.items())

    async def test_leaves_out_a_token_that_has_no_field(self, client: Client, credit: Credit) -> None:
        assert "own" not in written(client, credit, brand_a_field="").values()

    async def test_writes_numbers_of_tokens_as_numbers_where_they_are(self, client: Client, credit: Credit) -> None:
        terms = Terms("17", "18", "relay.example", id_format="int")
        request = Qiibee(client, name="mm", terms=terms, alias=Hasher(b"a key").alias).compose(credit)
        assert json.loads(request.content)["transaction"]["brandB_token_id"] == 18

    async def test_takes_no_miles_back(self, client: Client, credit: Credit) -> None:
        with pytest.raises(Skippable, match="mm: miles given through this channel cannot be taken back"):
            channel(client).compose(replace(credit, kind=Kind.REVERSAL))

    async def test_gives_a_grant_like_a_stay(self, client: Client, credit: Credit) -> None:
        assert channel(client).capabilities.grants
        assert written(client, replace(credit, grant=True)) == written(client, credit)


class TestAUser:
    async def test_is_a_member_whatever_is_awarded(self, client: Client, credit: Credit) -> None:
        other = replace(credit, key=Hasher(b"").alias("another"), miles=6)
        assert written(client, credit)["user_auth_id"] == written(client, other)["user_auth_id"]
        another = replace(credit, member_number="80085102029")
        assert written(client, credit)["user_auth_id"] != written(client, another)["user_auth_id"]

    async def test_is_an_award_where_that_is_agreed(self, client: Client, credit: Credit) -> None:
        other = replace(credit, key=Hasher(b"").alias("another"))
        ids = [written(client, each, user="per_award")["user_auth_id"] for each in (credit, credit, other)]
        assert len(set(ids)) == 2

    async def test_tells_nothing_of_the_number(self, client: Client, credit: Credit) -> None:
        assert credit.member_number not in written(client, credit)["user_auth_id"]
