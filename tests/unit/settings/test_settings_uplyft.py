"""Uplyft in the settings: how a call is authorised, and a mutation that the settings write."""

from __future__ import annotations

import json

import pytest

from connector.partners.uplyft.document import PLACES as FILLED
from connector.settings import UplyftPartner, warnings
from connector.settings.mutation import PLACES
from tests.unit.settings.settings_files import EARN, PARTNER, PARTNER_SECRETS, SECRETS, SMALL, Files

MUTATION = "mutation { createEvent(wallet: $wallet, miles: $miles, uniqueId: $unique_id) }"
TOKEN = {"LOYALTY_PARTNERS__MM__ACCESS_TOKEN": "geheim-12"}
BEARER = 'authorization = "bearer"\n'


def loaded(files: Files, lines: str, environ: dict[str, str]) -> UplyftPartner:
    partner = files.load(SMALL + PARTNER + lines + EARN, SECRETS | environ, secrets=False).partners["mm"]
    assert isinstance(partner, UplyftPartner)
    return partner


def faults(files: Files, lines: str, environ: dict[str, str]) -> list[str]:
    return files.faults(SMALL + PARTNER + lines + EARN, SECRETS | environ, secrets=False)


class TestAuthorization:
    def test_by_a_token_needs_that_alone(self, files: Files) -> None:
        partner = loaded(files, BEARER, TOKEN)
        assert partner.access_token is not None
        assert (partner.app_id, partner.app_secret, partner.token_header) == (None, None, "Authorization")

    @pytest.mark.parametrize("lines", ['signature = "flat"\n', f"document = {json.dumps(MUTATION + '$app_id')}\n"])
    def test_by_a_token_needs_the_app_id_where_the_mutation_names_it(self, files: Files, lines: str) -> None:
        (line,) = faults(files, BEARER + lines, TOKEN)
        assert line.startswith("connector.toml: partners.mm.app_id: the secret is missing or empty; expected it in")
        assert loaded(files, BEARER + lines, TOKEN | {"LOYALTY_PARTNERS__MM__APP_ID": "shop"}).app_id is not None

    @pytest.mark.parametrize(
        ("lines", "environ", "missing", "unused"),
        [
            ("", TOKEN, ["app_id", "app_secret"], ["access_token"]),
            (BEARER, PARTNER_SECRETS, ["access_token"], ["app_secret"]),
        ],
    )
    def test_wants_its_own_secrets_and_no_others(
        self, files: Files, lines: str, environ: dict[str, str], missing: list[str], unused: list[str]
    ) -> None:
        found = faults(files, lines, environ)
        places = [f"connector.toml: partners.mm.{name}" for name in missing]
        places += [f"LOYALTY_PARTNERS__MM__{name.upper()}" for name in unused]
        assert [line.startswith(f"{place}: ") for line, place in zip(found, places, strict=True)] == [True] * len(
            places
        )
        assert "is not used with authorization" in found[-1]
        assert not any("geheim" in each for each in found)


class TestAMutation:
    def test_may_be_written_with_every_place_that_the_channel_fills(self, files: Files) -> None:
        assert set(PLACES) == set(FILLED)
        written = MUTATION + "".join(f"${name}" for name in PLACES)
        assert loaded(files, f"document = {json.dumps(written)}\n", PARTNER_SECRETS).document == written

    @pytest.mark.parametrize(
        ("document", "fault"),
        [
            (MUTATION + "$walet", 'holds the place "$walet", which nothing fills; expected $wallet, probably'),
            (MUTATION + "$e_mail", 'holds the place "$e_mail", which nothing fills; expected one of $amount, $app_id'),
            ("mutation { createEvent(w: $wallet, u: $unique_id) }", "holds not both $wallet and $miles"),
            (MUTATION.replace("createEvent", "credit"), "does not call createEvent"),
            (MUTATION.replace("$unique_id", "1"), "does not fit unique_id = true; expected $unique_id in it"),
        ],
    )
    def test_that_could_not_be_sent_is_a_fault(self, files: Files, document: str, fault: str) -> None:
        (line,) = faults(files, f"document = {json.dumps(document)}\n", PARTNER_SECRETS)
        assert line.startswith("connector.toml: partners.mm.document: ")
        assert fault in line

    def test_without_a_unique_id_says_so(self, files: Files) -> None:
        lines = f"document = {json.dumps(MUTATION)}\nunique_id = false\n"
        (line,) = faults(files, lines, PARTNER_SECRETS)
        assert line.endswith("does not fit unique_id = false; expected no $unique_id in it, or unique_id = true")


def test_a_test_is_warned_of_because_a_secret_does_not_show_what_it_is_for(files: Files) -> None:
    (line,) = warnings(files.load(SMALL + PARTNER + 'mode = "test"' + EARN))
    assert line.startswith('connector.toml: partners.mm.mode: "test" counts nothing as credited')


class TestAnswers:
    def test_are_known_by_words_that_the_partner_told(self, files: Files) -> None:
        lines = 'duplicate_answer = "error"\nduplicate_words = ["processed before"]\n'
        lines += 'refusal_words = ["NO_CARD", "closed"]\n'
        partner = loaded(files, lines, PARTNER_SECRETS)
        assert (partner.duplicate_words, partner.refusal_words) == (("processed before",), ("NO_CARD", "closed"))
        assert warnings(files.load(SMALL + PARTNER + lines + EARN)) == []

    @pytest.mark.parametrize("answer", ["", "true", "false"])
    def test_that_are_no_errors_have_no_words(self, files: Files, answer: str) -> None:
        lines = f'duplicate_answer = "{answer}"\nduplicate_words = ["known"]\n'
        (line,) = faults(files, lines, PARTNER_SECRETS)
        assert line.startswith("connector.toml: partners.mm.duplicate_words: is not used without duplicate_answer")

    @pytest.mark.parametrize("word", ["refusal_words", "duplicate_words"])
    def test_are_not_known_by_an_empty_word_which_every_answer_has(self, files: Files, word: str) -> None:
        (line,) = faults(files, f'duplicate_answer = "error"\n{word} = [""]\n', PARTNER_SECRETS)
        assert f"partners.mm.{word}[0]" in line

    @pytest.mark.parametrize(
        ("answer", "warning"),
        [
            ("error", "without duplicate_words leaves every error to a repeat to a person"),
            ("false", "takes a false that follows a lost answer for a credit"),
        ],
    )
    def test_that_leave_something_open_are_warned_of(self, files: Files, answer: str, warning: str) -> None:
        lines = f'duplicate_answer = "{answer}"\n'
        (line,) = warnings(files.load(SMALL + PARTNER + lines + EARN))
        assert line.startswith(f'connector.toml: partners.mm.duplicate_answer: "{answer}" ')
        assert warning in line
