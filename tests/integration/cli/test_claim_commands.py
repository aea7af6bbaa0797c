"""The commands by which a person gives miles: what they print, how they end, and what they never repeat."""

from __future__ import annotations

import pytest

from connector.store.lock import exclusive
from tests.integration.cli.town import PERSONAL, Done, Office, Town
from tests.integration.earning.chain import COLLECTOR, MEMBER, PAYMENT_CARD

OTHER = "992000000000013"
CLAIM = ("earn", "claim", "n-r3", "--partner", "miles_and_more", "--operator", "anna")
GRANT = ("earn", "grant", "--partner", "air_miles", "--miles", "50", "--reason", "cold soup", "--operator", "anna")
HERE = ("--property", "montreal")


def one_sentence(done: Done) -> str:
    """Return what a refused command says."""
    assert done.output == ""
    (line,) = done.errors.splitlines()
    return line


class TestClaim:
    def test_a_stay_is_claimed_beside_the_daemon_and_sent_by_the_next_delivery(
        self, copied: Office, served: Town
    ) -> None:
        with exclusive(copied.database):
            done = copied.run(*CLAIM, "--number", "9920 0000 0000 013", "--reason", "card found")
        assert (done.code, done.errors) == (0, "The member number was taken, although its check digit does not fit.\n")
        assert done.output.startswith("n-r3 is claimed: 220 miles at miles_and_more for ***********0013, award ")
        again = copied.run(*CLAIM, "--number", OTHER, "--json").json
        assert (again["again"], again["miles"], again["member"]) == (True, 220, "***********0013")
        assert OTHER not in done.output + repr(again)
        shown = copied.run("ledger", "show", "n-r3").output
        assert "(claim: card found)" in shown
        assert copied.run("sync", "--wait", "0s").code == 0
        given = [each for each in served.credits("uplyft") if each["member"] == OTHER]
        assert [each["miles"] for each in given] == [220]

    def test_an_awarded_stay_is_refused(self, copied: Office) -> None:
        done = copied.run("earn", "claim", "n-r1", *CLAIM[3:], "--number", OTHER)
        assert done.code == 3
        assert one_sentence(done).startswith("claim: the stay was awarded at miles_and_more already, 220 miles for ")

    @pytest.mark.parametrize("number", [PAYMENT_CARD, "4111.1111.1111.1111", "12"])
    def test_what_is_no_number_is_a_usage_error_that_does_not_repeat_it(self, copied: Office, number: str) -> None:
        done = copied.run(*CLAIM, "--number", number)
        assert done.code == 2
        assert number not in one_sentence(done)

    @pytest.mark.parametrize("option", ["--reason", "--operator"])
    def test_a_payment_card_in_words_is_refused_and_kept_nowhere(self, copied: Office, option: str) -> None:
        words = [*CLAIM, "--number", OTHER, option, "paid by 4111.1111.1111.1111"]
        done = copied.run(*words)
        assert done.code == 2
        assert one_sentence(done) == f"{option}: holds what looks like a payment card; expected a text without it"
        assert b"1111.1111" not in copied.database.read_bytes()

    def test_a_payment_card_for_a_reservation_is_not_repeated(self, copied: Office) -> None:
        done = copied.run("earn", "claim", PAYMENT_CARD, *CLAIM[3:], "--number", OTHER)
        assert done.code == 2
        assert PAYMENT_CARD not in one_sentence(done)


class TestGrant:
    def test_miles_are_granted_and_sent_by_the_next_delivery(self, copied: Office, served: Town) -> None:
        done = copied.run(*GRANT, *HERE, "--number", "80000000110", "--reference", "soup-1")
        assert (done.code, done.errors) == (0, "")
        assert done.output.startswith("granted: 50 miles at air_miles for ********110 on 20")
        assert ", reference soup-1, award " in done.output
        assert copied.run("sync", "--wait", "0s").code == 0
        given = [each for each in served.credits("airmiles") if each["member"] == "80000000110"]
        assert [(each["miles"], each["detail"]["operation"]) for each in given] == [(50, "post/event")]
        assert "(grant: cold soup)" in copied.run("ledger", "show", "soup-1").output
        assert copied.run("db", "check").code == 0

    def test_the_same_words_twice_are_one_grant(self, copied: Office) -> None:
        words = (*GRANT, *HERE, "--number", COLLECTOR, "--json")
        first = copied.run(*words)
        assert first.code == 0
        assert set(first.json) == {"award_id", "partner", "reference", "miles", "unit", "member", "day", "warning"}
        assert [each for each in PERSONAL if each in first.output] == []
        second = copied.run(*words)
        assert second.code == 3
        assert one_sentence(second).startswith(f"grant: {first.json['reference']} granted 50 miles to ********028")

    def test_a_channel_that_cannot_say_it_is_refused(self, copied: Office) -> None:
        done = copied.run(*GRANT[:3], "miles_and_more", *GRANT[4:], "--number", MEMBER)
        assert done.code == 3
        assert one_sentence(done) == "grant: the channel of miles_and_more has no request for miles without a stay"

    def test_a_grant_needs_a_reason_and_an_operator(self, copied: Office) -> None:
        for left_out in ("--reason", "--operator"):
            place = GRANT.index(left_out)
            words = GRANT[:place] + GRANT[place + 2 :]
            assert copied.run(*words, *HERE, "--number", COLLECTOR).code == 2
