"""Words that fit nothing are told as the mistakes that they are."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.integration.cli.town import Office
from tests.integration.earning.chain import COLLECTOR

HUGE = "99999999999999999999"
MISTAKES = {
    ("ledger", "list", "--state", "nope"): "--state: there is no state 'nope'; expected one of: held, ",
    ("ledger", "list", "--partner", "nope"): "no partner is called 'nope'; expected one of: miles_and_more, ",
    ("ledger", "list", "--limit", "0"): "--limit",
    ("ledger", "list", "--limit", HUGE): "--limit",
    ("ledger", "export", "--partner", "nope"): "no partner is called 'nope'",
    ("suspense", "list", "--reason", "nope"): "--reason: there is no reason 'nope'; expected one of: ",
    ("suspense", "list", "--partner", "nope"): "no partner is called 'nope'",
    ("suspense", "list", "--limit", "-1"): "--limit",
    ("suspense", "resolve", HUGE, "--note", "x"): "ID",
    ("alerts", "list", "--limit", HUGE): "--limit",
    ("resync", "--stream", "reservations", "--from", "0001-01-01", "--to", "2026-01-01"): "lies before Mews",
}
GRANT = ("earn", "grant", "--partner", "air_miles", "--number", COLLECTOR, "--miles", "10", "--operator", "anna")


@pytest.mark.parametrize(("words", "told"), MISTAKES.items(), ids=lambda each: " ".join(each)[:40])
def test_a_mistake_ends_with_2_and_says_what_was_expected(synced: Office, words: tuple[str, ...], told: str) -> None:
    done = synced.run(*words)
    assert (done.code, done.output) == (2, "")
    assert told in done.errors


def test_a_partner_that_left_the_settings_is_listed_still(copied: Office) -> None:
    with closing(sqlite3.connect(copied.database)) as database, database:
        database.execute("UPDATE message SET partner = 'former' WHERE partner = 'miles_and_more'")
    listed = copied.run("ledger", "list", "--partner", "former", "--json")
    assert listed.code == 0, listed.errors
    assert [each["partner"] for each in listed.json] == ["former"]
    assert copied.run("ledger", "list", "--partner", "former", "--state", "held").code == 0
    assert copied.run("ledger", "export", "--partner", "former").output.count("former") == 1
    assert copied.run("suspense", "list", "--partner", "former").code == 0


def test_a_confirmation_that_fits_nothing_is_told(copied: Office) -> None:
    done = copied.run("sync", "--wait", "0s", "--confirm", "abc")
    assert done.code == 3
    assert "deliver   ok" in done.output
    assert done.errors == "sync: nothing waited for the confirmation abc; expected the id that `plan` shows now\n"


def test_a_reason_is_one_line(copied: Office) -> None:
    done = copied.run(*GRANT, "--property", "montreal", "--reason", "late\n\troom", "--operator", "an\tna", "--json")
    assert done.code == 0, done.errors
    shown = copied.run("ledger", "show", done.json["reference"], "--json").json
    details = [step["detail"] for each in shown for step in each["history"]]
    assert any("late room" in each for each in details)
    assert not [each for each in details if "\n" in each or "\t" in each]


def test_a_grant_without_the_property_that_it_wants_is_a_mistake(copied: Office) -> None:
    done = copied.run(*GRANT, "--reason", "late room")
    assert done.code == 2
    assert "air_miles wants a location code; expected --property" in done.errors


def test_the_first_command_on_a_new_database_says_nothing_of_its_making(fresh: Office) -> None:
    done = fresh.run("ledger", "list", LOYALTY_LOGGING__LEVEL="INFO")
    assert (done.code, done.errors) == (0, "")
