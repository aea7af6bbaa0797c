"""Instances whose configurations differ say so once, and once when they agree again."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from connector.jobs.agreement import Agreement
from connector.settings import Settings, load
from connector.settings.fingerprint import fingerprint
from connector.store import facts
from connector.store.engine import Database
from tests.integration.daemon.rehearsal import PLAIN, SECRETS
from tests.integration.earning.chain import HandClock, chain_for


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_another_configuration_is_told_once_and_its_end_once(database: Database) -> None:
    clock = HandClock()
    one, other = chain_for(database, clock), chain_for(database, clock)
    ours, theirs = Agreement(), Agreement()
    with capture_logs() as said:
        await theirs.look(other, "new")
        for digest in ("old", "old", "new"):
            await ours.look(one, digest)
            clock.advance(minutes=1)
            await theirs.look(other, "new")
    assert [(each["event"], each.get("instance")) for each in said] == [
        ("another instance works by another configuration", other.owner),
        ("another instance works by another configuration", one.owner),
        ("all instances work by one configuration again", None),
        ("all instances work by one configuration again", None),
    ]


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_who_is_gone_is_forgotten(database: Database) -> None:
    clock = HandClock()
    await Agreement().look(chain_for(database, clock), "old")
    clock.advance(minutes=4)
    with capture_logs() as said:
        await Agreement().look(chain_for(database, clock), "new")
    async with database.read() as connection:
        assert (said, len(await facts.beginning(connection, "configuration of "))) == ([], 1)


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_on_sqlite_nobody_is_told_anything(database: Database) -> None:
    await Agreement().look(chain_for(database, HandClock()), "any")
    async with database.read() as connection:
        assert await facts.beginning(connection, "configuration of ") == []


def _read(home: Path, text: str, **secrets: str) -> Settings:
    home.mkdir(exist_ok=True)
    (home / "connector.toml").write_text(text)
    return load(home / "connector.toml", SECRETS | secrets)


def test_the_digest_is_of_what_must_be_the_same_on_every_machine(tmp_path: Path) -> None:
    scheme = '[[programs]]\ncode = "A"\nname = "A"\ntype = "Hotel"\nsubscription = "Free"\n'
    scheme += '[scheme]\nprogram = "A"\nkind = "csv"\npath = "members.csv"\n'
    first = fingerprint(_read(tmp_path / "one", PLAIN + scheme))
    own = '[logging]\nlevel = "ERROR"\n[web]\nlisten = "off"\n[database]\nurl = "sqlite:///other.db"\n'
    assert fingerprint(_read(tmp_path / "two", PLAIN + scheme + own)) == first
    assert fingerprint(_read(tmp_path / "two", PLAIN + scheme + '[schedule]\nalign = "9m"\n')) != first
    other_key = {"LOYALTY_PRIVACY__HASH_KEY": "another key of the tests, and a long one"}
    assert fingerprint(_read(tmp_path / "two", PLAIN + scheme, **other_key)) != first
