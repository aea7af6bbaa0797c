"""A partner's settings as they arrive at its channel: what is sent, how it is signed, what an answer means."""

from __future__ import annotations

import asyncio
import json
import ssl
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
import respx

from connector.bootstrap.contracts import contracts
from connector.domain.awards import Credit, Kind
from connector.jobs.contracts import Partnership
from connector.ports import Outcome, Receipt
from connector.settings import load
from connector.store.engine import Database
from tests.campaigns.authority import Authority
from tests.unit.http.servers import Proxy, ok, read_request, serving
from tests.unit.settings.settings_files import AIR, EARN, EARN_SERVICE, PARTNER, SMALL, Files, secrets_for

NOW = datetime.now(UTC)
MUTATION = "mutation { createEvent(card: $wallet, miles: $miles, uniqueId: $unique_id) }"
TOKEN = {
    "LOYALTY_MEWS__CLIENT_TOKEN": "geheim-1",
    "LOYALTY_MEWS__PROPERTIES__WIEN__ACCESS_TOKEN": "geheim-2",
    "LOYALTY_PARTNERS__MM__ACCESS_TOKEN": "a-token",
}
BEARER = SMALL + PARTNER + f'authorization = "bearer"\ndocument = {json.dumps(MUTATION)}\n'


def credit(kind: Kind = Kind.CREDIT, **fields: object) -> Credit:
    told: dict[str, object] = {
        "key": uuid.UUID(int=1),
        "kind": kind,
        "member_number": "992003669288601",
        "miles": 12,
        "reservation_id": "r1",
        "reservation_number": "4711",
        "property_id": "e1",
        "property_keys": ("wien",),
        "departed_at": NOW,
        "departure": NOW.date(),
        "currency": "EUR",
        "value_net": Decimal(10),
        "value_gross": Decimal(11),
        "composed_at": NOW,
        "description": "HOTEL",
    }
    return Credit(**(told | fields))  # type: ignore[arg-type]


async def delivered(
    text: str, sent: Credit, environ: dict[str, str], folder: Path, *, again: bool = False
) -> tuple[Partnership, Receipt]:
    """Deliver a credit as a configuration says; return the partnership and what came of it."""
    file = folder / "connector.toml"
    file.write_text(text, encoding="utf-8")
    settings = load(file, environ)
    async with contracts(settings, Database(f"sqlite:///{folder}/connector.db")) as (partnership,):
        channel = partnership.channel
        return partnership, await channel.deliver(channel.compose(sent), again=again)


class TestUplyft:
    @pytest.mark.parametrize(
        ("line", "header", "value"),
        [("", "authorization", "Bearer a-token"), ('token_header = "X-Token"\n', "x-token", "a-token")],
    )
    async def test_is_sent_the_mutation_of_the_settings_signed_by_a_token(
        self, tmp_path: Path, respx_mock: respx.MockRouter, line: str, header: str, value: str
    ) -> None:
        route = respx_mock.post("https://api.uplyft.com").respond(json={"data": {"createEvent": True}})
        await delivered(BEARER + line + EARN, credit(), TOKEN, tmp_path)
        request = route.calls.last.request
        assert request.headers[header] == value
        assert json.loads(request.content)["query"] == (
            f'mutation {{ createEvent(card: "992003669288601", miles: 12, uniqueId: "{uuid.UUID(int=1)}") }}'
        )

    @pytest.mark.parametrize(
        ("lines", "again", "outcome"),
        [
            ("", False, Outcome.UNRESOLVABLE),
            ('refusal_words = ["closed"]\n', False, Outcome.REFUSED),
            ('duplicate_answer = "error"\nduplicate_words = ["closed"]\n', True, Outcome.CREDITED),
        ],
    )
    async def test_is_understood_by_the_words_of_the_settings(
        self, tmp_path: Path, respx_mock: respx.MockRouter, lines: str, again: bool, outcome: Outcome
    ) -> None:
        error = {"errors": [{"message": "it is closed", "path": ["createEvent"]}], "data": None}
        respx_mock.post("https://api.uplyft.com").respond(json=error)
        _, receipt = await delivered(BEARER + lines + EARN, credit(), TOKEN, tmp_path, again=again)
        assert receipt.outcome is outcome


