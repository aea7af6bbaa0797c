"""What people may ask of the hotel about their own data, by commands."""

from __future__ import annotations

import io
import sqlite3
import sys
from contextlib import closing

import pytest

from connector.store import migrations
from tests.integration.cli.town import Office
from tests.integration.earning.chain import MEMBER


def test_a_persons_data_are_exported_erased_and_gone_from_files_copies_and_logs(
    copied: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = copied.run("subject", "export", "A-1", "--json").json
    assert told["person"]["guests"] == ["g1"]
    assert MEMBER in told["person"]["numbers"]
    (award,) = told["stored"]["awards"]
    assert (award["member_number"], award["frozen"]["membership_id"]) == (MEMBER, "m-g1-MM")
    assert told["stored"]["stays"][0]["body"]["account_id"] == "g1"
    assert MEMBER in told["stored"]["messages"][0]["content"]
    sources = {each["id"]: each["number_source"] for each in told["stored"]["memberships"] if "number" in each}
    assert sources["m-g1-MM"] == "mews"
    assert [each["recipient"] for each in told["recipients"]] != []
    assert told["retention"]["cases (suspense)"] == "400 days"
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    asked = copied.run("erase", "A-1")
    assert (asked.code, "To be erased: " in asked.errors) == (3, True)
    done = copied.run("erase", "A-1", "--yes", LOYALTY_LOGGING__LEVEL="DEBUG")
    assert (done.code, done.output.startswith("Erased: ")) == (0, True)
    copy = copied.database.with_name("copy.db")
    assert copied.run("db", "backup", str(copy)).code == 0
    again = copied.run("sync", "--wait", "0s", LOYALTY_LOGGING__LEVEL="DEBUG")
    assert again.code == 0, again
    assert copied.run("db", "check").code == 0
    needles = (MEMBER, "m-g1-MM", "n-r1", "channel-1", "Berger", "guests.example", "A-1")
    written = {path: path.read_bytes() for path in (copied.database, copy)}
    texts = [done.output, done.errors, again.output, again.errors]
    assert [
        (path.name, each) for path, content in written.items() for each in needles if each.encode() in content
    ] == []
    assert [each for text in texts for each in needles if each in text] == []
    assert copied.run("subject", "export", "A-1").code == 2


def test_a_file_that_is_exported_to_is_readable_by_its_owner_only(copied: Office) -> None:
    path = copied.config.with_name("person.json")
    assert copied.run("subject", "export", MEMBER, "--to", str(path)).code == 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert copied.run("subject", "export", MEMBER, "--to", str(path)).errors.endswith("expected a new file\n")


def test_who_opts_out_is_told_of_and_can_take_it_back(copied: Office) -> None:
    assert copied.run("members", "opt-out", "A-1", "--reason", "by letter").output.startswith(
        "Partners are told nothing more of this guest's stays"
    )
    with closing(sqlite3.connect(copied.database)) as opened:
        rows = opened.execute("SELECT subject_kind, subject_id, note FROM opt_out ORDER BY subject_kind").fetchall()
    assert rows == [("guest", "g1", "by letter"), ("member", "A-1", "by letter")]
    assert copied.run("members", "opt-out", "g1", "--undo").code == 0
    with closing(sqlite3.connect(copied.database)) as opened:
        assert opened.execute("SELECT count(*) FROM opt_out").fetchone() == (0,)


def test_a_database_of_a_newer_program_is_refused_with_exit_3(copied: Office) -> None:
    with closing(sqlite3.connect(copied.database)) as opened, opened:
        opened.execute("UPDATE alembic_version SET version_num = '9999'")
    done = copied.run("sync", "sweep")
    sentence = (
        f"database: it is at revision 9999, newer than this version's {migrations.HEAD}; expected the newer program"
    )
    assert (done.code, done.errors) == (3, f"{sentence}\n")


def test_a_damaged_database_starts_no_job(copied: Office) -> None:
    content = bytearray(copied.database.read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    copied.database.write_bytes(content)
    done = copied.run("sync", "sweep")
    assert (done.code in {3, 4}, done.errors.startswith("database: its file is damaged"), done.errors.count("\n")) == (
        True,
        True,
        1,
    )


def test_terms_shorter_than_a_partner_pays_for_are_refused(copied: Office) -> None:
    copied.config.write_text(f'{copied.config.read_text()}\n[privacy.retention]\nstays = "30d"\n')
    done = copied.run("config", "check")
    assert done.code == 2
    assert "privacy.retention.stays: is shorter than partners.miles_and_more.max_age (395 days)" in done.errors
