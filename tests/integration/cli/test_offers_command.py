"""``offers`` as a person runs it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from connector.domain.numbers import mask
from connector.sandbox.airmiles.offers import OFFERS
from tests.integration.cli.town import Office, Town, office, town
from tests.integration.earning.chain import COLLECTOR, MEMBER

FIRST, SECOND = OFFERS
MASKED = mask(COLLECTOR)
WHO = ("--partner", "air_miles", "--number", COLLECTOR)
BY = ("--operator", "Berta", "--reason", "asked at the desk")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


@pytest.fixture(scope="module")
def offered(served: Town, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office whose AIR MILES partner uses offers."""
    table = (
        f'[partners.air_miles.offers]\nendpoint = "{served.urls["airmiles"]}"\nregion = "QC"\n'
        'origin_client = "external:partner:hotel"\n[[partners.air_miles.earn]]'
    )
    return office(tmp_path_factory.mktemp("office"), served, ("[[partners.air_miles.earn]]", table))


def test_a_member_s_wish_is_done_shown_and_remembered(offered: Office) -> None:
    done = offered.run("offers", "set", FIRST, "opted_in", *WHO, *BY)
    assert (done.code, done.errors) == (0, "")
    assert done.output == f"offer {FIRST} is opted_in for {MASKED} at air_miles\n"
    assert offered.run("offers", "set", FIRST.upper(), "saved", *WHO, *BY, "--json").json["state"] == "saved"
    shown = offered.run("offers", "list", *WHO)
    assert FIRST in shown.output
    assert "OPTED_IN, SAVED" in shown.output
    assert COLLECTOR not in shown.output
    assert [each["states"] for each in offered.run("offers", "list", *WHO, "--json").json] == [
        {"OPT_IN": "OPTED_IN", "SAVE": "SAVED"},
        {},
    ]
    with sqlite3.connect(offered.database) as database:
        rows = database.execute(
            "SELECT text, resolved_by, note FROM suspense "
            "WHERE subject_kind = 'offer' AND text LIKE '% is set, %' ORDER BY text"
        ).fetchall()
    assert rows == [
        (f"OPTED_IN is set, for {MASKED}", "Berta", "asked at the desk"),
        (f"SAVED is set, for {MASKED}", "Berta", "asked at the desk"),
    ]
    assert offered.run("suspense", "list", "--json").json == []


def test_a_wish_without_an_answer_is_remembered_as_asked_for(offered: Office) -> None:
    wrong = offered.run("offers", "set", SECOND, "saved", *WHO, *BY, LOYALTY_PARTNERS__AIR_MILES__CLIENT_SECRET="wrong")
    assert wrong.code == 4
    with sqlite3.connect(offered.database) as database:
        (text,) = database.execute("SELECT text FROM suspense WHERE subject_id LIKE ?", (f"%{SECOND}%",)).fetchone()
    assert text == f"SAVED was asked for, for {MASKED}"


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ((FIRST, "opted_out", *WHO, *BY), "'opted_out' is not a state; expected one of saved, unsaved, opted_in"),
        (("spa", "saved", *WHO, *BY), "'spa' is not the id of an offer; expected a UUID"),
        ((FIRST, "saved", "--partner", "miles_and_more", "--number", MEMBER, *BY), "'miles_and_more' has no offers"),
        (
            (FIRST, "saved", "--partner", "air_miles", "--number", "12", *BY),
            "air_miles: the member number is not taken",
        ),
    ],
)
def test_what_cannot_be_done_is_one_sentence(offered: Office, words: tuple[str, ...], fault: str) -> None:
    done = offered.run("offers", "set", *words)
    assert done.code == 2
    assert fault in done.errors