class TestTheEarnService:
    async def test_is_sent_what_the_settings_say(self, tmp_path: Path, respx_mock: respx.MockRouter) -> None:
        lines = (
            'earn_path = "miles/earn"\npid = "42"\npid_format = "text"\npromotion_code = "P1"\n'
            'statement_characters = "HOTL"\nreference_field = "ref"\nuncredit_reference = "original"\n'
        )
        text = SMALL + EARN_SERVICE.replace("[[", f"{lines}[[")
        respx_mock.post("https://api.lufthansa.com/v1/partners/oauth/token").respond(json={"access_token": "a-token"})
        route = respx_mock.post("https://api-test.lufthansa.com/v1/profiles/miles/earn").respond(json={})
        reversal = credit(Kind.REVERSAL, original="T-1")
        partnership, _ = await delivered(text, reversal, secrets_for(text), tmp_path)
        request = route.calls.last.request
        assert request.headers["authorization"] == "Bearer a-token"
        assert json.loads(request.content) == {
            "pid": "42",
            "cardNo": "992003669288601",
            "action": "UC",
            "property": "P1",
            "miles": 12,
            "activityDate": f"{NOW:%d.%m.%Y}",
            "transactionText": "HOTL",
            "additionalPartnerData": {"ref": str(uuid.UUID(int=1))},
            "original": "T-1",
        }
        assert partnership.number("123456789").number == "123456789"

    @pytest.mark.parametrize(
        ("lines", "content", "outcome"),
        [
            ("", {}, Outcome.CREDITED),
            ('transaction_field = "receipt"\n', {}, Outcome.UNRESOLVABLE),
            ('success_field = "state"\nsuccess_values = ["done"]\n', {"state": "open"}, Outcome.UNRESOLVABLE),
        ],
    )
    async def test_is_understood_as_the_settings_say(
        self, tmp_path: Path, respx_mock: respx.MockRouter, lines: str, content: object, outcome: Outcome
    ) -> None:
        text = SMALL + EARN_SERVICE.replace("[[", f'earn_path = "miles/earn"\n{lines}[[')
        respx_mock.post("https://api.lufthansa.com/v1/partners/oauth/token").respond(json={"access_token": "a-token"})
        respx_mock.post("https://api-test.lufthansa.com/v1/profiles/miles/earn").respond(json=content)
        _, receipt = await delivered(text, credit(), secrets_for(text), tmp_path)
        assert receipt.outcome is outcome


class TestAirMiles:
    @pytest.mark.parametrize("status", [401, 403])
    async def test_is_sent_the_same_again_with_a_new_token(
        self, tmp_path: Path, respx_mock: respx.MockRouter, status: int
    ) -> None:
        text = SMALL + AIR.replace("[[", 'location_codes = { wien = "1" }\n[[')
        tokens = iter(("old-token", "new-token"))
        respx_mock.post("https://oauth-cert.airmiles.ca/oauth/token").mock(
            side_effect=lambda _: httpx.Response(200, json={"access_token": next(tokens)})
        )
        route = respx_mock.post(url__startswith="https://cert.airmilesapis.ca/")
        route.side_effect = [httpx.Response(status), httpx.Response(200)]
        await delivered(text, credit(member_number="80085102028", value_gross=Decimal(10)), secrets_for(text), tmp_path)
        first, second = (call.request for call in route.calls)
        assert first.content == second.content
        assert second.headers["authorization"] == "Bearer new-token"

    async def test_is_reached_by_a_proxy_and_shown_a_certificate(self, tmp_path: Path) -> None:
        authority, proxy, heard = Authority(tmp_path), Proxy(), []
        authority.certificate("hotel", "DNS:hotel.test")
        tls = authority.certificate("server", "IP:127.0.0.1")
        tls.load_verify_locations(tmp_path / "ca.pem")
        tls.verify_mode = ssl.CERT_REQUIRED

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                heard.append((await read_request(reader)).split(b" ")[1].decode())
                writer.write(ok(b'{"access_token": "some-token"}'))
                await writer.drain()

        async with serving(answer, tls) as address, serving(proxy) as there:
            lines = {"endpoint": address, "token_endpoint": f"{address}/token"}
            files = {"ca_file": "ca.pem", "client_certificate": "hotel.pem", "client_key": "hotel.key"}
            text = SMALL + AIR.replace("[[", 'location_codes = { wien = "1" }\n' + toml(lines) + "[[")
            text += "[partners.air.connection]\n" + toml(files | {"proxy": there})
            environ = secrets_for(text) | {"LOYALTY_PARTNERS__AIR__CONNECTION__PROXY_CREDENTIALS": "hotel:open-sesame"}
            await delivered(text, credit(member_number="80085102028", value_gross=Decimal(10)), environ, tmp_path)
        assert (len(heard), heard[0]) == (2, "/token")
        (head,) = proxy.asked
        assert "Proxy-Authorization: Basic " in head


def toml(lines: dict[str, str]) -> str:
    return "".join(f'{name} = "{value}"\n' for name, value in lines.items())


async def test_a_contract_has_what_its_channel_can_do(files: Files) -> None:
    settings = files.load(SMALL + PARTNER + EARN + AIR.replace("[[", 'location_codes = { wien = "1" }\n[['))
    async with contracts(settings, Database("sqlite:///unused.db")) as (mm, air):
        assert (mm.contract.number_scheme, mm.contract.accounts, mm.contract.location_keys) == (
            "miles_and_more",
            False,
            None,
        )
        assert (air.contract.number_scheme, air.contract.location_keys) == ("air_miles", frozenset({"wien"}))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)
