"""What is sent to AIR MILES, byte for byte, against requests written by hand from the published samples."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
import respx

from connector.domain.awards import Credit, Kind
from connector.errors import Skippable
from connector.http.auth import ClientCredentials
from connector.http.client import Client
from connector.partners.airmiles import AirMiles, Terms
from connector.partners.airmiles.terms import Tax

CREDIT = Credit(
    key=uuid.UUID("123e4567-e89b-52d3-a456-426655440000"),
    kind=Kind.CREDIT,
    member_number="80085102028",
    miles=12,
    reservation_id="3b2c8f0e-0000-4000-8000-000000000001",
    reservation_number="4711",
    property_id="b2",
    property_keys=("montreal", "b2", "Hôtel Montréal"),
    departed_at=datetime(2026, 11, 1, 15, 30, 12, 479_000, tzinfo=UTC),
    departure=date(2026, 11, 1),
    currency="CAD",
    value_net=Decimal("249.97"),
    value_gross=Decimal("287.40"),
    composed_at=datetime(2026, 11, 2, 8, 0, tzinfo=UTC),
    taxes=(("CA-GST", Decimal("12.50")), ("CA-QST", Decimal("24.93"))),
    description="Alpenglow Hôtels",
)
REVERSAL = replace(CREDIT, kind=Kind.REVERSAL, key=uuid.UUID("00000000-e89b-52d3-a456-426655440000"))
TERMS = Terms("STANDARD", {"montreal": "0037"}, {"CA-GST": "GST", "CA-QST": "QST"})
BODY = (
    '{"basketGSTAmount":12.5,"basketQSTAmount":24.93,'
    '"basketPostTaxAmount":287.4,"basketPreTaxAmount":249.97,'
    '"checkoutDateTime":"2026-11-01T15:30:12.479Z",'
    '"checkoutTransactionId":"123e4567-e89b-52d3-a456-426655440000",'
    '"collectorNumber":"80085102028",'
    '"context":{"reservation":"4711","departure":"2026-11-01"},'
    '"issuances":[{"contributingItemIds":["4711"],"issuanceOfferCode":"STANDARD","locationCode":"0037",'
    '"milesAmount":12,"offerDescription":"Alpenglow Hôtels"}],'
    '"items":[{"id":"4711","name":"Alpenglow Hôtels","number":1,"quantity":1,'
    '"baseAmount":249.97,"finalAmount":249.97}]}'
).encode()


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    tokens = ClientCredentials("https://oauth-cert.airmiles.ca/oauth/token", "hotel", "airmiles-secret")
    client = Client("https://cert.airmilesapis.ca", name="AIR MILES", auth=tokens)
    yield client
    await client.aclose()


def bytes_of(client: Client, credit: Credit, terms: Terms = TERMS) -> bytes:
    return AirMiles(client, name="am", terms=terms).compose(credit).content


def body_of(client: Client, credit: Credit, terms: Terms = TERMS) -> dict[str, Any]:
    return dict(json.loads(bytes_of(client, credit, terms), parse_float=Decimal))


def taxed(net: str, gross: str, *taxes: tuple[str, str]) -> Credit:
    values = tuple((code, Decimal(value)) for code, value in taxes)
    return replace(CREDIT, value_net=Decimal(net), value_gross=Decimal(gross), taxes=values)


class TestTheRequest:
    def test_a_credit_has_exactly_these_bytes(self, client: Client) -> None:
        request = AirMiles(client, name="am", terms=TERMS).compose(CREDIT)
        assert request.content == BODY
        assert request.path == "/checkout/issuance/post"
        assert request.headers == {
            "Content-Type": "application/json",
            "Idempotency-Key": "123e4567-e89b-52d3-a456-426655440000",
        }

    def test_a_reversal_is_the_same_basket_with_positive_miles_under_its_own_key(self, client: Client) -> None:
        request = AirMiles(client, name="am", terms=TERMS).compose(REVERSAL)
        assert request.path == "/checkout/issuance/reverse"
        assert request.headers["Idempotency-Key"] == "00000000-e89b-52d3-a456-426655440000"
        assert request.content == BODY.replace(b"123e4567-e89b", b"00000000-e89b")

    async def test_it_is_posted_with_a_bearer_token_and_its_key(
        self, client: Client, respx_mock: respx.MockRouter
    ) -> None:
        token = {"access_token": "a-token", "expires_in": 600, "token_type": "Bearer"}
        respx_mock.post("https://oauth-cert.airmiles.ca/oauth/token").respond(json=token)
        route = respx_mock.post("https://cert.airmilesapis.ca/checkout/issuance/post").respond(200)
        channel = AirMiles(client, name="am", terms=TERMS)
        await channel.deliver(channel.compose(CREDIT), again=False)
        sent = route.calls.last.request
        assert sent.content == BODY
        assert sent.headers["authorization"] == "Bearer a-token"
        assert sent.headers["idempotency-key"] == "123e4567-e89b-52d3-a456-426655440000"
        assert sent.headers["content-type"] == "application/json"

    def test_the_bytes_do_not_depend_on_when_they_are_written(self, client: Client) -> None:
        later = replace(CREDIT, composed_at=datetime(2027, 1, 1, tzinfo=UTC))
        assert bytes_of(client, later) == BODY

    def test_the_order_in_which_taxes_come_does_not_change_the_bytes(self, client: Client) -> None:
        assert bytes_of(client, replace(CREDIT, taxes=CREDIT.taxes[::-1])) == BODY

    @pytest.mark.parametrize(
        ("moment", "written"),
        [
            (datetime(2026, 11, 1, 15, 30, tzinfo=UTC), "2026-11-01T15:30:00.000Z"),
            (datetime(2026, 11, 1, 23, 30, tzinfo=timezone(-timedelta(hours=5))), "2026-11-02T04:30:00.000Z"),
            (datetime(2026, 11, 1, 15, 30, 1, 999_999, tzinfo=UTC), "2026-11-01T15:30:01.999Z"),
        ],
    )
    def test_the_check_out_is_written_in_utc_with_milliseconds(
        self, client: Client, moment: datetime, written: str
    ) -> None:
        assert body_of(client, replace(CREDIT, departed_at=moment))["checkoutDateTime"] == written

    def test_a_stay_without_a_description_is_called_a_stay(self, client: Client) -> None:
        body = body_of(client, replace(CREDIT, description=""))
        assert (body["issuances"][0]["offerDescription"], body["items"][0]["name"]) == ("Stay", "Stay")


class TestTheIssuances:
    SHARED = replace(CREDIT, shares=(("", 9), ("BONUS", 3)))

    def test_are_one_for_each_offer_code(self, client: Client) -> None:
        bonus = (
            b',{"contributingItemIds":["4711"],"issuanceOfferCode":"BONUS","locationCode":"0037",'
            b'"milesAmount":3,"offerDescription":"Alpenglow H\xc3\xb4tels"}],'
        )
        assert bytes_of(client, self.SHARED) == BODY.replace(b'"milesAmount":12', b'"milesAmount":9').replace(
            b'],"items', bonus + b'"items'
        )

    def test_of_a_reversal_take_back_the_same(self, client: Client) -> None:
        back = replace(self.SHARED, kind=Kind.REVERSAL)
        assert bytes_of(client, back) == bytes_of(client, self.SHARED)

    def test_are_one_where_the_partner_s_own_code_became_that_of_a_rule(self, client: Client) -> None:
        assert bytes_of(client, replace(CREDIT, shares=(("", 9), ("STANDARD", 3)))) == BODY


class TestTheLocation:
    @pytest.mark.parametrize("key", ["montreal", "b2", "Hôtel Montréal"])
    def test_its_code_is_found_by_table_id_or_name_and_keeps_its_zeros(self, client: Client, key: str) -> None:
        body = body_of(client, CREDIT, replace(TERMS, locations={"wien": "1100", key: "0037"}))
        assert body["issuances"][0]["locationCode"] == "0037"

    def test_the_table_s_name_wins(self, client: Client) -> None:
        body = body_of(client, CREDIT, replace(TERMS, locations={"Hôtel Montréal": "1", "montreal": "0037"}))
        assert body["issuances"][0]["locationCode"] == "0037"

    def test_a_property_without_a_code_is_left_to_a_person(self, client: Client) -> None:
        with pytest.raises(Skippable, match="property montreal has no location code"):
            bytes_of(client, CREDIT, replace(TERMS, locations={"wien": "1100"}))


class TestTaxes:
    def test_two_mews_codes_of_one_tax_are_one_amount(self, client: Client) -> None:
        credit = taxed("100.00", "113.00", ("ON-ROOM", "8.00"), ("ON-FOOD", "5.00"))
        terms = replace(TERMS, taxes={"ON-ROOM": "HST", "ON-FOOD": "HST"})
        assert body_of(client, credit, terms)["basketHSTAmount"] == 13

    @pytest.mark.parametrize("tax", ["GST", "HST", "PST", "QST"])
    def test_each_of_the_four_has_its_field_and_the_others_are_left_out(self, client: Client, tax: Tax) -> None:
        terms = replace(TERMS, taxes={"T": tax})
        body = body_of(client, taxed("100", "105", ("T", "5")), terms)
        assert [name for name in body if name[:9] == f"basket{tax}"] == [f"basket{tax}Amount"]
        assert sum(name.startswith("basket") for name in body) == 3

    @pytest.mark.parametrize(
        ("net", "gross", "gst", "qst", "expected"),
        [
            ("100.004", "114.984", "5.0002", "9.9798", ("5.00", "9.98")),  # nothing is left over
            ("100.004", "114.986", "5.002", "9.98", ("5.00", "9.99")),  # a cent too few
            ("100.006", "114.984", "5.00", "9.978", ("5.00", "9.97")),  # a cent too many
            ("10.00", "10.75", "0.375", "0.375", ("0.37", "0.38")),  # of equal ones the first gives way
        ],
    )
    def test_cents_left_over_by_rounding_go_to_the_largest(
        self, client: Client, net: str, gross: str, gst: str, qst: str, expected: tuple[str, str]
    ) -> None:
        body = body_of(client, taxed(net, gross, ("CA-GST", gst), ("CA-QST", qst)))
        assert (body["basketGSTAmount"], body["basketQSTAmount"]) == tuple(map(Decimal, expected))
        assert body["basketPreTaxAmount"] + sum(map(Decimal, expected)) == body["basketPostTaxAmount"]
        assert body["items"][0]["finalAmount"] == body["basketPreTaxAmount"]

    def test_a_stay_without_taxes_has_no_tax_fields(self, client: Client) -> None:
        body = body_of(client, taxed("100.00", "100.00"))
        assert [name for name in body if name.startswith("basket")] == [
            "basketPostTaxAmount",
            "basketPreTaxAmount",
        ]

    def test_half_a_cent_is_rounded_up(self, client: Client) -> None:
        body = body_of(client, taxed("100.125", "105.245", ("CA-GST", "5.125")))
        assert (body["basketPreTaxAmount"], body["basketPostTaxAmount"]) == (Decimal("100.13"), Decimal("105.25"))

    def test_a_tax_of_nothing_needs_no_name(self, client: Client) -> None:
        credit = taxed("100.00", "105.00", ("CA-GST", "5.00"), ("CA-EXEMPT", "0"))
        assert body_of(client, credit)["basketGSTAmount"] == 5

    @pytest.mark.parametrize(
        ("credit", "words"),
        [
            (taxed("100", "105", ("CA-PST", "5")), "tax code CA-PST is not mapped; expected it in tax_codes"),
            (taxed("100", "105", ("", "5")), "a tax of the stay has no code"),
            (taxed("100", "105"), "5.00 of the stay's tax has no tax code"),
            (taxed("100", "100.05"), "0.05 of the stay's tax has no tax code"),
            (taxed("100", "115", ("CA-GST", "5")), "10.00 of the stay's tax has no tax code"),
        ],
    )
    def test_taxes_that_cannot_be_named_are_left_to_a_person(self, client: Client, credit: Credit, words: str) -> None:
        with pytest.raises(Skippable, match=words):
            bytes_of(client, credit)


class TestAGrant:
    GRANT = replace(CREDIT, grant=True, reservation_number="goodwill-1")
    EVENT = (
        '{"clientTransactionId":"123e4567-e89b-52d3-a456-426655440000","collectorNumber":"80085102028",'
        '"context":{"reference":"goodwill-1","date":"2026-11-01"},'
        '"issuances":[{"issuanceOfferCode":"STANDARD","locationCode":"0037","milesAmount":12,'
        '"offerDescription":"Alpenglow Hôtels"}]}'
    ).encode()

    def test_is_an_event_of_exactly_these_bytes_without_a_basket(self, client: Client) -> None:
        request = AirMiles(client, name="am", terms=TERMS).compose(self.GRANT)
        assert (request.path, request.content) == ("/checkout/issuance/post/event", self.EVENT)
        assert request.headers["Idempotency-Key"] == "123e4567-e89b-52d3-a456-426655440000"

    def test_is_taken_back_by_an_event(self, client: Client) -> None:
        request = AirMiles(client, name="am", terms=TERMS).compose(replace(self.GRANT, kind=Kind.REVERSAL))
        assert (request.path, request.content) == ("/checkout/issuance/reverse/event", self.EVENT)

    def test_carries_its_time_once_the_partner_named_the_field(self, client: Client) -> None:
        body = body_of(client, self.GRANT, replace(TERMS, event_time="eventDateTime"))
        assert body["eventDateTime"] == "2026-11-01T15:30:12.479Z"

    def test_no_name_of_the_time_field_takes_the_place_of_another(self, client: Client) -> None:
        body = body_of(client, self.GRANT, replace(TERMS, event_time="clientTransactionId"))
        assert body["clientTransactionId"] == str(CREDIT.key)

    def test_needs_a_location(self, client: Client) -> None:
        with pytest.raises(Skippable, match="has no location code"):
            bytes_of(client, self.GRANT, replace(TERMS, locations={}))
