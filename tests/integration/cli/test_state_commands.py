"""``state export`` and ``state import`` as a person runs them, and what is left behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.store.lock import exclusive
from tests import postgres
from tests.integration.cli.town import Office, Town, office
from tests.integration.earning.chain import MEMBER

SQLITE = "sqlite:///connector.db"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "alpenglow.state.gz"


@pytest.fixture
def elsewhere(copied: Office, served: Town, tmp_path: Path, postgres_server: postgres.Server) -> Iterator[Office]:
    """The same chain at an empty PostgreSQL database, with the hash key of the other office."""
    name = postgres_server.create("moved_by_command")
    key = copied.database.with_name("connector.db.hash_key").read_text()
    yield office(tmp_path / "there", served, (SQLITE, postgres_server.url(name)), LOYALTY_PRIVACY__HASH_KEY=key)
    postgres_server.drop(name)


def test_a_move_goes_on_there_and_leaves_nothing_to_do_here(
    copied: Office, elsewhere: Office, served: Town, file: Path
) -> None:
    before = served.credits("uplyft"), served.credits("airmiles")
    exported = copied.run("state", "export", "--retire", str(file), "--operator", "anna")
    assert exported.code == 0, exported.errors
    assert "This database is left behind" in exported.output

    imported = elsewhere.run("state", "import", str(file), "--json")
    assert imported.code == 0, imported.errors
    assert imported.json["right_to_send"] is True
    assert imported.json["rows"]["message"] == 2

    assert elsewhere.run("sync", "--wait", "0s").code == 0
    assert (served.credits("uplyft"), served.credits("airmiles")) == before
    assert elsewhere.run("db", "check").output == "database: ok\n"
    for words in (("sync",), ("run",), ("erase", MEMBER, "--yes"), ("members", "opt-out", "A-1")):
        refused = copied.run(*words)
        assert refused.code == 3, words
        assert "it moved at" in refused.errors
        assert f"to {file} (by anna)" in refused.errors
        assert "`ledger adopt` here where that one is lost" in refused.errors
    listed = copied.run("ledger", "list", "--json")
    assert listed.code == 0
    assert listed.json


def test_what_was_left_behind_is_taken_back_as_a_restored_copy_is(
    copied: Office, elsewhere: Office, file: Path
) -> None:
    assert copied.run("state", "export", "--retire", str(file)).code == 0

    adopted = copied.run("ledger", "adopt", "--operator", "anna", "--reason", "the new machine is lost")

    assert adopted.code == 0, adopted.errors
    assert copied.run("sync", "--wait", "0s").code == 0
    imported = elsewhere.run("state", "import", str(file))
    assert "It is a copy: its right to send was taken at" in imported.output
    assert ", who took the database back." in imported.output


def test_a_copy_delivers_nothing_until_it_is_adopted(copied: Office, elsewhere: Office, file: Path) -> None:
    exported = copied.run("state", "export", str(file))
    assert exported.code == 0, exported.errors
    assert "is a copy, which delivers nothing until `ledger adopt`" in exported.output
    imported = elsewhere.run("state", "import", str(file))
    assert "It is a copy: the exported database was not left behind" in imported.output

    refused = elsewhere.run("sync", "deliver", "--wait", "0s")

    assert refused.code == 3
    assert "a copy made by an import of a file without the right to send" in refused.errors
    assert copied.run("sync", "--wait", "0s").code == 0, "the original works on"


def test_without_the_hash_key_of_the_other_place_nothing_is_imported(
    copied: Office, served: Town, tmp_path: Path, file: Path
) -> None:
    assert copied.run("state", "export", str(file)).code == 0
    there = office(tmp_path / "keyless", served)
    refused = there.run("state", "import", str(file))
    assert refused.code == 3
    assert "hash_key: it does not exist, and with another hash key nobody is known who was erased" in refused.errors
    assert not there.database.with_name("connector.db.hash_key").exists()
    other = there.run("state", "import", str(file), LOYALTY_PRIVACY__HASH_KEY="another")
    assert other.code == 3
    assert "it was written with another hash key" in other.errors
    shutil.copy(copied.database.with_name("connector.db.hash_key"), there.database.with_name("connector.db.hash_key"))
    assert there.run("state", "import", str(file)).code == 0


def test_a_file_that_exists_or_is_missing_is_a_mistake(copied: Office, file: Path) -> None:
    file.write_text("mine")
    exported = copied.run("state", "export", str(file))
    assert (exported.code, file.read_text()) == (2, "mine")
    assert "it exists already; expected a path where there is no file, or --force" in exported.errors
    imported = copied.run("state", "import", str(file.with_name("nothing")))
    assert imported.code == 2
    assert "it does not exist; expected a file of `state export`" in imported.errors


def test_nothing_is_exported_while_a_run_works(copied: Office, file: Path) -> None:
    with exclusive(copied.database):
        refused = copied.run("state", "export", str(file))
    assert refused.code == 3
    assert "another run or sync works on this database" in refused.errors
    assert not file.exists()


def test_without_a_database_there_is_nothing_to_export(fresh: Office, file: Path) -> None:
    done = fresh.run("state", "export", str(file))
    assert done.code == 2
    assert "was never set up; expected a database to export" in done.errors
    assert not fresh.database.exists()
    assert not fresh.database.with_name("connector.db.hash_key").exists()


def test_the_file_says_no_token_in_the_clear(copied: Office, file: Path) -> None:
    import gzip

    assert copied.run("state", "export", str(file)).code == 0
    content = gzip.decompress(file.read_bytes())
    secrets = [value for name, value in copied.environment.items() if "TOKEN" in name or "SECRET" in name]
    assert secrets
    assert not [value for value in secrets if value.encode() in content]
