from __future__ import annotations

import asyncio
import base64
import ssl

import pytest

from connector.errors import Lost, NotSent
from connector.http.answer import Answer
from connector.http.auth import ClientCredentials
from connector.http.client import Client, Timeouts
from connector.http.route import Route
from tests.campaigns.authority import Authority
from tests.unit.http.servers import Proxy, ok, read_request, serving

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def tls(authority: Authority) -> ssl.SSLContext:
    return authority.certificate("server", "IP:127.0.0.1")


@pytest.fixture
def strict_tls(authority: Authority) -> ssl.SSLContext:
    """What a server has that wants to see a certificate of the authority."""
    context = authority.certificate("strict", "IP:127.0.0.1")
    context.load_verify_locations(authority.home / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


@pytest.fixture(scope="module")
def believing(authority: Authority) -> Route:
    return Route(authorities=str(authority.home / "ca.pem"))


@pytest.fixture(scope="module")
def certified(authority: Authority, believing: Route) -> Route:
    authority.certificate("hotel", "DNS:hotel.test")
    certificate, key = (str(authority.home / f"hotel.{end}") for end in ("pem", "key"))
    return Route(believing.authorities, certificate, key)


async def answering(reader: Reader, writer: Writer) -> None:
    while True:
        await read_request(reader)
        writer.write(ok(b'{"access_token": "some-token"}'))
        await writer.drain()


async def asked(address: str, route: Route, auth: ClientCredentials | None = None, deadline: float = 20.0) -> Answer:
    client = Client(address, name="Partner", route=route, auth=auth, timeouts=Timeouts(read=10))
    try:
        return await client.send("POST", "things", content=b"{}", operation="things/add", deadline=deadline)
    finally:
        await client.aclose()


class TestCertificates:
    async def test_an_authority_of_the_settings_is_believed(self, tls: ssl.SSLContext, believing: Route) -> None:
        async with serving(answering, tls) as address:
            assert (await asked(address, believing)).status == 200

    async def test_no_other_is_believed(self, tls: ssl.SSLContext) -> None:
        async with serving(answering, tls) as address:
            with pytest.raises(NotSent, match="certificate verify failed"):
                await asked(address, Route())

    async def test_of_the_environment_does_not_count(
        self, tls: ssl.SSLContext, believing: Route, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", believing.authorities)
        async with serving(answering, tls) as address:
            with pytest.raises(NotSent, match="certificate verify failed"):
                await asked(address, Route())

    async def test_our_own_is_shown_to_a_server_that_wants_it(
        self, strict_tls: ssl.SSLContext, certified: Route
    ) -> None:
        async with serving(answering, strict_tls) as address:
            assert (await asked(address, certified)).status == 200

    async def test_our_own_is_shown_to_the_token_endpoint(self, strict_tls: ssl.SSLContext, certified: Route) -> None:
        async with serving(answering, strict_tls) as tokens, serving(answering, strict_tls) as address:
            auth = ClientCredentials(f"{tokens}/token", "the-id", "the-secret-of-it")
            assert (await asked(address, certified, auth)).status == 200

    @pytest.mark.parametrize(
        ("version", "meaning"),
        [
            (ssl.TLSVersion.TLSv1_2, NotSent),
            (ssl.TLSVersion.TLSv1_3, Lost),  # the request is under way before the server says what it thinks
        ],
    )
    async def test_a_server_that_wants_one_gets_no_request_without(
        self, strict_tls: ssl.SSLContext, believing: Route, version: ssl.TLSVersion, meaning: type[Exception]
    ) -> None:
        heard: list[bytes] = []

        async def listen(reader: Reader, writer: Writer) -> None:
            heard.append(await read_request(reader))

        strict_tls.maximum_version = version
        async with serving(listen, strict_tls) as address:
            with pytest.raises(meaning):
                await asked(address, believing)
        assert heard == []


class TestProxies:
    async def test_a_request_goes_through_it_and_is_read_by_the_other_side_alone(
        self, tls: ssl.SSLContext, believing: Route
    ) -> None:
        proxy = Proxy()
        async with serving(answering, tls) as address, serving(proxy) as there:
            assert (await asked(address, Route(believing.authorities, proxy=there))).status == 200
        (head,) = proxy.asked
        assert head.startswith(f"CONNECT {address.removeprefix('https://')} HTTP/1.1\r\n")
        assert "authorization" not in head.lower()

    async def test_a_token_comes_through_it_too(self, tls: ssl.SSLContext, believing: Route) -> None:
        proxy = Proxy()
        async with serving(answering, tls) as tokens, serving(answering, tls) as address, serving(proxy) as there:
            auth = ClientCredentials(f"{tokens}/token", "the-id", "the-secret-of-it")
            assert (await asked(address, Route(believing.authorities, proxy=there), auth)).status == 200
        assert [head.split()[1] for head in proxy.asked] == [
            each.removeprefix("https://") for each in (tokens, address)
        ]

    async def test_its_credentials_go_to_it_and_are_never_represented(
        self, tls: ssl.SSLContext, believing: Route
    ) -> None:
        proxy, heads = Proxy(), []

        async def listen(reader: Reader, writer: Writer) -> None:
            heads.append(await read_request(reader))
            writer.write(ok())
            await writer.drain()

        async with serving(listen, tls) as address, serving(proxy) as there:
            route = Route(believing.authorities, proxy=there, user="hotel", password="open-sesame")
            await asked(address, route)
        named = base64.b64encode(b"hotel:open-sesame").decode()
        assert f"Proxy-Authorization: Basic {named}" in proxy.asked[0]
        assert b"proxy-authorization" not in heads[0].lower()
        assert "sesame" not in repr(route)

    async def test_may_itself_be_reached_by_tls(self, tls: ssl.SSLContext, believing: Route) -> None:
        proxy = Proxy()
        async with serving(answering, tls) as address, serving(proxy, tls) as there:
            assert (await asked(address, Route(believing.authorities, proxy=there))).status == 200
        assert len(proxy.asked) == 1

    async def test_what_stays_on_this_machine_without_tls_goes_by_none(self) -> None:
        async with serving(answering) as address:
            assert (await asked(address, Route(proxy="http://nowhere.invalid:3128"))).status == 200

    async def test_of_the_environment_does_not_count(
        self, tls: ssl.SSLContext, believing: Route, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://nowhere.invalid:3128")
        async with serving(answering, tls) as address:
            assert (await asked(address, believing)).status == 200

    @pytest.mark.parametrize(
        "proxy",
        [
            Proxy(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"),
            Proxy(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"),
            Proxy(b""),
            Proxy(b"what?\r\n\r\n"),
            Proxy(silent=True),
        ],
        ids=["refuses", "cannot_connect", "hangs_up", "mumbles", "is_silent"],
    )
    async def test_a_request_that_got_no_further_was_not_sent(self, believing: Route, proxy: Proxy) -> None:
        async with serving(proxy) as there:
            route = Route(believing.authorities, proxy=there)
            with pytest.raises(NotSent):
                await asked("https://partner.invalid", route, deadline=1.0 if proxy.silent else 20.0)
        assert len(proxy.asked) == 1

    async def test_a_request_that_got_through_and_has_no_answer_is_lost(
        self, tls: ssl.SSLContext, believing: Route
    ) -> None:
        async def hang_up(reader: Reader, writer: Writer) -> None:
            await read_request(reader)

        async with serving(hang_up, tls) as address, serving(Proxy()) as there:
            with pytest.raises(Lost):
                await asked(address, Route(believing.authorities, proxy=there))
