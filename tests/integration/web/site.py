"""The console as browsers see it, over a database of its own and without a socket."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from connector.bootstrap import application as opened
from connector.settings import load
from connector.web.application import ACTIONS, ROUTES, application
from connector.web.approvals import Action
from connector.web.console import Console
from connector.web.pulse import Pulse
from tests.unit.settings.settings_files import SECRETS, SMALL

HERE = "http://localhost"
OPERATORS = """
[web.operators.anna]
role = "read"
[web.operators.otto]
role = "operate"
[web.operators.petra]
role = "approve"
"""
TOKENS = {name: f"{name}-token-of-a-test-0123456789" for name in ("admin", "anna", "otto", "petra")}
LOGINS = {
    "LOYALTY_WEB__ADMIN_TOKEN": TOKENS["admin"],
    **{f"LOYALTY_WEB__OPERATORS__{name.upper()}__TOKEN": TOKENS[name] for name in ("anna", "otto", "petra")},
}
_FIELD = re.compile(r'name="form_token" value="([0-9a-f]{64})"')


@dataclass
class Site:
    """A console, and the browsers that look at it."""

    console: Console
    asgi: ASGIApp

    def browser(self, address: str = HERE, peer: str = "127.0.0.1", **headers: str) -> httpx.AsyncClient:
        """Return a new browser; ``peer`` is where its connections come from."""
        transport = httpx.ASGITransport(self.asgi, raise_app_exceptions=False, client=(peer, 50_000))
        shown = {"Accept": "text/html"} | {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.AsyncClient(transport=transport, base_url=address, headers=shown)

    async def logged_in(self, name: str = "admin", address: str = HERE) -> httpx.AsyncClient:
        """Return a browser of somebody who logged in."""
        browser = self.browser(address)
        answer = await submit(browser, "/login", {"token": TOKENS[name]})
        assert answer.status_code == 303, answer.text
        return browser


async def form_token(browser: httpx.AsyncClient, page: str) -> str:
    """Return the token in the forms of a page, as it is shown to this browser."""
    found = _FIELD.search((await browser.get(page)).text)
    assert found, f"{page} has no form"
    return found[1]


async def submit(
    browser: httpx.AsyncClient, action: str, fields: Mapping[str, str] | None = None, *, page: str | None = None
) -> httpx.Response:
    """Send a form as the browser would that was shown it on ``page`` (the address that it is sent to)."""
    token = await form_token(browser, page or action)
    return await browser.post(action, data={"form_token": token, **(fields or {})})


@asynccontextmanager
async def site(
    directory: Path,
    url: str,
    text: str = OPERATORS,
    environ: Mapping[str, str] | None = None,
    routes: Sequence[BaseRoute] = ROUTES,
    actions: Sequence[Action] = ACTIONS,
) -> AsyncIterator[Site]:
    """Open a console whose settings are the smallest with ``text`` added; ``environ`` are its logins (all of them)."""
    file = directory / "connector.toml"
    file.write_text(f'{SMALL}[database]\nurl = "{url}"\n{text}', encoding="utf-8")
    nowhere = {"LOYALTY_MEWS__PLATFORM_ADDRESS": "http://127.0.0.1:9", "LOYALTY_PRIVACY__HASH_KEY": "geheim"}
    given = {**nowhere, **SECRETS, **(LOGINS if environ is None else environ)}
    async with opened(load(file, given)) as app:
        console = Console(app, Pulse())
        yield Site(console, application(console, routes, actions))
