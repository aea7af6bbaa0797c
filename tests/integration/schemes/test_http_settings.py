"""The settings of a JSON API, on their way to the source and into its requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
import respx

from connector.bootstrap.parts import Parts
from connector.bootstrap.schemes import source
from connector.schemes.address import Address
from connector.schemes.http_api import HttpApi
from connector.schemes.paging import Paging
from connector.settings import Settings
from connector.store.engine import Database
from connector.telemetry import redact
from tests.unit.settings.settings_files import API, SMALL, Files

URL = "https://members.example/api/members/"
EVERYTHING = """
members = "data"
parameters = { status = "active" }
fields = { member_id = "id", tier = "tier.code" }
partner_numbers = { MM = "miles" }
paging = "cursor"
page_size = 7
size_parameter = "size"
page_parameter = "after"
first_page = 0
next = "meta.next"
total = "meta.total"
changed_since = "since"
full_every = "6h"
"""
SECRETS = {f"LOYALTY_SCHEME__{name}": f"geheim-{name.lower()}" for name in ("TOKEN", "CLIENT_ID", "CLIENT_SECRET")}


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    """What was opened is closed at the end, and the logs forget the secrets."""
    async with AsyncExitStack() as made:
        yield made
    for secret in SECRETS.values():
        redact.forget(secret)
        redact.forget(f"Bearer {secret}")


def api(home: Path, stack: AsyncExitStack, lines: str, *secrets: str) -> HttpApi:
    """The source that these lines of the file make."""
    environ = {name: value for name, value in SECRETS.items() if name.endswith(secrets)} if secrets else {}
    settings: Settings = Files(home).load(SMALL + API + lines, environ)
    assert settings.scheme is not None
    made = source(Parts(settings, Database(settings.database.url), stack), settings.scheme)
    assert isinstance(made, HttpApi)
    return made


async def first_request(made: HttpApi, mock: respx.MockRouter) -> dict[str, str]:
    """The headers of the request for the first page."""
    mock.get(url__startswith=URL).respond(json=[{"member_id": "a"}])
    async for _ in (await made.verify()).take("", 10):
        pass
    return dict(mock.calls.last.request.headers.items())


async def test_arrive_as_they_were_set(tmp_path: Path, stack: AsyncExitStack) -> None:
    made = api(tmp_path, stack, EVERYTHING)
    listing = made.listing
    assert (listing.address, listing.members, listing.total) == (
        Address(URL, {"status": "active"}),
        "data",
        "meta.total",
    )
    assert listing.paging == Paging("cursor", 7, "size", "after", 0, "meta.next")
    assert (made.fields, made.partner_numbers) == ({"member_id": "id", "tier": "tier.code"}, {"MM": "miles"})
    assert (made.changed_since, made.full_every) == ("since", timedelta(hours=6))
    assert listing.client.name == "API at members.example"


@pytest.mark.parametrize(
    ("lines", "header", "value"),
    [
        ('auth = "bearer"', "authorization", "Bearer geheim-token"),
        ('auth = "header"', "x-api-key", "geheim-token"),
        ('auth = "header"\nheader = "X-Members-Key"', "x-members-key", "geheim-token"),
    ],
)
async def test_of_a_token_put_it_into_its_header(
    tmp_path: Path, stack: AsyncExitStack, respx_mock: respx.MockRouter, lines: str, header: str, value: str
) -> None:
    sent = await first_request(api(tmp_path, stack, lines, "TOKEN"), respx_mock)
    assert {name: text for name, text in sent.items() if "geheim" in text} == {header: value}
    assert "geheim-token" not in redact.scrub("it says geheim-token")


async def test_of_no_authorisation_send_none(
    tmp_path: Path, stack: AsyncExitStack, respx_mock: respx.MockRouter
) -> None:
    sent = await first_request(api(tmp_path, stack, ""), respx_mock)
    assert sorted(sent) == ["accept", "accept-encoding", "connection", "host", "user-agent"]


async def test_of_oauth_fetch_a_token(tmp_path: Path, stack: AsyncExitStack, respx_mock: respx.MockRouter) -> None:
    lines = 'auth = "oauth2"\ntoken_endpoint = "https://login.example/token"\naudience = "api"\nscope = "read"'
    tokens = respx_mock.post("https://login.example/token").respond(json={"access_token": "fresh-token"})
    sent = await first_request(api(tmp_path, stack, lines, "CLIENT_ID", "CLIENT_SECRET"), respx_mock)
    assert sent["authorization"] == "Bearer fresh-token"
    assert tokens.calls.last.request.content == (
        b"grant_type=client_credentials&client_id=geheim-client_id&client_secret=geheim-client_secret"
        b"&audience=api&scope=read"
    )
    redact.forget("fresh-token")
