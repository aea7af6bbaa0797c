"""What the live schema says of the configuration, by the introspection of a real GraphQL server's library."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import respx
from graphql import build_schema, graphql_sync

from connector.errors import Lost, Unauthorized
from connector.http.client import Client
from connector.partners.uplyft import Form, Uplyft
from connector.partners.uplyft.arguments import Atom, arguments
from connector.partners.uplyft.examination import symptoms
from connector.partners.uplyft.schema import QUERY, read
from connector.ports import Symptom, Verdict
from connector.sandbox.uplyft.schema import Form as Published
from connector.sandbox.uplyft.schema import schema as published

EUR = frozenset({"eur"})
USUAL = Form()
TYPES = """
type Query { nothing: Boolean }
enum Fiat { eur usd }
enum Miles { milesandmore }
enum Action { purchase visit }
enum Kind { product }
input Value { amount: Float! currency: Fiat! }
input Reward { amount: Int! currency: Miles! }
input Thing { id: String type: Kind name: String }
input Deal { walletAddress: String! baselineReward: Reward! }
"""
ARGUMENTS = "businessValue: Value!, action: Action!, objects: [Thing]!, transaction: Deal, uniqueId: String"


def one_type(name: str, *words: str) -> Any:
    return {"mutationType": None, "types": [{"kind": "ENUM", "name": name, "enumValues": [{"name": e} for e in words]}]}


def introspected(text: str) -> Any:
    return graphql_sync(build_schema(text), QUERY).data


def event(given: str = ARGUMENTS, types: str = TYPES) -> str:
    return f"{types}\ntype Mutation {{ createEvent({given}): Boolean }}"


def found(text: str, form: Form = USUAL, currencies: frozenset[str] = EUR) -> list[Symptom]:
    return list(symptoms(read(introspected(text)), form, currencies))


def faults(text: str, form: Form = USUAL, currencies: frozenset[str] = EUR) -> list[tuple[str, str]]:
    told = found(text, form, currencies)
    return [(each.text.partition(";")[0], each.fix) for each in told if each.verdict is Verdict.CONFIGURATION]


class TestTheForm:
    @pytest.mark.parametrize("served", list(Published))
    @pytest.mark.parametrize("signature", ["transaction", "flat"])
    def test_that_fits_is_told(self, served: Published, signature: Any) -> None:
        told = read(graphql_sync(published(served), QUERY).data or {})
        first, *_ = symptoms(told, Form(signature), EUR)
        fitting = "transaction and flat" if served is Published.BOTH else served.value
        assert first.text.endswith(f"; published forms that fit: {fitting}")
        fits = served in (Published.BOTH, Published(signature))
        assert first.verdict is (Verdict.OK if fits else Verdict.CONFIGURATION)
        assert first.fix == ("" if fits else f'set signature = "{served.value}"')

    def test_may_be_none_of_the_published(self) -> None:
        (fault,) = faults(event(ARGUMENTS.replace("transaction: Deal", "deal: Deal")))
        assert fault[0] == "createEvent has no transaction"
        assert fault[1] == "ask Uplyft, and write the mutation in document as the schema has it"

    def test_may_not_be_there_at_all(self) -> None:
        assert faults(f"{TYPES} type Mutation {{ credit: Boolean }}") == faults(TYPES)
        assert faults(TYPES) == [("the schema has no mutation createEvent", "ask Uplyft how miles are credited now")]


class TestTheValues:
    @pytest.mark.parametrize(
        ("before", "after", "fault"),
        [
            (
                "enum Kind { product }",
                "enum Kind { room }",
                "createEvent.objects.type does not know product, only room",
            ),
            ("{ purchase visit }", "{ buy }", "createEvent.action does not know purchase, only buy"),
            (
                "{ milesandmore }",
                "{ mam }",
                "createEvent.transaction.baselineReward.currency does not know milesandmore",
            ),
            ("walletAddress: String!", "card: String!", "createEvent.transaction has no walletAddress"),
            ("walletAddress: String!", "walletAddress: Int!", "createEvent.transaction.walletAddress is a number"),
            ("input Reward { amount: Int!", "input Reward { amount: String!", "a text, a number is sent"),
            (
                "currency: Fiat!",
                "currency: String!",
                "createEvent.businessValue.currency is a text, for which the place",
            ),
            ("baselineReward: Reward!", "baselineReward: Int!", "createEvent.transaction.baselineReward is a value of"),
            ("input Value { amount: Float!", "input Value { amount: Reward!", "businessValue.amount is an object of"),
        ],
    )
    def test_that_the_schema_does_not_take_are_named(self, before: str, after: str, fault: str) -> None:
        assert before in TYPES
        told = [text for text, _ in faults(event(types=TYPES.replace(before, after)))]
        assert any(fault in text for text in told), told

    def test_that_the_schema_wants_besides_are_named(self) -> None:
        (fault,) = faults(event(f'{ARGUMENTS}, shop: ID!, note: String! = "none"'))
        assert fault[0] == "createEvent requires shop, which is not sent"

    def test_of_a_list_are_named_where_there_is_none(self) -> None:
        (fault,) = faults(event(ARGUMENTS.replace("[Thing]!", "Thing!")))
        assert fault[0] == "createEvent.objects is no list"

    def test_are_the_currencies_of_the_rules(self) -> None:
        (fault,) = faults(event(), currencies=frozenset({"eur", "chf"}))
        assert fault[0] == "createEvent.businessValue.currency does not know chf, only eur, usd"

    def test_with_decimals_need_a_number_that_has_some(self) -> None:
        whole = event(types=TYPES.replace("amount: Float!", "amount: Int!"))
        assert faults(whole) == []
        (fault,) = faults(whole, Form(amount="decimal"))
        assert fault[1] == 'set amount_format = "int"'

    def test_of_types_that_are_the_server_s_own_are_not_judged(self) -> None:
        assert faults(event(types=TYPES.replace("amount: Float!", "amount: Money!") + "scalar Money")) == []


class TestWhatThereIsBeside:
    def test_is_the_unique_id(self) -> None:
        without = event(ARGUMENTS.replace(", uniqueId: String", ""))
        (fault,) = faults(without)
        assert fault == (
            "createEvent has no uniqueId",
            "set unique_id = false; every lost answer then goes to a person",
        )
        assert faults(without, Form(unique_id=False)) == []
        (note,) = [each for each in found(event(), Form(unique_id=False)) if each.verdict is Verdict.NOTE]
        assert note.fix == "set unique_id = true"

    @pytest.mark.parametrize(
        ("actions", "told"), [("{ purchase visit }", "exists"), ("{ purchase }", "does not exist")]
    )
    def test_is_the_action_visit(self, actions: str, told: str) -> None:
        *_, last = found(event(types=TYPES.replace("{ purchase visit }", actions)))
        assert last.text == f'the action "visit" {told}; purchases are sent'


class TestAMutationOfTheSettings:
    def test_is_judged_like_a_published_one(self) -> None:
        document = "mutation { createEvent(cards: [{number: $wallet}], miles: $miles) # as told\n }"
        text = event("cards: [Card!]!, miles: Int!", f"{TYPES} input Card {{ number: ID! }}")
        assert faults(text, Form(document=document, unique_id=False)) == []
        (fault,) = faults(text.replace("number: ID!", "card: ID"), Form(document=document, unique_id=False))
        assert fault == ("createEvent.cards has no number", "write document as the schema has it")

    @pytest.mark.parametrize(
        ("document", "fault"),
        [
            ("mutation { createEvent(wallet: $wallet", "it cannot be read at ''"),
            ("mutation { createEvent(wallet $wallet) }", "it cannot be read at 'wallet'"),
            ("mutation { createEvent(wallet: )) }", "it cannot be read at ')'"),
            ("mutation { createEvent(wallet: @x) }", "it cannot be read at '@x) }'"),
            ("mutation { createEvent }", "it does not call createEvent with arguments"),
        ],
    )
    def test_that_is_none_is_a_fault(self, document: str, fault: str) -> None:
        assert faults(event(), Form(document=document)) == [
            (f"document: {fault}", "write document as the schema has it")
        ]

    def test_is_read_with_all_kinds_of_values(self) -> None:
        told = arguments('mutation M { createEvent(a: "x\\"y", b: [1, -2.5], c: {d: $miles e: word}) }')
        assert told == {
            "a": Atom("text", '"x\\"y"'),
            "b": [Atom("number", "1"), Atom("number", "-2.5")],
            "c": {"d": Atom("place", "$miles"), "e": Atom("word", "word")},
        }


class TestExamining:
    @pytest.fixture
    def channel(self, client: Client) -> Uplyft:
        return Uplyft(client, name="mm", app_id="shop", form=Form(), authorization="bearer")

    async def test_a_server_that_hides_its_schema_is_noted(self, channel: Uplyft, respx_mock: respx.MockRouter) -> None:
        respx_mock.post("https://partner.test").respond(json={"errors": [{"message": "introspection is off"}]})
        (note,) = await channel.examine()
        assert (note.verdict, note.text) == (Verdict.NOTE, "Uplyft does not show its schema: introspection is off")

    @pytest.mark.parametrize(
        "answer",
        [
            httpx.Response(500),
            httpx.Response(200, json={"data": {}}),
            httpx.Response(200, json={"data": {"__schema": {"types": [1]}}}),
            httpx.Response(200, json={"data": {"__schema": None}}),
            httpx.Response(200, json={"data": {"__schema": one_type("\0")}}),
            httpx.Response(200, json={"data": {"__schema": one_type("Fiat", "a b")}}),
        ],
    )
    async def test_an_answer_without_a_schema_is_a_fault_of_theirs(
        self, channel: Uplyft, respx_mock: respx.MockRouter, answer: httpx.Response
    ) -> None:
        respx_mock.post("https://partner.test").mock(return_value=answer)
        with pytest.raises(Lost):
            await channel.examine()

    async def test_a_refused_token_is_named(self, channel: Uplyft, respx_mock: respx.MockRouter) -> None:
        respx_mock.post("https://partner.test").respond(401)
        with pytest.raises(Unauthorized, match=r"does not accept the access token \(HTTP 401\); check access_token"):
            await channel.examine()
