"""Mews and the partners served from a thread, and the commands run against them as a person would."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from string import Template
from typing import Any
from unittest.mock import patch
from urllib.request import urlopen

from connector import cli
from connector.__main__ import main
from connector.sandbox.credentials import environment
from connector.sandbox.uplyft.schema import Form
from tests.integration.earning.books import airmiles_counter, uplyft_counter
from tests.integration.earning.chain import COLLECTOR, MEMBER, NOW, PAYMENT_CARD
from tests.integration.earning.front_desk import FrontDesk, present_desk
from tests.logs import untouched_logging

TEMPLATE = Path(cli.__file__).with_name("demo.toml")
MEMBERS = """\
member_id,email,first_name,last_name,tier
A-1,g1@guests.example,Anna,Berger,GOLD
"""
PERSONAL = (MEMBER, COLLECTOR, PAYMENT_CARD, "guests.example", "Anna", "Berger")


@dataclass(frozen=True)
class Done:
    """A command that ended."""

    code: int
    output: str
    errors: str

    @property
    def json(self) -> Any:
        """What it printed with ``--json``."""
        return json.loads(self.output)


@dataclass(frozen=True)
class Town:
    """The servers; ``desk`` is Mews's front desk, "flat" an Uplyft with the other form and no uniqueId."""

    desk: FrontDesk
    urls: dict[str, str]

    def credits(self, partner: str) -> list[dict[str, Any]]:
        """Return every effect at ``uplyft`` or ``airmiles``."""
        with urlopen(f"{self.urls[partner]}/_sandbox/credits", timeout=10) as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found


@dataclass(frozen=True)
class Office:
    """A configuration file with its database beside it; ``variables`` are added to the environment."""

    config: Path
    variables: dict[str, str]

    @property
    def database(self) -> Path:
        """The connector's database."""
        return self.config.with_name("connector.db")

    @property
    def environment(self) -> dict[str, str]:
        """The variables that every command sees."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LOYALTY_")}
        return inherited | dict(environment()) | self.variables

    def run(self, *words: str, **variables: str) -> Done:
        """Run a command in this process."""
        output, errors = io.StringIO(), io.StringIO()
        line = ["loyalty-connector", "--config", str(self.config), *words]
        values = self.environment | variables
        with (
            patch.object(sys, "argv", line),
            patch.dict(os.environ, values, clear=True),
            redirect_stdout(output),
            redirect_stderr(errors),
            untouched_logging(),
        ):
            code = _ended()
        return Done(code, output.getvalue(), errors.getvalue())


def _ended() -> int:
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def office(home: Path, town: Town, *replacements: tuple[str, str], **variables: str) -> Office:
    """Write the configuration of the demo for these servers, with some texts replaced."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "members.csv").write_text(MEMBERS)
    start = (NOW - timedelta(days=40)).date().isoformat()
    text = Template(TEMPLATE.read_text()).substitute(town.urls, members=home / "members.csv", start=start)
    text = text.replace("start = ", 'hold = "none"\nstart = ', 1)
    for before, after in replacements:
        assert before in text, before
        text = text.replace(before, after)
    config = home / "connector.toml"
    config.write_text(text, encoding="utf-8")
    return Office(config, {"LOYALTY_LOGGING__LEVEL": "WARNING", **variables})


@contextmanager
def town(folder: Path) -> Iterator[Town]:
    """Serve Mews, Uplyft and AIR MILES from a thread of their own."""
    opened: list[Town] = []
    ready, closing = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_served(folder, opened, ready, closing)))
    thread.start()
    try:
        assert ready.wait(30)
        yield opened[0]
    finally:
        closing.set()
        thread.join(30)


async def _served(folder: Path, opened: list[Town], ready: threading.Event, closing: threading.Event) -> None:
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(present_desk(folder))
        uplyft = await stack.enter_async_context(uplyft_counter(folder))
        (folder / "flat").mkdir()
        flat = await stack.enter_async_context(uplyft_counter(folder / "flat", form=Form.FLAT, unique_id=False))
        airmiles = await stack.enter_async_context(airmiles_counter(folder))
        opened.append(Town(desk, {"mews": desk.url, "uplyft": uplyft.url, "flat": flat.url, "airmiles": airmiles.url}))
        ready.set()
        await asyncio.to_thread(closing.wait)
