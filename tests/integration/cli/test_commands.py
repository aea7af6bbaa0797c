"""The commands as a person runs them: what they print, and how they end."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connector.jobs import deciding
from connector.store import account
from connector.store.lock import exclusive
from tests.integration.cli.town import PERSONAL, Office, Town, office
from tests.integration.earning.chain import COLLECTOR, MEMBER, PAYMENT_CARD

JSON_COMMANDS = {
    ("config", "check"): {"file", "warnings", "notes"},
    ("plan",): {
        "counts",
        "changes",
        "examples",
        "harm",
        "waiting",
        "warnings",
        "suspended",
        "plan_id",
        "allowed",
        "verdict",
        "left_alone",
        "faults",
    },
    ("sync", "--wait", "0s"): {"jobs", "awards", "stays", "miles", "suspense"},
    ("db", "check"): {"ok", "faults"},
}
JSON_LISTS = {
    ("earn", "explain", "n-r1"): {
        "partner",
        "reservation_id",
        "status",
        "reason",
        "text",
        "due_at",
        "decided_at",
        "explanation",
        "awards",
    },
    ("ledger", "list"): {
        "key",
        "partner",
        "reservation_number",
        "kind",
        "revision",
        "miles",
        "state",
        "member",
        "departure",
        "attempts",
        "due_at",
        "reason",
    },
    ("ledger", "show", "n-r1"): {
        "award_id",
        "partner",
        "seat",
        "unit",
        "miles",
        "revision",
        "member",
        "messages",
        "history",
    },
    ("members", "show", "A-1"): {"member", "link", "guest", "memberships", "candidates", "cases"},
    ("suspense", "list"): {
        "id",
        "subject_kind",
        "subject_id",
        "reason",
        "text",
        "partner",
        "since",
        "last_seen",
        "title",
        "means",
        "advice",
    },
    ("cursors", "list"): {
        "stream",
        "scope",
        "watermark",
        "window_start",
        "window_end",
        "page",
        "rows_read",
        "updated_at",
    },
}


class TestSync:
    def test_its_json_has_the_documented_shape(self, copied: Office) -> None:
        found = copied.run("sync", "--json", "--wait", "0s").json
        assert [job["name"] for job in found["jobs"]] == ["align", "stays", "deliver", "reconcile", "sweep"]
        for job in found["jobs"]:
            assert list(job) == ["name", "outcome", "read", "written", "requests", "seconds"]
            assert job["outcome"] == "ok"
        assert found["awards"] == {"credited": 2}
        assert found["stays"]["miles_and_more"] == {
            "seen": 4,
            "awarded": 1,
            "excluded": 2,
            "suspended": 1,
            "waiting": 0,
        }
        assert found["miles"] == {"miles_and_more": 220, "air_miles": 10}
        assert found["suspense"] == 1

    def test_it_says_in_words_what_it_did(self, copied: Office) -> None:
        done = copied.run("sync", "--wait", "0s")
        assert done.code == 0
        assert "miles_and_more: 4 stays seen: 1 awarded, 2 excluded, 1 suspended, 0 waiting; 220 miles given" in (
            done.output
        )
        assert "1 case waits for a person: loyalty-connector suspense list" in done.output

    def test_again_it_credits_nothing(self, copied: Office, served: Town) -> None:
        before = served.credits("uplyft"), served.credits("airmiles")
        copied.run("sync", "--wait", "0s")
        assert (served.credits("uplyft"), served.credits("airmiles")) == before

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (("sweat",), "sync: there is no job 'sweat'; expected align, stays, deliver, reconcile, sweep"),
            (("--wait", "soon"), 'sync: --wait \'soon\' is not a duration; expected one like "60s" or "5m"'),
        ],
    )
    def test_what_it_does_not_know_is_one_sentence(self, synced: Office, words: tuple[str, ...], sentence: str) -> None:
        done = synced.run("sync", *words)
        assert (done.code, done.output, done.errors) == (2, "", f"{sentence}\n")

    def test_a_second_one_is_refused(self, copied: Office) -> None:
        with exclusive(copied.database):
            done = copied.run("sync", "--wait", "0s")
        assert done.code == 3
        assert done.errors == (
            f"{copied.database}: another run or sync works on this database; expected one at a time\n"
        )

    def test_reading_commands_run_beside_it(self, copied: Office) -> None:
        with exclusive(copied.database):
            assert copied.run("ledger", "list").code == 0


class TestWrongTokens:
    def test_one_property_is_named_with_what_to_do_and_the_other_goes_on(self, fresh: Office, served: Town) -> None:
        wrong = {"LOYALTY_MEWS__PROPERTIES__WIEN__ACCESS_TOKEN": "a-wrong-token"}
        done = fresh.run("sync", "stays", "--json", "--wait", "0s", **wrong)
        assert done.code == 4
        (job,) = done.json["jobs"]
        assert job["outcome"] == "partial"
        assert "check client_token and the access_token of [mews.properties.wien]" in job["error"]
        assert "a-wrong-token" not in done.output + done.errors
        assert done.json["stays"]["air_miles"]["seen"] == 1

    def test_all_of_them_are_named(self, fresh: Office) -> None:
        done = fresh.run("sync", "--wait", "0s", LOYALTY_MEWS__CLIENT_TOKEN="a-wrong-token")
        assert done.code == 4
        for table in ("wien", "montreal"):
            assert f"the access_token of [mews.properties.{table}]" in done.errors
        assert "Traceback" not in done.errors

    def test_a_partner_is_named_with_what_to_do(self, served: Town, tmp_path: Path) -> None:
        # a chain of its own at the partner: nothing of it was credited before
        alone = office(tmp_path, served, ('mode = "live"', 'mode = "test"'))
        wrong = {"LOYALTY_PARTNERS__MILES_AND_MORE__APP_SECRET": "a-wrong-secret"}
        done = alone.run("sync", "--wait", "0s", **wrong)
        assert done.code == 4
        assert "miles_and_more: Uplyft does not accept the App ID and secret (HTTP 401); check app_id" in done.errors
        assert "a-wrong-secret" not in done.output + done.errors


class TestEarnExplain:
    @pytest.mark.parametrize("word", ["n-r1", "r1", "channel-1"])
    def test_a_stay_is_found_by_each_of_its_names(self, synced: Office, word: str) -> None:
        done = synced.run("earn", "explain", word)
        assert done.code == 0
        assert "miles_and_more: awarded: 220 miles" in done.output
        assert "credited to ***********8601" in done.output
        assert "air_miles: excluded: " in done.output

    def test_its_messages_are_told_with_their_states(self, synced: Office) -> None:
        assert "credit 1 of 220 miles to ***********8601: credited" in synced.run("earn", "explain", "n-r1").output
        (told,) = [each for each in synced.run("earn", "explain", "r2", "--json").json if each["status"] == "awarded"]
        assert [each["state"] for each in told["awards"][0]["messages"]] == ["credited"]
        assert COLLECTOR not in json.dumps(told)

    def test_a_number_at_two_properties_lists_both(self, copied: Office) -> None:
        with closing(sqlite3.connect(copied.database)) as database, database:
            database.execute("UPDATE reservation SET number = 'n-r1' WHERE id = 'r2'")
        done = copied.run("earn", "explain", "n-r1")
        first, *candidates = done.errors.splitlines()
        assert (done.code, done.output) == (2, "")
        assert first == "earn explain: 'n-r1' names 2 reservations; expected the id of one of these:"
        assert [each.split(":")[0].strip() for each in candidates] == ["r1", "r2"]
        assert " at wien, Processed, departure " in candidates[0]
        assert " at montreal, Processed, departure " in candidates[1]

    def test_an_id_is_never_taken_for_the_number_of_another(self, copied: Office) -> None:
        with closing(sqlite3.connect(copied.database)) as database, database:
            database.execute("UPDATE reservation SET number = 'r1' WHERE id = 'r2'")
        assert "miles_and_more: awarded: 220 miles" in copied.run("earn", "explain", "r1").output

    def test_an_unknown_one_is_one_sentence(self, synced: Office) -> None:
        done = synced.run("earn", "explain", "4711")
        assert done.code == 2
        assert done.errors == (
            "earn explain: no reservation '4711' is known; expected a number, id or channel number\n"
        )


class TestLedger:
    def test_the_list_masks_member_numbers(self, synced: Office) -> None:
        done = synced.run("ledger", "list")
        assert done.code == 0
        assert "***********8601" in done.output
        assert MEMBER not in done.output

    def test_the_list_can_be_narrowed(self, synced: Office) -> None:
        lines = synced.run("ledger", "list", "--partner", "air_miles", "--json").json
        assert [line["partner"] for line in lines] == ["air_miles"]
        assert synced.run("ledger", "list", "--state", "refused").output == "The ledger holds no such message.\n"

    def test_a_stay_shows_every_step(self, synced: Office) -> None:
        done = synced.run("ledger", "show", "n-r2")
        assert done.code == 0
        steps = [line.split("Z  ")[1].split("(")[0].split() for line in done.output.splitlines()[1:]]
        assert steps == [["new", "→", "ready"], ["ready", "→", "in_flight"], ["in_flight", "→", "credited"]]
        assert COLLECTOR not in done.output

    def test_an_unknown_stay_is_one_sentence(self, synced: Office) -> None:
        done = synced.run("ledger", "show", "4711")
        assert done.code == 2
        assert done.errors == ("ledger: no award belongs to '4711'; expected a confirmation number, id or key\n")


class TestLists:
    def test_cases_are_listed_with_what_to_do(self, synced: Office) -> None:
        done = synced.run("suspense", "list")
        assert done.code == 0
        assert "looks like a payment card" in done.output
        assert done.errors.startswith("payment_card: Somebody typed what looks like a payment card.")
        assert "To do: Remove it from the guest profile in Mews at once" in done.errors

    def test_cursors_are_listed_by_stream(self, synced: Office) -> None:
        streams = {row["stream"] for row in synced.run("cursors", "list", "--json").json}
        assert {"reservations", "order_items", "memberships", "deleted_memberships", "guests"} <= streams


class TestDatabase:
    def test_it_is_upgraded_once(self, fresh: Office) -> None:
        first, second = fresh.run("db", "upgrade"), fresh.run("db", "upgrade")
        assert (first.code, second.code) == (0, 0)
        assert "upgraded to revision" in first.output
        assert "already at revision" in second.output

    def test_a_sound_one_is_ok(self, copied: Office) -> None:
        done = copied.run("db", "check")
        assert (done.code, done.output) == (0, "database: ok\n")

    def test_a_changed_one_is_told(self, copied: Office) -> None:
        with closing(sqlite3.connect(copied.database)) as database, database:
            database.execute("UPDATE message SET state = 'void' WHERE partner = 'air_miles'")
        done = copied.run("db", "check")
        assert done.code == 3
        assert "is void, its history ends at credited" in done.errors

    def test_a_copy_is_made_beside_a_running_sync_and_delivers_nothing(self, copied: Office, tmp_path: Path) -> None:
        copy = tmp_path / "copy.db"
        with exclusive(copied.database):
            assert copied.run("db", "backup", str(copy)).code == 0
        shutil.copy(copied.database.with_name("connector.db.hash_key"), tmp_path / "copy.db.hash_key")
        copied.config.write_text(copied.config.read_text().replace("connector.db", "copy.db"))
        done = copied.run("sync", "deliver", "--wait", "0s")
        assert done.code == 3
        assert "it is a copy made by `db backup`" in done.errors
        assert copied.run("db", "check").code == 0

    def test_an_existing_file_is_never_overwritten(self, copied: Office) -> None:
        done = copied.run("db", "backup", str(copied.config))
        assert done.code == 2
        assert "exists already" in done.errors


class TestFailures:
    def test_ten_faults_are_ten_lines(self, served: Town, tmp_path: Path) -> None:
        broken = office(
            tmp_path,
            served,
            ('time_zone = "Europe/Vienna"', 'time_zone = "Europe/Wien"\ncolour = "red"'),
            ("[mews]\n", '[mews]\nhistory = "long"\n'),
            ('type = "Hotel"', 'type = "Motel"'),
            ("ordering = 1", 'ordering = "first"'),
            ('kind = "csv"', 'kind = "fax"'),
            ('channel = "airmiles"', 'channel = "airmiles"\nwhich = "best"'),
            ('per = "1.00"', 'per = "one"'),
            ('per = "20.00"', "per = 20"),
            ('url = "sqlite:///connector.db"', 'url = "paper:///connector.db"'),
        )
        done = broken.run("config", "check")
        assert done.code == 2
        assert len(done.errors.splitlines()) == 10
        assert all(line.startswith("connector.toml: ") for line in done.errors.splitlines())

    def test_health_without_a_daemon_says_so(self, fresh: Office) -> None:
        done = fresh.run("health")
        assert done.code == 4
        assert done.errors.startswith(f"health: no daemon of {fresh.config} ")
        assert done.errors.endswith("; expected `run` to be running\n")

    def test_a_defect_is_one_line_without_what_it_held(self, synced: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        async def broken(*_: Any) -> None:
            raise RuntimeError(f"the number {MEMBER}")

        monkeypatch.setattr(account, "lines", broken)
        done = synced.run("ledger", "list")
        assert done.code == 1
        assert done.output == ""
        (line,) = done.errors.splitlines()
        assert line.startswith("unexpected RuntimeError at ")
        assert MEMBER not in line

    def test_a_defect_of_a_job_is_told_without_a_traceback_on_the_screen(
        self, copied: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def broken(*_: Any, **__: Any) -> None:
            raise RuntimeError(f"the number {MEMBER}")

        monkeypatch.setattr(deciding, "decide_all", broken)
        done = copied.run("sync", "stays", "--json", "--wait", "0s")
        assert done.code == 1
        assert MEMBER not in done.output + done.errors
        assert done.json["jobs"][0]["error"] == "stays: unexpected RuntimeError; the log has the details"

    def test_an_unknown_command_is_a_usage_error(self, synced: Office) -> None:
        assert synced.run("dance").code == 2


class TestJson:
    @pytest.mark.parametrize("words", JSON_COMMANDS, ids=" ".join)
    def test_an_object_has_its_keys(self, copied: Office, words: tuple[str, ...]) -> None:
        done = copied.run(*words, "--json")
        assert set(done.json) == JSON_COMMANDS[words]

    @pytest.mark.parametrize("words", JSON_LISTS, ids=" ".join)
    def test_every_entry_of_a_list_has_its_keys(self, synced: Office, words: tuple[str, ...]) -> None:
        found = synced.run(*words, "--json").json
        assert found
        assert all(set(entry) == JSON_LISTS[words] for entry in found)

    def test_what_is_shown_of_the_settings_names_its_sources(self, synced: Office) -> None:
        found = synced.run("config", "show", "--json").json
        assert found["mews.client_token"] == {"value": "set", "source": "environment LOYALTY_MEWS__CLIENT_TOKEN"}


class TestPrivacy:
    def test_nothing_personal_is_printed_or_logged_at_any_level(self, fresh: Office) -> None:
        loud = {"LOYALTY_LOGGING__LEVEL": "DEBUG"}
        commands = [
            ("plan",),
            ("sync", "--wait", "0s"),
            *[("earn", "explain", f"n-r{number}") for number in (1, 2, 3, 4)],
            ("ledger", "list"),
            ("ledger", "show", "n-r1"),
            ("ledger", "show", "n-r2"),
            ("members", "show", "A-1"),
            ("members", "show", "g2"),
            ("suspense", "list"),
            ("cursors", "list"),
            ("config", "show"),
        ]
        for words in commands:
            for form in ((), ("--json",)):
                done = fresh.run(*words, *form, **loud)
                assert done.code in {0, 2}, done
                said = done.output + done.errors
                assert [each for each in PERSONAL if each in said] == [], words
                assert words[0] not in {"plan", "sync"} or "orderItems/getAll" in said or "loyaltyTiers" in said

    def test_a_payment_card_is_nowhere_in_the_database(self, synced: Office) -> None:
        content = synced.database.read_bytes()
        assert MEMBER.encode() in content
        assert PAYMENT_CARD.encode() not in content
        assert b"guests.example" not in content
        assert b"Berger" not in content
