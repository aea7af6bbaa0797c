"""``earn explain --letter`` as a person runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.cli.town import PERSONAL, Office, Town, office

OPENINGS = {"en": "Dear guest,", "de": "Guten Tag,", "fr": "Bonjour,"}


@pytest.mark.parametrize("language", OPENINGS)
def test_a_letter_tells_the_stay_the_program_and_the_miles_and_nobodys_name(synced: Office, language: str) -> None:
    done = synced.run("earn", "explain", "n-r1", "--letter", language)
    assert (done.code, done.errors) == (0, "")
    assert OPENINGS[language] in done.output
    for part in ("n-r1", "Miles & More\n------------", "220", "***********8601"):
        assert part in done.output
    assert "AIR MILES" not in done.output
    for part in PERSONAL:
        assert part not in done.output


def test_in_json_it_says_to_whom_and_about_which_partners(synced: Office) -> None:
    (told,) = synced.run("earn", "explain", "n-r2", "--letter", "en", "--json").json
    assert (told["seat"], told["partners"]) == ("owner", ["air_miles"])
    assert "This stay earns 10 miles.\n" in told["letter"]


def test_a_guest_without_a_number_reads_so_of_every_program(synced: Office) -> None:
    text = synced.run("earn", "explain", "n-r3", "--letter", "en").output
    assert (
        text.count("We had no member number of yours") + text.count("This hotel does not take part in AIR MILES") == 2
    )


def test_a_payment_card_is_not_told(synced: Office) -> None:
    text = synced.run("earn", "explain", "n-r4", "--letter", "en").output
    assert "The number that we have cannot be a member number. Please tell us your number." in text.replace("\n", " ")
    for part in PERSONAL:
        assert part not in text


def test_a_partner_is_called_as_the_settings_say(copied: Office, served: Town, tmp_path: Path) -> None:
    named = office(
        tmp_path, served, ("daily_ceiling = 2000000", 'display_name = "Meilenklub"\ndaily_ceiling = 2000000')
    )
    text = named.run("earn", "explain", "n-r1", "--letter", "de").output
    assert "Meilenklub\n----------\n" in text
    assert "Miles & More" not in text


def test_another_language_is_one_sentence(synced: Office) -> None:
    done = synced.run("earn", "explain", "n-r1", "--letter", "it")
    assert (done.code, done.output) == (2, "")
    assert done.errors == "earn explain: no letters are written in 'it'; expected en, de, fr\n"
