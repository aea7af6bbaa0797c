"""The key of the hashes belongs to its database: only a new one gets a key, and no other key opens it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.cli.town import Done, Office, Town, office

COMMANDS = [("doctor",), ("sync", "--wait", "0s"), ("ledger", "list"), ("plan",)]
MISSING = "it does not exist, and with another hash key nobody is known who was erased or opted out"
ANOTHER = "the database has worked with another hash key"


def key_of(place: Office) -> Path:
    return place.database.with_name("connector.db.hash_key")


def fingerprint(place: Office) -> str | None:
    with closing(sqlite3.connect(place.database)) as database:
        row = database.execute("SELECT value FROM fact WHERE name = 'hash_key'").fetchone()
    return row[0] if row else None


def forget_fingerprint(place: Office) -> None:
    """Make the database one of the versions that kept none."""
    with closing(sqlite3.connect(place.database)) as database, database:
        database.execute("DELETE FROM fact WHERE name = 'hash_key'")


def refused(done: Done, why: str) -> None:
    assert (done.code, done.output) == (3, "")
    assert why in done.errors
    assert len(done.errors.splitlines()) == 1


def test_a_new_database_gets_a_key_and_is_tied_to_it(fresh: Office) -> None:
    assert fresh.run("ledger", "list").code == 0
    assert key_of(fresh).read_text()
    assert fingerprint(fresh)
    assert key_of(fresh).read_text() not in fresh.database.read_bytes().decode("latin-1")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_database_without_its_key_is_refused_and_gets_no_new_one(copied: Office, words: tuple[str, ...]) -> None:
    key_of(copied).unlink()
    refused(copied.run(*words), MISSING)
    assert not key_of(copied).exists()


def test_so_is_one_that_knows_no_fingerprint_yet(copied: Office) -> None:
    forget_fingerprint(copied)
    key_of(copied).unlink()
    refused(copied.run("doctor"), MISSING)
    assert not key_of(copied).exists()


def test_one_that_knows_none_yet_is_tied_to_the_key_that_it_has(copied: Office) -> None:
    before = fingerprint(copied)
    forget_fingerprint(copied)
    assert copied.run("ledger", "list").code == 0
    assert fingerprint(copied) == before


def test_another_key_is_refused_from_a_file_and_from_the_settings(copied: Office) -> None:
    refused(copied.run("ledger", "list", LOYALTY_PRIVACY__HASH_KEY="another"), f"privacy.hash_key: {ANOTHER}")
    key_of(copied).write_text("another")
    refused(copied.run("ledger", "list"), f"{key_of(copied)}: {ANOTHER}")


def test_a_key_that_cannot_be_read_is_told(copied: Office) -> None:
    key_of(copied).unlink()
    key_of(copied).mkdir()
    done = copied.run("ledger", "list")
    assert (done.code, len(done.errors.splitlines())) == (4, 1)
    assert "it cannot be read (Is a directory); expected a file that this user may read" in done.errors


@pytest.mark.parametrize("words", [*COMMANDS, ("status",), ("db", "upgrade")], ids=" ".join)
@pytest.mark.parametrize("is_empty", [False, True])
def test_a_key_without_its_database_begins_no_ledger(copied: Office, words: tuple[str, ...], is_empty: bool) -> None:
    copied.database.unlink()
    if is_empty:
        copied.database.touch()
    refused(copied.run(*words), "it is missing or empty, but its hash key is not, so a ledger was here")
    assert copied.database.exists() == is_empty
    assert not is_empty or not copied.database.stat().st_size


def test_a_ledger_that_is_given_up_is_followed_by_a_new_one(copied: Office) -> None:
    copied.database.unlink()
    key_of(copied).unlink()
    assert copied.run("ledger", "list").code == 0


def test_the_kept_key_may_move_into_the_settings(copied: Office) -> None:
    kept = key_of(copied).read_text()
    key_of(copied).unlink()
    assert copied.run("ledger", "list", LOYALTY_PRIVACY__HASH_KEY=kept).code == 0
    assert not key_of(copied).exists()


def test_a_backup_is_restored_with_its_key(copied: Office, served: Town, tmp_path: Path) -> None:
    there = office(tmp_path / "restored", served)
    told = copied.run("db", "backup", str(there.database))
    assert f"keep {key_of(copied)} as well, apart from it." in told.output
    refused(there.run("doctor"), MISSING)
    key_of(there).write_text(key_of(copied).read_text())
    assert there.run("ledger", "list").code == 0


def test_a_look_at_a_new_database_does_not_stop_its_import(copied: Office, served: Town, tmp_path: Path) -> None:
    file = tmp_path / "moved.state.gz"
    assert copied.run("state", "export", str(file)).code == 0
    there = office(tmp_path / "there", served)
    assert there.run("ledger", "list").code == 0
    key_of(there).write_text(key_of(copied).read_text())
    imported = there.run("state", "import", str(file))
    assert imported.code == 0, imported.errors
    assert fingerprint(there) == fingerprint(copied)
