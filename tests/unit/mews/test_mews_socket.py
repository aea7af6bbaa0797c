from __future__ import annotations

import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection, serve

from connector.errors import Lost
from connector.http.route import Route
from connector.mews.events import Socket
from tests.campaigns.authority import Authority
from tests.unit.http.servers import Proxy, serving

NOWHERE = "http://nowhere.invalid:3128"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def tls(authority: Authority) -> ssl.SSLContext:
    return authority.certificate("server", "IP:127.0.0.1")


@asynccontextmanager
async def mews(tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serve a WebSocket that says nothing."""

    async def silence(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async with serve(silence, "127.0.0.1", 0, ssl=tls) as server:
        (listening,) = server.sockets
        yield f"{'wss' if tls else 'ws'}://127.0.0.1:{listening.getsockname()[1]}"


async def connected(address: str, route: Route) -> bool:
    hints = Socket(address, "wien", "client-token", "access-token", route).hints()
    try:
        return bool(await anext(hints))
    finally:
        await hints.aclose()


@pytest.mark.parametrize("secured", [False, True])
async def test_a_socket_goes_by_the_proxy_of_the_settings_and_believes_their_authority(
    authority: Authority, tls: ssl.SSLContext, *, secured: bool
) -> None:
    proxy = Proxy()
    async with mews(tls) as address, serving(proxy, tls if secured else None) as there:
        route = Route(str(authority.home / "ca.pem"), proxy=there, user="hotel", password="open@sesame")
        assert await connected(address, route)
    (head,) = proxy.asked
    assert head.startswith(f"CONNECT {address.removeprefix('wss://')} ")
    assert base64.b64encode(b"hotel:open@sesame").decode() in head


async def test_a_socket_believes_no_other_authority(tls: ssl.SSLContext) -> None:
    async with mews(tls) as address:
        with pytest.raises(Lost, match="SSLCertVerificationError"):
            await connected(address, Route())


async def test_a_proxy_of_the_environment_does_not_count(
    authority: Authority, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("https_proxy", "wss_proxy", "http_proxy", "ws_proxy"):
        monkeypatch.setenv(name, NOWHERE)
    async with mews(tls) as address:
        assert await connected(address, Route(str(authority.home / "ca.pem")))
    async with mews() as address:
        assert await connected(address, Route(proxy=NOWHERE))
