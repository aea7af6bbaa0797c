"""The routes under requests that nobody thought of, made up from their description."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case

from connector.web import application
from connector.web.throttle import Throttle
from tests.integration.web.site import TOKENS, Site, site

DESCRIPTION: dict[str, Any] = json.loads(Path(application.__file__).with_name("openapi.json").read_text("utf-8"))
OPERATIONS = {each.ok().label: each.ok() for each in schemathesis.openapi.from_dict(DESCRIPTION).get_all_operations()}
GUARDED = [name for name, each in OPERATIONS.items() if each.definition.raw.get("security") is None]
FEW = settings(
    max_examples=6,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Desk:
    """A console, and the loop that it runs in: requests are made up by tests that have none."""

    def __init__(self, runner: asyncio.Runner, opened: Site) -> None:
        self._runner = runner
        self._site = opened

    def answer(self, case: Case, **headers: str) -> httpx.Response:
        """Send a request as it was made up, with these headers in place of its own; no guess counts."""
        self._site.console.throttle = Throttle()
        return self._runner.run(self._sent(case, headers))

    async def _sent(self, case: Case, headers: dict[str, str]) -> httpx.Response:
        made = case.as_transport_kwargs(base_url="http://localhost")
        given_headers = {
            name: made["headers"][name] for name in ("Authorization", "Content-Type") if name in made["headers"]
        }
        sent = {name: made[name] for name in ("method", "url", "params", "data", "json", "files") if made.get(name)}
        async with self._site.browser() as browser:
            browser.cookies.update({name: value for name, value in made.get("cookies", {}).items() if value.isascii()})
            return await browser.request(headers=given_headers | headers, **sent)


@pytest.fixture(scope="module")
def desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A console for all these requests."""
    home = tmp_path_factory.mktemp("contract")
    shutil.copyfile(sqlite_template, home / "connector.db")
    with asyncio.Runner() as runner:
        opening = site(home, f"sqlite:///{home / 'connector.db'}")
        yield Desk(runner, runner.run(opening.__aenter__()))
        runner.run(opening.__aexit__(None, None, None))


def assert_as_described(case: Case, answer: httpx.Response) -> None:
    """Look whether the description knows such an answer."""
    assert answer.status_code != 500
    known = case.operation.definition.raw["responses"]
    assert str(answer.status_code) in known, (answer.status_code, answer.text)
    told = known[str(answer.status_code)]
    told = DESCRIPTION["components"]["responses"]["Fault"] if "$ref" in told else told
    kind = answer.headers.get("content-type", "").partition(";")[0]
    assert not answer.content or kind in told["content"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_an_operator_sends_is_answered_as_described(desk: Desk, name: str) -> None:
    @FEW
    @given(case=OPERATIONS[name].as_strategy())
    def send(case: Case) -> None:
        assert_as_described(case, desk.answer(case, Authorization=f"Bearer {TOKENS['admin']}"))

    send()


@pytest.mark.parametrize("name", GUARDED)
def test_a_stranger_is_told_nothing(desk: Desk, name: str) -> None:
    @FEW
    @given(case=OPERATIONS[name].as_strategy())
    def send(case: Case) -> None:
        answer = desk.answer(case)
        assert_as_described(case, answer)
        assert answer.status_code in (303, 401)
        assert answer.headers.get("location", "/login").startswith("/login")

    send()


def test_something_is_guarded() -> None:
    assert len(GUARDED) > 4
