"""Mews's WebSocket and qiibee's calls: what their settings may be."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.bootstrap.events import receivers, sockets
from connector.settings import QiibeePartner, warnings
from tests.unit.settings.settings_files import SMALL, Files
from tests.unit.settings.test_settings_qiibee_channel import EARN, PARTNER, without_app

LISTENING = "[mews]\nwebsocket = true"
SECRETS = {
    "LOYALTY_PARTNERS__MM__DEPOSITS__USER": "qiibee",
    "LOYALTY_PARTNERS__MM__DEPOSITS__PASSWORD": "geheim-3",
}
DEPOSITS = '[partners.mm.deposits]\npath = "deposits.csv"\n'


class TestTheWebSocket:
    def test_is_not_listened_to_by_default(self, files: Files) -> None:
        assert sockets(files.load(SMALL)) == {}

    @pytest.mark.parametrize(
        ("platform", "address"),
        [
            ("https://api.mews-demo.com", "wss://ws.mews-demo.com/ws/connector"),
            ("https://api.mews.com/", "wss://ws.mews.com/ws/connector"),
        ],
    )
    def test_belongs_to_the_platform_address(self, files: Files, platform: str, address: str) -> None:
        text = SMALL.replace("[mews]", LISTENING).replace("https://api.mews-demo.com", platform)
        assert {table: each.address for table, each in sockets(files.load(text)).items()} == {"wien": address}

    def test_of_another_platform_must_be_named(self, files: Files) -> None:
        text = SMALL.replace("[mews]", LISTENING).replace("https://api.mews-demo.com", "http://127.0.0.1:9")
        assert files.faults(text) == [
            "connector.toml: mews.websocket_address: is missing, and this platform address has none that is published; "
            'expected an address like "wss://ws.example.com/ws"'
        ]
        named = text.replace("websocket = true", 'websocket = true\nwebsocket_address = "ws://127.0.0.1:9/ws"')
        assert sockets(files.load(named))["wien"].address == "ws://127.0.0.1:9/ws"

    @pytest.mark.parametrize(
        ("address", "what"),
        [
            ("ws://ws.mews.com/ws", "goes over ws:// to another machine"),
            ("https://ws.mews.com/ws", "is not the address of a WebSocket"),
            ("wss://me:geheim@ws.mews.com/ws", "holds a user name or a password"),
            ("wss://ws.mews.com/ws?token=geheim", "is not the address of a WebSocket"),
            ("wss://[", "is not an address"),
        ],
    )
    def test_needs_an_address_that_keeps_the_tokens(self, files: Files, address: str, what: str) -> None:
        (fault,) = files.faults(SMALL.replace("[mews]", f'{LISTENING}\nwebsocket_address = "{address}"'))
        assert fault.startswith(f"connector.toml: mews.websocket_address: {what}; expected ")
        assert "geheim" not in fault


class TestDeposits:
    def test_are_received_where_the_table_is(self, files: Files, tmp_path: Path) -> None:
        text = SMALL + PARTNER + EARN
        assert receivers(files.load(text, without_app(), secrets=False)) == {}
        settings = files.load(text + DEPOSITS, without_app() | SECRETS, secrets=False)
        (found,) = receivers(settings).items()
        assert found[0] == ("qiibee", "mm")
        assert found[1].knows("Basic cWlpYmVlOmdlaGVpbS0z")
        partner = settings.partners["mm"]
        assert isinstance(partner, QiibeePartner)
        assert partner.deposits
        assert partner.deposits.path == tmp_path / "deposits.csv"

    def test_come_from_nowhere_where_nobody_listens(self, files: Files) -> None:
        text, environ = SMALL + PARTNER + EARN + DEPOSITS, without_app() | SECRETS
        told = 'connector.toml: partners.mm.deposits: [web] listen is "off", so that nobody can tell of any'
        assert told in warnings(files.load(text, environ, secrets=False))
        listening = text + '[web]\nlisten = "127.0.0.1:8080"\n'
        assert told not in warnings(files.load(listening, environ, secrets=False))

    def test_need_their_secrets(self, files: Files) -> None:
        faults = files.faults(SMALL + PARTNER + EARN + DEPOSITS, without_app(), secrets=False)
        assert [fault.split(": ")[1] for fault in faults] == [
            "partners.mm.deposits.user",
            "partners.mm.deposits.password",
        ]

    @pytest.mark.parametrize("name", ["path", "answers"])
    def test_have_a_file_of_their_own(self, files: Files, name: str) -> None:
        other = 'path = "requests.csv"\nanswers = "answers.csv"'.replace(f'{name} = "', f'{name} = "deposits.csv" # "')
        text = SMALL + PARTNER + EARN + DEPOSITS + f"[partners.mm.exchanges]\n{other}\n"
        assert files.faults(text, without_app() | SECRETS, secrets=False) == [
            f"connector.toml: partners.mm.deposits.path: is exchanges.{name} too; expected a file of its own"
        ]


class TestTheWebhooksTokens:
    def test_open_nothing_where_nobody_listens_and_should_be_long(self, files: Files) -> None:
        environ = {"LOYALTY_WEB__WEBHOOK_TOKEN": "short-1", "LOYALTY_WEB__PREVIOUS_WEBHOOK_TOKEN": "x" * 32}
        told = [each for each in warnings(files.load(SMALL, environ)) if ": web." in each]
        assert [each.partition(": ")[2].partition(";")[0] for each in told] == [
            'web.listen: is "off", so that webhook_token opens nothing',
            "web.webhook_token: has less than 16 characters",
        ]

    def test_are_two(self, files: Files) -> None:
        environ = {f"LOYALTY_WEB__{name}": "x" * 32 for name in ("WEBHOOK_TOKEN", "PREVIOUS_WEBHOOK_TOKEN")}
        assert files.faults(SMALL, environ) == [
            "LOYALTY_WEB__PREVIOUS_WEBHOOK_TOKEN: is the same as web.webhook_token; expected a token of its own"
        ]
