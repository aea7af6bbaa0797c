"""How notices and the ping are reached, from a configuration file to who is told."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.bootstrap import application
from connector.errors import Lost
from connector.ports.notices import Notice
from tests.campaigns.authority import Authority
from tests.unit.alerts.post_office import post_office
from tests.unit.http.servers import Proxy, ok, read_request, serving
from tests.unit.settings.settings_files import SMALL, Files

NOTICE = Notice("incident.opened", "The store is full", "Make room.", datetime(2026, 11, 28, tzinfo=UTC))
MAIL = """
[alerts.mail]
host = "127.0.0.1"
port = {}
security = "tls"
sender = "loyalty@hotel.example"
to = ["it@hotel.example"]
"""


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        await read_request(reader)
        writer.write(ok())
        await writer.drain()


async def test_webhook_and_ping_go_by_the_proxy_to_whom_the_file_believes(tmp_path: Path) -> None:
    authority, proxy = Authority(tmp_path), Proxy()
    tls = authority.certificate("server", "IP:127.0.0.1")
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(serving(answer, tls))
        there = await stack.enter_async_context(serving(proxy))
        text = f'{SMALL}[alerts.connection]\nproxy = "{there}"\nca_file = "ca.pem"\n'
        addresses = {"LOYALTY_ALERTS__WEBHOOK_URL": f"{address}/hook", "LOYALTY_ALERTS__PING_URL": f"{address}/ping"}
        credentials = {"LOYALTY_ALERTS__CONNECTION__PROXY_CREDENTIALS": "hotel:open-sesame"}
        app = await stack.enter_async_context(application(Files(tmp_path).load(text, addresses | credentials)))
        assert app.ping is not None
        await app.watch.tellers["webhook"].tell(NOTICE)
        await app.ping.ping()
    assert len(proxy.asked) == 2
    assert all("Proxy-Authorization: Basic " in head for head in proxy.asked)


@pytest.mark.parametrize("is_believed", [True, False])
async def test_the_mail_server_is_one_whom_the_file_believes(tmp_path: Path, is_believed: bool) -> None:
    tls = Authority(tmp_path).certificate("server", "IP:127.0.0.1")
    async with post_office(tls) as office:
        text = SMALL + MAIL.format(office.port)
        text += '[alerts.connection]\nca_file = "ca.pem"\n' if is_believed else ""
        async with application(Files(tmp_path).load(text)) as app:
            if is_believed:
                await app.watch.tellers["mail"].tell(NOTICE)
            else:
                with pytest.raises(Lost, match="SSLCertVerificationError"):
                    await app.watch.tellers["mail"].tell(NOTICE)
    assert len(office.mails) == is_believed
