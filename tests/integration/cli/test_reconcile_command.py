"""``ledger reconcile`` and ``ledger export``: what finance reads, as a table, a spreadsheet and JSON."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest

from connector.cli.sheets import CsvSheet, as_text
from connector.domain.numbers import looks_like_payment_card
from tests.integration.cli.town import PERSONAL, Office, Town, office
from tests.integration.earning.chain import CHECK_OUT, MEMBER, PAYMENT_CARD

DAY = f"{CHECK_OUT:%Y-%m-%d}"
GERMAN_DAY = f"{CHECK_OUT:%d.%m.%Y}"
AGAINST = ("ledger", "reconcile", "--partner", "miles_and_more", "--against")
PRICED = ('channel = "uplyft"', 'channel = "uplyft"\nprice_per_mile = "0.0075"')


@pytest.fixture
def priced(copied: Office, served: Town) -> Office:
    """The synced office with a price for a mile of one partner."""
    return office(copied.config.parent, served, PRICED)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


class TestReconcile:
    def test_the_report_ties_to_the_partners_books(self, priced: Office, served: Town) -> None:
        done = priced.run("ledger", "reconcile", "--json")
        assert done.code == 0, done
        totals = {each["partner"]: each for each in done.json["totals"]}
        for partner, server in (("miles_and_more", "uplyft"), ("air_miles", "airmiles")):
            assert totals[partner]["given"] == sum(each["miles"] for each in served.credits(server)) > 0
            assert totals[partner]["difference"] == 0
        assert (totals["miles_and_more"]["cost"], totals["air_miles"]["cost"]) == ("1.6500", None)
        (row,) = [each for each in done.json["rows"] if each["partner"] == "miles_and_more"]
        assert (row["period"], row["property"], row["stays"], row["currency"]) == (DAY[:7], "wien", 1, "EUR")
        assert (row["net"], row["gross"], row["adjustment"]) == ("200.00", "220.00", False)

    def test_days_partners_and_properties_can_be_chosen(self, priced: Office) -> None:
        found = priced.run("ledger", "reconcile", "--by", "day", "--property", "montreal", "--json").json["rows"]
        assert [(each["period"], each["partner"]) for each in found] == [(DAY, "air_miles")]
        assert priced.run("ledger", "reconcile", "--partner", "air_miles", "--to", "2020-01-01").output == (
            "Nothing is in the books.\n"
        )

    def test_it_says_in_words_what_it_comes_to(self, priced: Office) -> None:
        done = priced.run("ledger", "reconcile")
        assert (
            "miles_and_more: 1 stay for 220.00 EUR gross; 0 miles held, 220 sent, 220 acknowledged, 0 reversed, "
            "0 refused, difference 0; 220 given, cost 1.6500"
        ) in done.output

    def test_a_month_that_is_not_over_cannot_be_closed(self, priced: Office) -> None:
        done = priced.run("ledger", "reconcile", "--close", "9998-12", "--operator", "anna")
        assert (done.code, done.output) == (2, "")
        assert done.errors == "ledger reconcile: 9998-12 is not over; expected an earlier month\n"

    def test_a_month_is_closed_by_a_person(self, priced: Office) -> None:
        words = ("ledger", "reconcile", "--close", "2020-01", "--operator", "anna")
        done = priced.run(*words)
        assert (done.code, done.output) == (0, "2020-01 was closed before, or holds nothing; nothing is changed\n"), (
            done
        )
        assert priced.run(*words[:-1], " ").code == 2

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (("--close", "October"), "--close: 'October' is no month; expected one like 2026-10"),
            (("--property", "rome"), "--property: 0 properties are called 'rome'; expected the table or id of one"),
            (("--partner", "avios"), "no partner is called 'avios'; expected one of: miles_and_more, air_miles"),
            (
                ("--from", "2026-02-01", "--to", "2026-01-01"),
                "ledger reconcile: --to 2026-01-01 is before --from 2026-02-01; expected it on or after",
            ),
        ],
    )
    def test_what_cannot_be_is_one_sentence(self, priced: Office, words: tuple[str, ...], sentence: str) -> None:
        done = priced.run("ledger", "reconcile", *words)
        assert (done.code, done.output, done.errors) == (2, "", f"{sentence}\n")

    def test_miles_without_an_answer_end_with_4(self, served: Town, fresh: Office) -> None:
        refused = fresh.run("sync", "--wait", "0s", LOYALTY_PARTNERS__MILES_AND_MORE__ENDPOINT=served.urls["mews"])
        assert refused.code == 4
        done = fresh.run("ledger", "reconcile", "--format", "csv")
        assert done.code == 4
        assert done.errors == (
            "ledger reconcile: sent and without an answer: 220 miles at miles_and_more; see `suspense list`\n"
        )
        (row,) = [each for each in rows(done.output) if each["partner"] == "miles_and_more"]
        assert (row["in_doubt"], row["difference"], row["acknowledged"]) == ("220", "220", "0")


class TestExport:
    def test_every_message_is_there_with_the_references_of_all_three(self, priced: Office, served: Town) -> None:
        found = rows(priced.run("ledger", "export").output)
        effects = {each["key"]: each["miles"] for name in ("uplyft", "airmiles") for each in served.credits(name)}
        assert {each["reference"]: int(each["miles"]) for each in found} == effects
        (row,) = [each for each in found if each["partner"] == "miles_and_more"]
        expected = {
            "kind": "credit",
            "state": "credited",
            "stay": "n-r1",
            "reservation_id": "r1",
            "property": "wien",
            "departure": DAY,
            "member": "***********8601",
            "net": "200.00",
            "gross": "220.00",
            "currency": "EUR",
            "cost": "1.6500",
        }
        assert {name: row[name] for name in expected} == expected
        assert row["settled_at"].endswith("Z")

    def test_a_rehearsal_is_there_too(self, served: Town, fresh: Office) -> None:
        shadowed = office(fresh.config.parent, served, ('mode = "live"', 'mode = "shadow"'))
        assert shadowed.run("sync", "--wait", "0s").code == 0
        found = shadowed.run("ledger", "export", "--state", "shadow", "--json").json
        assert {(each["partner"], each["miles"], each["settled_at"]) for each in found} == {
            ("miles_and_more", 220, None),
            ("air_miles", 10, None),
        }

    def test_it_goes_into_a_file(self, priced: Office, tmp_path: Path) -> None:
        file = tmp_path / "out.json"
        done = priced.run("ledger", "export", "--partner", "air_miles", "--format", "json", "--output", str(file))
        assert (done.code, done.output) == (0, "")
        assert [each["stay"] for each in json.loads(file.read_text())] == ["n-r2"]
        nowhere = priced.run("ledger", "export", "--output", str(tmp_path / "no" / "out.csv"))
        assert nowhere.code == 2
        assert "cannot be written: No such file or directory" in nowhere.errors

    def test_nothing_is_an_empty_list(self, priced: Office) -> None:
        assert priced.run("ledger", "export", "--from", "2999-01-01", "--json").json == []
        assert priced.run("ledger", "export", "--to", "1999-01-01").output.count("\r\n") == 1

    def test_a_state_that_is_none_is_one_sentence(self, priced: Office) -> None:
        done = priced.run("ledger", "export", "--state", "lost")
        assert done.code == 2
        assert done.errors.startswith("--state: there is no state 'lost'; expected one of: held, ready")

    def test_nothing_personal_is_told(self, priced: Office) -> None:
        told = "".join(priced.run("ledger", name, "--json").output for name in ("export", "reconcile"))
        assert not [each for each in PERSONAL if each in told]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_spreadsheet_takes_no_text_for_a_formula(text: str) -> None:
    stream = StringIO(newline="")
    sheet = CsvSheet(stream, ["text", "miles"])
    sheet.add([text, -5])
    assert rows(stream.getvalue()) == [{"text": f"'{text}", "miles": "-5"}]


@pytest.mark.parametrize(
    ("amount", "text"), [("5", "5.00"), ("-0.5", "-0.50"), ("1E+3", "1000.00"), ("1.68004484", "1.68004484")]
)
def test_amounts_have_two_decimals_or_all_that_they_have(amount: str, text: str) -> None:
    assert as_text(Decimal(amount)) == text


def test_cells_are_quoted_as_the_standard_has_them() -> None:
    stream = StringIO(newline="")
    CsvSheet(stream, ["a"]).add(['one, "two"\nthree'])
    assert stream.getvalue() == 'a\r\n"one, ""two""\nthree"\r\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "statement.csv"


def test_the_partners_statement_agrees(synced: Office, served: Town, file: Path) -> None:
    (credit,) = served.credits("uplyft")
    file.write_text(f"Ref;Points\n{credit['key']};{credit['miles']}\n", encoding="utf-8-sig")
    done = synced.run(*AGAINST, str(file), "--map", "reference=ref,miles=points")
    assert (done.code, done.output, done.errors) == (0, "1 of 1 lines are messages of the ledger\n", "")


def test_an_export_of_the_ledger_agrees_with_it(synced: Office, file: Path) -> None:
    exported = synced.run("ledger", "export", "--partner", "miles_and_more").output
    assert exported.count("\r\n") == 2
    file.write_text(exported, newline="")
    for mapping in ("date=departure", "reference=partner_reference,stay=kind,date=departure"):
        done = synced.run(*AGAINST, str(file), "--map", mapping)
        assert (done.code, done.output) == (0, "1 of 1 lines are messages of the ledger\n"), done


def test_an_id_is_no_payment_card_and_a_card_is_one_in_any_column(synced: Office, file: Path) -> None:
    id_ = "f0dfb4a5-d8a0-54df-bfd6-3116e1ea24c4"
    assert looks_like_payment_card(id_)
    file.write_text(f"reference,stay,miles\n{id_},,5\n,4111-1111-1111-1111,5\n")
    done = synced.run(*AGAINST, str(file))
    assert f"reference {id_}: 5 miles are in the file" in done.output
    assert "line 3: looks like a payment card" in done.errors
    assert "4111-1111" not in done.output + done.errors


def test_differences_and_unreadable_lines_are_told_and_end_with_4(synced: Office, file: Path) -> None:
    lines = [
        "stay,member,date,miles,guest",
        f"n-r1,{MEMBER},{GERMAN_DAY},200,Anna Berger",
        f",{MEMBER},31.12.2020,50,Anna Berger",
        f",{PAYMENT_CARD},{GERMAN_DAY},50,x",
        f",{MEMBER},soon,50,x",
        f",{MEMBER},{GERMAN_DAY},1.277,x",
        ",,,5,x",
        "n-r1,5",
        ",,,,",
    ]
    file.write_text("\n".join(lines))
    done = synced.run(*AGAINST, str(file))
    assert done.code == 4
    assert done.output.splitlines() == [
        "other_miles: line 2, stay n-r1: the file has 200 miles, the ledger 220",
        "only_theirs: line 3, member ***********8601, 2020-12-31: 50 miles are in the file, the ledger has none",
        "1 of 2 lines are messages of the ledger",
    ]
    assert done.errors.splitlines() == [
        "statement.csv, line 4: looks like a payment card; expected a member number",
        "statement.csv, line 5: the date is none; expected one like 2026-10-31 or 31.10.2026",
        "statement.csv, line 6: the miles are no whole number; expected one like 1277 or -1277",
        "statement.csv, line 7: says neither reference nor stay nor member and date; expected one of them",
        "statement.csv, line 8: has 2 cells; expected 5",
        "ledger reconcile --against: 2 differences, 5 lines could not be read",
    ]
    assert not [each for each in PERSONAL if each in done.output + done.errors]


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_they_go_into_a_file(synced: Office, file: Path, tmp_path: Path, kind: str) -> None:
    file.write_text("stay,miles,\nn-r1,200,\n")
    out = tmp_path / "out"
    done = synced.run(*AGAINST, str(file), "--format", kind, "--output", str(out))
    assert (done.code, done.output) == (4, "")
    if kind == "csv":
        assert out.read_text().splitlines()[0] == "kind,line,reference,stay,member,miles,other_miles,text"
        assert ",n-r1,***********8601,220,200," in out.read_text()
        return
    told = json.loads(out.read_text())
    assert (told["lines"], told["matched"], [each["kind"] for each in told["differences"]]) == (1, 1, ["other_miles"])


def test_recorded_differences_wait_for_a_person(copied: Office, file: Path) -> None:
    file.write_text("stay,miles\nn-r1,200\n")
    assert copied.run(*AGAINST, str(file), "--record").code == 4
    (case,) = copied.run("suspense", "list", "--reason", "other_miles", "--json").json
    assert case["text"] == "stay n-r1: the file has 200 miles, the ledger 220"


@pytest.mark.parametrize(
    ("content", "words", "sentence"),
    [
        (b"stay,miles\n", ("--map", "stay=Number"), "--map: the file has no column 'number' for stay; it has: stay"),
        (b"stay,miles\n", ("--map", "guest=x"), "--map: 'guest=x' is not taken; expected FIELD=COLUMN with one of"),
        (b"stay,points\n", (), "the columns of the file are not enough; expected a CSV file in UTF-8 with columns"),
        (b"miles,member\n", (), "the columns of the file are not enough"),
        (b"stay\xff,miles\n", (), "cannot be read: it is not UTF-8; expected a CSV file in UTF-8 with columns"),
        (b"", (), "the columns of the file are not enough"),
        (b'stay,miles\n"' + b"x" * 140_000 + b'",1\n', (), "is no CSV file; expected a CSV file"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(
    synced: Office, file: Path, content: bytes, words: tuple[str, ...], sentence: str
) -> None:
    file.write_bytes(content)
    done = synced.run(*AGAINST, str(file), *words)
    assert (done.code, done.output) == (2, "")
    assert sentence in done.errors
    assert done.errors.count("\n") == 1


def test_it_has_to_be_said_whose_file_it_is(synced: Office, file: Path) -> None:
    done = synced.run("ledger", "reconcile", "--against", str(file))
    assert (done.code, done.errors) == (
        2,
        "ledger reconcile: --against needs --partner; expected whose file it is\n",
    )
