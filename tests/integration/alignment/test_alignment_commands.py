"""The first road through the command line: exit codes, and one sentence for a person."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from connector.sandbox.mews.tokens import ACCESS_TOKENS, CLIENT_TOKEN
from connector.store.engine import Database
from tests.integration.alignment.hotel import SET_UP, Hotel, enterprise, guest, member, opened
from tests.integration.alignment.test_members_file import NOT_WHOLE, written

NAMES = ("anna", "bea", "carl")
CONFIGURATION = """
[chain]
name = "Alpenglow Hotels"
time_zone = "Europe/Vienna"
[mews]
platform_address = "{url}"
[mews.properties.wien]
[mews.properties.montreal]
[[programs]]
code = "ALPEN"
name = "Alpenglow Club"
type = "Hotel"
subscription = "Free"
tiers = [
  {{ code = "SILVER", name = "Silver member", ordering = 1 }},
  {{ code = "GOLD", name = "Gold member", ordering = 2 }},
]
[scheme]
program = "ALPEN"
path = "members.csv"
[database]
url = "sqlite:///connector.db"
"""


@dataclass
class Done:
    """A command that ended."""

    code: int
    output: str
    errors: str


@dataclass
class Desk:
    """The command line on one chain."""

    hotel: Hotel
    tokens: dict[str, str]
    configuration: str = CONFIGURATION
    secrets: Mapping[str, str] = field(default_factory=dict)

    async def run(self, *words: str, level: str = "CRITICAL") -> Done:
        """Run a command to its end, without a second try."""
        process = await self._start(words, level, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        output, errors = await process.communicate()
        return Done(process.returncode or 0, output.decode(), errors.decode())

    async def on_a_terminal(self, *words: str) -> str:
        """Run a command whose output a person sees, and return all that appeared."""
        ours, theirs = pty.openpty()
        process = await self._start(words, "CRITICAL", stdout=theirs, stderr=theirs)
        os.close(theirs)
        seen = asyncio.create_task(asyncio.to_thread(_everything, ours))
        assert await process.wait() == 0
        return await seen

    async def _start(self, words: tuple[str, ...], level: str, **streams: int) -> asyncio.subprocess.Process:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LOYALTY_")}
        secrets = {f"LOYALTY_MEWS__PROPERTIES__{table.upper()}__ACCESS_TOKEN": t for table, t in self.tokens.items()}
        variables = {"LOYALTY_MEWS__CLIENT_TOKEN": CLIENT_TOKEN, "LOYALTY_LOGGING__LEVEL": level}
        config = self.hotel.home / "connector.toml"
        config.write_text(self.configuration.format(url=self.hotel.url), encoding="utf-8")
        self.hotel.calls.made.clear()
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "connector", "--config", str(config), *words),
            env={**inherited, **secrets, **variables, **self.secrets, "TERM": "xterm", "COLUMNS": "120"},
            **streams,
        )

    async def sync(self, *words: str, level: str = "CRITICAL") -> Done:
        """Align once."""
        return await self.run("sync", "align", "--wait", "1s", *words, level=level)


def _everything(terminal: int) -> str:
    """Read a terminal until nobody writes to it any more."""
    seen = b""
    with suppress(OSError):  # how Linux says so
        while part := os.read(terminal, 65536):
            seen += part
    os.close(terminal)
    return seen.decode()


@pytest.fixture
async def desk(tmp_path: Path, database: Database) -> AsyncIterator[Desk]:
    async with opened(tmp_path, database, *SET_UP, *map(guest, NAMES)) as hotel:
        hotel.members(*map(member, NAMES))
        yield Desk(hotel, dict(ACCESS_TOKENS))


def sentence(done: Done) -> str:
    """Return the one line on stderr."""
    (line,) = done.errors.strip().splitlines()
    assert "Traceback" not in line
    return line


async def test_a_pass_a_plan_and_a_refusal_with_its_confirmation(desk: Desk) -> None:
    first = await desk.sync("--json")
    assert (first.code, first.errors) == (0, "")
    (job,) = json.loads(first.output)["jobs"]
    assert (job["name"], job["outcome"], job["written"]) == ("align", "ok", 6)
    plan = await desk.run("plan")
    assert (plan.code, plan.output.splitlines()[0]) == (0, "Nothing to change: Mews agrees with the scheme.")
    desk.hotel.members(member("carl"))
    refused = await desk.sync()
    assert (refused.code, desk.hotel.calls.writes()) == (3, {})
    plan_id = sentence(refused).partition("--confirm ")[2].rstrip("`.")
    planned = json.loads((await desk.run("plan", "--json")).output)
    assert (planned["plan_id"], planned["allowed"], planned["counts"]) == (plan_id, False, {"cancel_membership": 2})
    assert [(each["kind"], each["fields"], each["harm"]) for each in planned["changes"]] == [
        ("cancel_membership", {"state": "Canceled"}, ["removal"])
    ] * 2
    assert (await desk.sync("--confirm", plan_id)).code == 0
    assert [desk.hotel.one(name)["State"] for name in NAMES] == ["Canceled", "Canceled", "Enrolled"]


async def test_a_new_tier_code_is_warned_of_and_tried_again_after_a_lost_answer(desk: Desk) -> None:
    assert (await desk.sync()).code == 0
    renamed = '{{ code = "BASIC", name = "Silver member", ordering = 1, formerly = "SILVER" }}'
    desk.configuration = CONFIGURATION.replace('{{ code = "SILVER", name = "Silver member", ordering = 1 }}', renamed)
    desk.hotel.members(*(member(name, tier="BASIC") for name in NAMES))
    plan = json.loads((await desk.run("plan", "--json")).output)
    assert (plan["counts"], plan["plan_id"]) == ({"update_tier": 1}, "")
    (warning,) = plan["warnings"]
    assert f"Warning: {warning}" in (await desk.run("plan")).output.splitlines()
    desk.hotel.fault("loyaltyTiers/update", "drop", times=None)
    failed = await desk.sync()
    assert (failed.code, "align: not all is written yet: " in sentence(failed)) == (4, True)
    desk.hotel.faults.clear()
    done = await desk.sync(level="WARNING")
    assert (done.code, done.errors.count(warning)) == (0, 1)
    assert [desk.hotel.one(name)["Tier"] for name in NAMES] == ["BASIC"] * 3


async def test_a_members_file_that_is_not_whole_is_one_sentence_and_exit_4(desk: Desk) -> None:
    for kind in ("missing", "truncated", "Windows-1252"):
        content, words = NOT_WHOLE[kind]
        written(desk.hotel, content)
        done = await desk.sync()
        assert (done.code, desk.hotel.calls.writes()) == (4, {})
        assert words in sentence(done)
        assert "members.csv" in sentence(done)


async def test_only_wrong_tokens_are_exit_4_and_say_what_to_check(desk: Desk) -> None:
    desk.tokens = dict.fromkeys(ACCESS_TOKENS, "wrong")
    done = await desk.sync()
    assert (done.code, desk.hotel.calls.writes()) == (4, {})
    assert "check client_token and the access_token of [mews.properties.wien]" in sentence(done)


async def test_one_wrong_token_is_exit_4_with_the_work_done(desk: Desk) -> None:
    desk.tokens["wien"] = "wrong"
    done = await desk.sync()
    assert set(desk.hotel.held()) == set(NAMES)
    assert done.code == 4
    assert "check client_token and the access_token of [mews.properties.wien]" in sentence(done)


async def test_tokens_of_two_chains_are_exit_2(tmp_path: Path, database: Database) -> None:
    async with opened(tmp_path, database, *SET_UP, enterprise("montreal", chain="another")) as hotel:
        hotel.members(member("anna"))
        desk = Desk(hotel, dict(ACCESS_TOKENS))
        for done in (await desk.run("plan"), await desk.sync()):
            assert (done.code, hotel.calls.writes()) == (2, {})
            assert "one instance per chain" in sentence(done)


async def test_no_name_and_no_address_is_stored_or_logged(desk: Desk) -> None:
    desk.hotel.members(*map(member, NAMES), member("stranger"))
    desk.hotel.edit("Customers", "g-bea", LoyaltyCode="Code-of-bea")
    desk.hotel.edit("LoyaltyTiers", "t-GOLD", Name="Golden")
    done = await desk.sync(level="DEBUG")
    assert (done.code, set(desk.hotel.held())) == (0, set(NAMES))
    assert "loyaltyMemberships/add" in done.errors  # the log is there
    stored = b"".join(path.read_bytes() for path in desk.hotel.home.glob("connector.db*"))
    assert b"m-anna" in stored
    for word in ("guests.example", "Franzi", "Berger", "Code-of-bea", CLIENT_TOKEN, *ACCESS_TOKENS.values()):
        for found in (stored, done.errors.encode(), done.output.encode()):
            assert word.lower().encode() not in found.lower(), word
    for word in ("N-anna", "N-bea"):
        assert word not in done.errors + done.output


async def test_on_a_terminal_a_plan_has_colours_and_long_work_has_bars(desk: Desk) -> None:
    seen = await desk.on_a_terminal("plan")
    assert "\x1b[32m3 memberships to add: " in seen
    assert "reading guests" in seen
    assert "reading members of the scheme" in seen
    seen = await desk.on_a_terminal("sync", "align")
    assert "writing memberships" in seen


async def test_elsewhere_neither_colours_nor_bars_stand_in_the_way(desk: Desk) -> None:
    done = await desk.run("plan")
    assert (done.errors, "\x1b" in done.output) == ("", False)
