"""``ledger reconcile --against``: somebody else's file, as it comes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.cli.town import PERSONAL, Office, Town
from tests.integration.earning.chain import CHECK_OUT, MEMBER, PAYMENT_CARD

DAY = f"{CHECK_OUT:%d.%m.%Y}"
AGAINST = ("ledger", "reconcile", "--partner", "miles_and_more", "--against")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "statement.csv"


def test_the_partners_statement_agrees(synced: Office, served: Town, file: Path) -> None:
    (credit,) = served.credits("uplyft")
    file.write_text(f"Ref;Points\n{credit['key']};{credit['miles']}\n", encoding="utf-8-sig")
    done = synced.run(*AGAINST, str(file), "--map", "reference=ref,miles=points")
    assert (done.code, done.output, done.errors) == (0, "1 of 1 lines are messages of the ledger\n", "")


def test_differences_and_unreadable_lines_are_told_and_end_with_4(synced: Office, file: Path) -> None:
    lines = [
        "stay,member,date,miles,guest",
        f"n-r1,{MEMBER},{DAY},200,Anna Berger",
        f",{MEMBER},31.12.2020,50,Anna Berger",
        f",{PAYMENT_CARD},{DAY},50,x",
        f",{MEMBER},soon,50,x",
        f",{MEMBER},{DAY},1.277,x",
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
