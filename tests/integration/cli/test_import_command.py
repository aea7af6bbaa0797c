"""``ledger import``: a predecessor's list of stays, and what the command says about its lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.cli.town import Office
from tests.integration.earning.chain import PAYMENT_CARD

OPTIONS = ("--partner", "miles_and_more", "--operator", "anna", "--reason", "before the go-live")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "credited.csv"


def run(copied: Office, file: Path, *more: str) -> tuple[int, str, list[str]]:
    done = copied.run("ledger", "import", str(file), *OPTIONS, *more)
    return done.code, done.output, done.errors.splitlines()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_list_is_taken_whatever_separates_its_cells(
    copied: Office, file: Path, encoding: str, separator: str
) -> None:
    lines = (("Reservation", "Guest", "Miles"), ("n-r3", "Anna Berger", "120"), ("", "", ""))
    file.write_text("\n".join(separator.join(line) for line in lines), encoding=encoding)
    says = "1 stay is marked as credited elsewhere at miles_and_more, 0 were before\n"
    assert run(copied, file) == (0, says, [])
    assert b"Anna Berger" not in copied.database.read_bytes()
    refused = copied.run("earn", "claim", "n-r3", *OPTIONS[:4], "--number", "992000000000013")
    assert refused.code == 3
    assert "were given elsewhere" in refused.errors


def test_lines_that_cannot_be_used_are_told_and_the_others_are_taken(copied: Office, file: Path) -> None:
    file.write_text('reservation,miles\n"n-r3",\nn-r9,5\n,7\nn-r1,many\n\n,,over\n')
    code, output, errors = run(copied, file)
    assert code == 4
    assert output.startswith("1 stay is marked")
    assert errors == [
        "credited.csv, line 4: the reservation is empty; expected its number or id",
        "credited.csv, line 5: the miles are no whole number; expected one, or nothing",
        "credited.csv, line 7: the reservation is empty; expected its number or id",
        "credited.csv, line 3: 'n-r9' is no reservation that was read",
        "ledger import: 4 lines were not taken; import them again when corrected",
    ]


def test_a_payment_card_in_the_file_is_repeated_nowhere(copied: Office, file: Path) -> None:
    file.write_text(f"reservation\n{PAYMENT_CARD}\n")
    for form in ((), ("--json",)):
        done = copied.run("ledger", "import", str(file), *OPTIONS, *form)
        assert done.code == 4
        assert PAYMENT_CARD not in done.output + done.errors


def test_as_json(copied: Office, file: Path) -> None:
    file.write_text("reservation\nn-r3\n")
    done = copied.run("ledger", "import", str(file), *OPTIONS, "--json")
    assert done.json == {"marked": 1, "before": 0, "refused": []}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read: No such file or directory; expected a CSV file in UTF-8 with a column reservation"),
        (b"reservation\n\xff\n", "cannot be read: it is not UTF-8; expected a CSV file"),
        (b"stay\nn-r3\n", "has no column reservation; expected a CSV file in UTF-8 with a column reservation"),
        (b"", "has no column reservation"),
    ],
)
def test_what_is_no_list_is_one_sentence(copied: Office, file: Path, content: bytes | None, says: str) -> None:
    if content is not None:
        file.write_bytes(content)
    code, output, (line,) = run(copied, file)
    assert (code, output) == (2, "")
    assert says in line
