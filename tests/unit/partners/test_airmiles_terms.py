"""What AIR MILES's documents leave open, written as the partner wants it."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from typing import Any

import pytest

from connector.domain.awards import Credit, Kind
from connector.http.client import Client
from connector.partners.airmiles import AirMiles, Reversals, Terms

TERMS = Terms("STANDARD", {"montreal": "0037"})
CREDIT_KEY = "00000000-0000-5000-8000-000000000001"


def body(client: Client, credit: Credit, **terms: Any) -> dict[str, Any]:
    return dict(json.loads(AirMiles(client, name="am", terms=replace(TERMS, **terms)).compose(credit).content))


@pytest.fixture(params=[False, True], ids=["stay", "grant"])
def either(request: pytest.FixtureRequest, credit: Credit) -> Credit:
    return replace(credit, grant=request.param)


@pytest.fixture
def reversal(either: Credit) -> Credit:
    return replace(either, kind=Kind.REVERSAL, reverses=uuid.UUID(CREDIT_KEY))


def identifier(found: dict[str, Any]) -> str:
    return str(found.get("checkoutTransactionId") or found["clientTransactionId"])


class TestFields:
    def test_of_the_partner_stand_beside_ours(self, client: Client, either: Credit) -> None:
        found = body(client, either, extra={"sponsorCode": "ABCD", "version": 3}, device_id="POS1")
        assert (found["sponsorCode"], found["version"], found["deviceId"]) == ("ABCD", 3, "POS1")
        plain = body(client, either)
        assert {name: found[name] for name in plain} == plain
        assert "deviceId" not in plain

    def test_of_the_partner_never_take_the_place_of_ours(self, client: Client, either: Credit) -> None:
        assert body(client, either, extra={"collectorNumber": "1"})["collectorNumber"] == "80085102028"

    @pytest.mark.parametrize(("numeric", "written"), [(False, "022"), (True, 22)])
    def test_name_an_offer_by_its_id(self, client: Client, either: Credit, numeric: bool, written: object) -> None:
        shared = replace(either, shares=(("", 3), ("BONUS", 2)))
        first, second = body(client, shared, offer_ids={"STANDARD": "022"}, numeric=numeric)["issuances"]
        assert first["offerId"] == written
        assert "offerId" not in second


class TestAReversal:
    def test_has_its_own_id_and_positive_miles(self, client: Client, reversal: Credit) -> None:
        found = body(client, reversal)
        assert identifier(found) == str(reversal.key)
        assert [each["milesAmount"] for each in found["issuances"]] == [5]

    def test_has_negative_miles_where_the_partner_wants_them(self, client: Client, reversal: Credit) -> None:
        shared = replace(reversal, shares=(("", 3), ("BONUS", 2)))
        negative = {"reversals": Reversals(sign="negative")}
        assert [each["milesAmount"] for each in body(client, shared, **negative)["issuances"]] == [-3, -2]
        given = body(client, replace(shared, kind=Kind.CREDIT), **negative)["issuances"]
        assert [each["milesAmount"] for each in given] == [3, 2]

    def test_bears_the_id_of_its_credit_where_the_partner_wants_that(self, client: Client, reversal: Credit) -> None:
        channel = AirMiles(client, name="am", terms=replace(TERMS, reversals=Reversals(identifier="credit")))
        request = channel.compose(reversal)
        assert identifier(json.loads(request.content)) == CREDIT_KEY
        assert request.headers["Idempotency-Key"] == str(reversal.key)
        credit = replace(reversal, kind=Kind.CREDIT, reverses=None)
        assert identifier(json.loads(channel.compose(credit).content)) == str(credit.key)

    def test_names_its_credit_in_a_field_of_the_partner_s(self, client: Client, reversal: Credit) -> None:
        terms = {"reversals": Reversals(credit_field="originalTransactionId")}
        assert body(client, reversal, **terms)["originalTransactionId"] == CREDIT_KEY
        assert "originalTransactionId" not in body(client, replace(reversal, kind=Kind.CREDIT), **terms)

    def test_of_a_time_when_credits_were_not_noted_has_its_own_id(self, client: Client, reversal: Credit) -> None:
        found = body(client, replace(reversal, reverses=None), reversals=Reversals(identifier="credit"))
        assert identifier(found) == str(reversal.key)
