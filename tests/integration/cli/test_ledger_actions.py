"""``ledger retry | release | void`` as a person runs them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from connector.store.lock import exclusive
from tests.integration.cli.town import PERSONAL, Done, Office, Town
from tests.integration.earning.chain import PAYMENT_CARD

BY = ("--operator", "anna", "--reason", "told by phone")


@pytest.fixture
def unsent(copied: Office) -> Office:
    """An office whose two credits were made but not sent yet."""
    with closing(sqlite3.connect(copied.database)) as database, database:
        database.execute("UPDATE message SET state = 'ready', last_sent_at = NULL")
    return copied


def sentence(done: Done) -> str:
    assert done.output == ""
    (line,) = done.errors.splitlines()
    return line


def states(office: Office) -> list[str]:
    return sorted(line["state"] for line in office.run("ledger", "list", "--json").json)


class TestOneThatIsNamed:
    def test_it_is_done_at_once_beside_the_daemon_and_signed(self, unsent: Office) -> None:
        with exclusive(unsent.database):
            done = unsent.run("ledger", "void", "n-r1", *BY)
        assert (done.code, done.errors) == (0, "")
        assert done.output.endswith("1 are withdrawn\n")
        assert all(word not in done.output for word in PERSONAL)
        assert states(unsent) == ["ready", "void"]
        assert "ready      → void       (ledger void: told by phone)" in unsent.run("ledger", "show", "n-r1").output

    def test_its_json_tells_what_became_of_it(self, unsent: Office) -> None:
        found = unsent.run("ledger", "void", "n-r1", *BY, "--json").json
        assert list(found) == ["deed", "done", "plan_id", "left_out", "messages"]
        (message,) = found["messages"]
        assert (message["before"], message["after"], message["member"]) == ("ready", "void", "***********8601")

    def test_one_that_was_credited_is_one_sentence_and_exit_3(self, copied: Office) -> None:
        for words in (("void",), ("retry",), ("release",), ("release", "--credited"), ("retry", "--not-credited")):
            done = copied.run("ledger", *words, "n-r1", *BY)
            assert done.code == 3
            assert "credit 1 of n-r1 at miles_and_more: it is credited, expected one that " in sentence(done)
        assert states(copied) == ["credited", "credited"]


class TestSeveral:
    def test_they_are_listed_and_done_when_confirmed(self, unsent: Office) -> None:
        choice = ("ledger", "void", "--state", "ready", *BY)
        listed = unsent.run(*choice)
        assert listed.code == 0
        assert "n-r1" in listed.output
        assert "n-r2" in listed.output
        assert states(unsent) == ["ready", "ready"]
        plan = unsent.run(*choice, "--json").json["plan_id"]
        assert f"nothing is changed yet; the same with --confirm {plan} does it" in listed.output
        assert unsent.run(*choice, "--confirm", plan).output.endswith("2 are withdrawn\n")
        assert states(unsent) == ["void", "void"]

    def test_another_plan_is_refused(self, unsent: Office) -> None:
        done = unsent.run("ledger", "void", "--state", "ready", *BY, "--confirm", "0" * 12)
        assert done.code == 3
        assert "ledger void: the plan is not 000000000000; it is " in sentence(done)

    def test_none_is_told(self, copied: Office) -> None:
        done = copied.run("ledger", "retry", "--partner", "air_miles", *BY)
        assert (done.code, done.output) == (0, "No message that this fits is found.\n")


def test_a_partner_goes_live_when_what_is_due_is_confirmed(unsent: Office, served: Town) -> None:
    with closing(sqlite3.connect(unsent.database)) as database, database:
        database.execute("UPDATE fact SET value = '{\"mode\": \"shadow\"}' WHERE name = 'mode of miles_and_more'")
    before = len(served.credits("uplyft"))
    refused = unsent.run("sync", "deliver", "--wait", "0s")
    assert refused.code == 3
    assert "due at miles_and_more: 1 stay with 220 miles, at a cost that is not known" in refused.errors
    look = ("ledger", "release", "--live", "miles_and_more")
    plan = unsent.run(*look, "--json").json["plan_id"]
    assert f"the same with --confirm {plan} --operator NAME does it" in unsent.run(*look).output
    done = unsent.run(*look, "--confirm", plan, "--operator", "anna")
    assert done.output.endswith("miles_and_more goes live with the next delivery\n")
    assert unsent.run("sync", "deliver", "--wait", "0s").code == 0
    assert len(served.credits("uplyft")) == before  # the same key as before
    assert unsent.run(*look).code == 3


def test_a_sync_says_whether_its_confirmation_let_a_partner_go_live(unsent: Office) -> None:
    with closing(sqlite3.connect(unsent.database)) as database, database:
        database.execute("UPDATE fact SET value = '{\"mode\": \"shadow\"}' WHERE name = 'mode of miles_and_more'")
    plan = unsent.run("ledger", "release", "--live", "miles_and_more", "--json").json["plan_id"]
    words = ("sync", "deliver", "--wait", "0s", "--confirm")
    assert "nothing is sent there until" in unsent.run(*words, "abc").errors
    done = unsent.run(*words, plan)
    assert (done.code, done.errors) == (0, "")
    late = unsent.run(*words, plan)
    assert (late.code, late.errors.count("nothing waited for the confirmation")) == (3, 1)


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("void", *BY), "ledger: expected keys or stays, or --partner, --state, --about, and not both"),
        (("void", "n-r1", "--partner", "air_miles", *BY), "ledger: expected keys or stays, or --partner, "),
        (("void", "n-r1", "--operator", "anna"), "--reason: is empty; expected why, for the awards' history"),
        (("void", "n-r1", "--reason", "so"), "--operator: is empty; expected a name"),
        (("release", "--state", "gone", *BY), "--state: 'gone' is no state of a message; expected one of held, "),
        (("retry", "--partner", "nobody", *BY), "no partner is called 'nobody'; expected one of: "),
        (("release", "n-r1", "--reference", "x", *BY), "ledger release: --reference is the partner's for a credit; "),
        (("release", "n-r1", "--credited", "--reference", PAYMENT_CARD, *BY), "--reference: holds what looks like "),
        (("release", "n-r1", "--credited", "--not-credited", *BY), "ledger release: expected --credited or "),
        (("release", "n-r1", "--live", "air_miles"), "ledger release: --live is for the whole partner; expected "),
        (("retry", "4711", *BY), "ledger retry: no message belongs to '4711'; expected a key, "),
    ],
)
def test_what_is_not_understood_is_one_sentence(synced: Office, words: tuple[str, ...], fault: str) -> None:
    done = synced.run("ledger", *words)
    assert done.code == 2
    assert sentence(done).startswith(fault)


class TestAdopt:
    BY = ("ledger", "adopt", "--operator", "anna", "--reason", "the disk broke")

    def test_a_copy_goes_on_and_says_what_waits(self, unsent: Office, tmp_path: Path) -> None:
        copy = tmp_path / "copy.db"
        assert unsent.run("db", "backup", str(copy)).code == 0
        copy.replace(unsent.database)
        assert unsent.run("sync", "deliver", "--wait", "0s").code == 3
        done = unsent.run(*self.BY)
        assert (done.code, done.errors) == (0, "")
        assert "adopted; the last step that the copy knows: 2" in done.output
        assert "miles_and_more: 1 may have been sent since, and wait for a person" in done.output
        assert unsent.run("sync", "deliver", "--wait", "0s").code == 0
        assert states(unsent) == ["suspended", "suspended"]
        assert len(unsent.run("suspense", "list", "--reason", "restored", "--json").json) == 2
        assert "(ledger adopt: the disk broke)" in unsent.run("ledger", "show", "n-r1").output
        assert unsent.run("db", "check").code == 0

    def test_its_json_counts_by_partner(self, unsent: Office) -> None:
        found = unsent.run(*self.BY, "--restored", "--json").json
        assert list(found) == ["last_step", "in_doubt", "suspended"]
        assert found["suspended"] == {"air_miles": 1, "miles_and_more": 1}

    def test_what_is_no_copy_is_refused(self, copied: Office) -> None:
        done = copied.run(*self.BY)
        assert done.code == 3
        assert sentence(done).startswith("ledger adopt: the database bears no mark of a copy; expected one made by ")

    def test_it_is_refused_while_the_daemon_works(self, copied: Office) -> None:
        with exclusive(copied.database):
            assert copied.run(*self.BY).code == 3

    def test_it_wants_a_reason(self, copied: Office) -> None:
        done = copied.run("ledger", "adopt", "--operator", "anna")
        assert done.code == 2
        assert sentence(done) == "--reason: is empty; expected what became of the original database"


def test_a_copy_is_left_alone(copied: Office) -> None:
    with closing(sqlite3.connect(copied.database)) as database, database:
        database.execute("INSERT INTO fact (name, value) VALUES ('backup', 'marked')")
    done = copied.run("ledger", "release", "n-r1", "--credited", *BY)
    assert done.code == 3
    assert "it is a copy made by `db backup`" in sentence(done)
