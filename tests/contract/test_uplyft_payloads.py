"""What is sent to Uplyft, byte for byte, against requests written by hand from the published forms."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import respx
from graphql import GraphQLError, GraphQLSchema, parse, validate

from connector.domain.awards import Credit, Kind
from connector.errors import Skippable
from connector.http.auth import BasicAuth
from connector.http.client import Client
from connector.partners.uplyft import Form, Uplyft
from connector.sandbox.uplyft import schema as published

CREDIT = Credit(
    key=uuid.UUID("123e4567-e89b-52d3-a456-426655440000"),
    kind=Kind.CREDIT,
    member_number="992003669288601",
    miles=231,
    reservation_id="3b2c8f0e-0000-4000-8000-000000000001",
    reservation_number="4711",
    property_id="a1",
    property_keys=("wien", "a1", "Hotel Wien"),
    departed_at=datetime(2026, 11, 1, 9, 30, tzinfo=UTC),
    departure=date(2026, 11, 1),
    currency="EUR",
    value_net=Decimal("210.45"),
    value_gross=Decimal("231.50"),
    composed_at=datetime(2026, 11, 2, 8, 0, tzinfo=UTC),
    taxes=(("AT-10", Decimal("21.05")),),
    description="Alpenglow Hotels",
)
TRANSACTION = (
    rb'{"query":"mutation { createEvent('
    rb"businessValue: {amount: 231, currency: eur}, "
    rb"action: purchase, "
    rb"objects: [{id: \"4711\", type: product, name: \"Alpenglow Hotels\"}], "
    rb"transaction: {walletAddress: \"992003669288601\", "
    rb"baselineReward: {amount: 231, currency: milesandmore}}, "
    rb"uniqueId: \"123e4567-e89b-52d3-a456-426655440000\""
    rb') }","variables":{}}'
)
FLAT = (
    rb'{"query":"mutation { createEvent('
    rb"appId: \"shop\", "
    rb"walletAddress: \"992003669288601\", "
    rb"baselineReward: {amount: 231, currency: milesandmore}, "
    rb"businessValue: {amount: 231, currency: eur}, "
    rb"action: purchase, "
    rb"objects: [{id: \"4711\", type: product, name: \"Alpenglow Hotels\"}], "
    rb"uniqueId: \"123e4567-e89b-52d3-a456-426655440000\""
    rb') }","variables":{}}'
)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    client = Client("https://api.uplyft.com", name="Uplyft", auth=BasicAuth("shop", "uplyft-secret"))
    yield client
    await client.aclose()


def bytes_of(client: Client, form: Form, credit: Credit = CREDIT) -> bytes:
    return Uplyft(client, name="mm", app_id="shop", form=form).compose(credit).content


def document_of(client: Client, form: Form, credit: Credit = CREDIT) -> str:
    return str(json.loads(bytes_of(client, form, credit))["query"])


def faults(document: str, schema: GraphQLSchema) -> list[GraphQLError]:
    return validate(schema, parse(document))


@pytest.mark.parametrize(("signature", "expected"), [("transaction", TRANSACTION), ("flat", FLAT)])
def test_each_published_form_has_exactly_these_bytes(client: Client, signature: str, expected: bytes) -> None:
    assert bytes_of(client, Form(signature=signature)) == expected  # type: ignore[arg-type]


async def test_it_is_posted_to_the_bare_host_with_basic_authorization(
    client: Client, respx_mock: respx.MockRouter
) -> None:
    route = respx_mock.post("https://api.uplyft.com").respond(json={"data": {"createEvent": True}})
    channel = Uplyft(client, name="mm", app_id="shop", form=Form())
    await channel.deliver(channel.compose(CREDIT), again=False)
    sent = route.calls.last.request
    assert (sent.url.path, sent.content) == ("/", TRANSACTION)
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["authorization"] == "Basic c2hvcDp1cGx5ZnQtc2VjcmV0"


def test_the_guide_s_card_number_can_be_written_in_its_groups(client: Client) -> None:
    credit = replace(CREDIT, member_number="992001234567894")
    assert 'walletAddress: "9920 0123 4567 894"' in document_of(client, Form(wallet="grouped"), credit)


@pytest.mark.parametrize(
    ("value", "whole", "decimals"),
    [
        ("231.99", "231", "231.99"),
        ("0", "0", "0.00"),
        ("0.005", "0", "0.01"),
        ("231.994999", "231", "231.99"),
        ("1E+3", "1000", "1000.00"),
    ],
)
def test_the_business_value_is_cut_to_whole_units_or_rounded_to_cents(
    client: Client, value: str, whole: str, decimals: str
) -> None:
    credit = replace(CREDIT, value_gross=Decimal(value))
    assert f"{{amount: {whole}, currency: eur}}" in document_of(client, Form(amount="int"), credit)
    assert f"{{amount: {decimals}, currency: eur}}" in document_of(client, Form(amount="decimal"), credit)


def test_the_key_is_left_out_when_the_form_does_not_take_it(client: Client) -> None:
    document = document_of(client, Form(unique_id=False))
    assert "uniqueId" not in document
    assert str(CREDIT.key) not in document


@pytest.mark.parametrize("signature", ["transaction", "flat"])
@pytest.mark.parametrize("amount", ["int", "decimal"])
@pytest.mark.parametrize("wallet", ["plain", "grouped"])
@pytest.mark.parametrize("unique_id", [True, False])
def test_every_form_is_valid_in_its_own_schema_and_in_one_that_admits_both(
    client: Client, signature: str, amount: str, wallet: str, unique_id: bool
) -> None:
    form = Form(signature, wallet, amount, unique_id)  # type: ignore[arg-type]
    for served in (published.Form(signature), published.Form.BOTH):
        assert faults(document_of(client, form), published.schema(served)) == []


@pytest.mark.parametrize(("ours", "theirs"), [("transaction", "flat"), ("flat", "transaction")])
def test_a_form_is_not_valid_in_the_other_s_schema(client: Client, ours: str, theirs: str) -> None:
    document = document_of(client, Form(signature=ours))  # type: ignore[arg-type]
    assert faults(document, published.schema(published.Form(theirs))) != []


@pytest.mark.parametrize("name", ['Hôtel "Zum Löwen"', "back\\slash", "two\nlines", '"}]) }', "🏨", "\x7f\x00"])
def test_a_name_stays_within_its_quotes(client: Client, name: str) -> None:
    document = document_of(client, Form(), replace(CREDIT, description=name))
    operation = parse(document).to_dict()["definitions"][0]
    arguments = operation["selection_set"]["selections"][0]["arguments"]
    objects = next(each["value"] for each in arguments if each["name"]["value"] == "objects")
    fields = {each["name"]["value"]: each["value"]["value"] for each in objects["values"][0]["fields"]}
    assert fields == {"id": "4711", "type": "product", "name": name}
    assert faults(document, published.schema(published.Form.TRANSACTION)) == []


def test_a_stay_without_a_description_is_called_a_stay(client: Client) -> None:
    assert 'name: "Stay"' in document_of(client, Form(), replace(CREDIT, description=""))


@pytest.mark.parametrize("currency", ["", "EURO", "eur}", "12E"])
def test_what_is_no_currency_code_is_left_to_a_person(client: Client, currency: str) -> None:
    with pytest.raises(Skippable, match="expected a code of three letters"):
        bytes_of(client, Form(), replace(CREDIT, currency=currency))


def test_a_reversal_is_left_to_a_person(client: Client) -> None:
    with pytest.raises(Skippable, match="mm: miles given through this channel cannot be taken back"):
        bytes_of(client, Form(), replace(CREDIT, kind=Kind.REVERSAL))


def test_the_bytes_do_not_depend_on_when_they_are_written(client: Client) -> None:
    later = replace(CREDIT, composed_at=datetime(2027, 1, 1, tzinfo=UTC))
    assert bytes_of(client, Form(), later) == TRANSACTION


class TestAMutationOfTheSettings:
    def test_is_sent_with_its_places_filled_and_quoted(self, client: Client) -> None:
        places = "$wallet $miles $amount $currency $currency_text $reservation $name $departure $unique_id $app_id"
        assert document_of(client, Form(document=f"createEvent({places})", wallet="grouped", amount="decimal")) == (
            'createEvent("9920 0366 9288 601" 231 231.50 eur "EUR" "4711" "Alpenglow Hotels" "2026-11-01" '
            '"123e4567-e89b-52d3-a456-426655440000" "shop")'
        )

    def test_fills_no_place_that_a_value_brings_along(self, client: Client) -> None:
        credit = replace(CREDIT, description='$wallet", amount: $miles', reservation_number="$app_id")
        document = document_of(client, Form(document="createEvent($name $reservation)"), credit)
        assert document == 'createEvent("$wallet\\", amount: $miles" "$app_id")'

    def test_needs_no_currency_where_it_names_none(self, client: Client) -> None:
        document = document_of(client, Form(document="createEvent($amount)"), replace(CREDIT, currency=""))
        assert document == "createEvent(231)"


def test_a_grant_is_no_purchase_and_cannot_be_written() -> None:
    channel = Uplyft(None, name="mm", app_id="app", form=Form())  # type: ignore[arg-type]
    assert not channel.capabilities.grants
    with pytest.raises(Skippable, match="this channel knows purchases only"):
        channel.compose(replace(CREDIT, grant=True))
