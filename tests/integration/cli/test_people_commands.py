"""The commands with which people settle matching and cases: what they print, and how they end."""

from __future__ import annotations

import re

import pytest

from connector.store.lock import exclusive
from tests.integration.cli.town import MEMBERS, PERSONAL, Done, Office
from tests.integration.earning.chain import MEMBER

SHARED = MEMBERS + "A-2,g1@guests.example,Anna,Berger,SILVER\n"


def one_sentence(done: Done) -> str:
    """Return what a refused command says."""
    assert done.output == ""
    (line,) = done.errors.splitlines()
    return line


@pytest.fixture
def disputed(copied: Office) -> Office:
    """A-2 has the e-mail and names of A-1, who is linked: a case."""
    copied.config.with_name("members.csv").write_text(SHARED)
    assert copied.run("plan").code == 0
    return copied


def cases(at: Office, *words: str) -> list[tuple[str, str]]:
    """Return the subject and reason of the cases that are listed."""
    return [(each["subject_id"], each["reason"]) for each in at.run("suspense", "list", "--json", *words).json]


class TestShow:
    @pytest.mark.parametrize("word", ["A-1", "g1", MEMBER])
    def test_a_member_is_shown_with_guest_and_memberships(self, synced: Office, word: str) -> None:
        done = synced.run("members", "show", word)
        assert done.code == 0
        lines = done.output.splitlines()
        assert lines[0] == "member A-1, listed by the scheme, tier GOLD"
        assert lines[1].startswith("  linked to guest g1, found by e-mail and name, 20")
        assert lines[2] == "  guest g1: active"
        told = {re.sub(r", first seen 20\d\d\S+ \S+Z", "", line.partition(": ")[2]) for line in lines[3:]}
        assert told == {
            "Enrolled, tier GOLD, with the provider's id",
            "Enrolled, number ***********8601 (mews), primary",
        }
        assert [each for each in PERSONAL if each in done.output] == []

    def test_its_json_has_the_documented_shape(self, synced: Office) -> None:
        (found,) = synced.run("members", "show", "A-1", "--json").json
        assert set(found) == {"member", "link", "guest", "memberships", "candidates", "cases"}
        assert found["member"] == {
            "member_id": "A-1",
            "number": "",
            "tier": "GOLD",
            "points": None,
            "expires_on": None,
            "state": None,
            "listed": True,
            "protected": False,
        }
        assert (found["link"]["guest_id"], found["link"]["method"]) == ("g1", "email_and_name")
        assert {each["program"] for each in found["memberships"]} == {"ALPEN", "MM"}

    def test_a_guest_whom_no_member_is_tied_to_is_shown_alone(self, synced: Office) -> None:
        done = synced.run("members", "show", "g2")
        assert done.output.startswith("no member of the scheme is tied to this guest\n  guest g2: active\n")

    def test_partner_memberships_are_shown_without_a_scheme_too(self, copied: Office) -> None:
        text = copied.config.read_text()
        start = text.index("[scheme]")
        copied.config.write_text(text[:start] + text[text.index("[", start + 1) :])
        done = copied.run("members", "show", "g2")
        assert done.code == 0
        assert " of AM: Enrolled, number ********028" in done.output

    def test_a_word_that_nobody_bears_is_one_sentence_that_does_not_repeat_it(self, synced: Office) -> None:
        done = synced.run("members", "show", "992001112223334")
        assert done.code == 2
        assert one_sentence(done) == (
            "members: nothing is known by this word; expected a member id, guest id, membership id or number"
        )

    def test_candidates_and_cases_are_shown_so_that_a_person_can_choose(self, disputed: Office) -> None:
        done = disputed.run("members", "show", "A-2")
        member, none, candidate, case = done.output.splitlines()
        assert (member, none) == ("member A-2, listed by the scheme, tier SILVER", "  linked to no guest")
        assert candidate == "  candidate guest g1, found by e-mail and name"
        assert ", claimed_by_two_members: member A-2, guest g1: Several members of the scheme fit " in case


class TestLinkAndUnlink:
    def test_a_person_ends_a_link_and_makes_another_beside_the_daemon(self, copied: Office) -> None:
        with exclusive(copied.database):
            ended = copied.run("members", "unlink", "A-1", "--reason", "not hers", LOGNAME="anna")
            assert (ended.code, ended.output) == (
                0,
                "member A-1: unlinked from guest g1 by hand; the membership in Mews stays as it is\n",
            )
            shown = copied.run("members", "show", "A-1").output
            assert "by anna; only `members link` ties the member again\n  why: not hers\n" in shown
            made = copied.run("members", "link", "A-1", "g3", "--reason", "her card", LOGNAME="ben")
        assert made.code == 0
        sentence, behind = made.output.splitlines()
        assert sentence == "member A-1: linked to guest g3 by hand; the next alignment writes the membership"
        assert behind.startswith("Membership ")
        assert behind.endswith(" stays on the guest of before; cancel it in Mews if it is not theirs.")
        (found,) = copied.run("members", "show", "A-1", "--json").json
        link = found["link"]
        assert (link["guest_id"], link["method"], link["linked_by"], link["why"]) == ("g3", "person", "ben", "her card")

    def test_the_same_again_changes_nothing(self, copied: Office) -> None:
        done = copied.run("members", "link", "A-1", "g1")
        assert (done.code, done.output) == (0, "member A-1: linked to guest g1 already; nothing was changed\n")

    @pytest.mark.parametrize(
        ("words", "code", "sentence"),
        [
            (("link", "A-9", "g1"), 2, "members: the scheme has no member with this id"),
            (("link", "A-1", "g9"), 2, "members: Mews has shown no guest with this id"),
            (("unlink", "A-9"), 2, "members: the scheme has no member with this id"),
        ],
    )
    def test_what_cannot_be_is_one_sentence(
        self, synced: Office, words: tuple[str, ...], code: int, sentence: str
    ) -> None:
        done = synced.run("members", *words)
        assert done.code == code
        assert one_sentence(done).startswith(sentence)

    def test_a_guest_who_is_another_members_is_refused(self, disputed: Office) -> None:
        done = disputed.run("members", "link", "A-2", "g1")
        assert done.code == 3
        assert one_sentence(done) == (
            "guest g1: member A-1 is linked to it; if that is wrong, end it first with `members unlink A-1`"
        )

    def test_a_reason_is_stored_without_an_address_or_a_number(self, copied: Office) -> None:
        reason = f"she wrote from anna@guests.example about {MEMBER}"
        copied.run("members", "unlink", "A-1", "--reason", reason)
        (found,) = copied.run("members", "show", "A-1", "--json").json
        assert found["link"]["why"] == "she wrote from [e-mail] about …8601"


class TestSuspense:
    def test_the_list_can_be_narrowed(self, synced: Office) -> None:
        ((subject, reason),) = cases(synced)
        assert subject == "r4"
        assert cases(synced, "--reason", reason, "--partner", "miles_and_more") == [(subject, reason)]
        assert cases(synced, "--partner", "air_miles") == []
        assert synced.run("suspense", "list", "--reason", "two_candidates").output == (
            "No such case waits for a person.\n"
        )

    def test_a_case_that_a_person_has_seen_is_not_listed_any_more(self, copied: Office) -> None:
        (case,) = copied.run("suspense", "list", "--json").json
        done = copied.run("suspense", "resolve", str(case["id"]), "--note", "asked the guest", LOGNAME="anna")
        assert done.code == 0
        assert done.output == f"case {case['id']}: resolved by anna: {case['text']}\n"
        assert done.errors == (
            "The stay itself stays suspended: it earns nothing until what is wrong is put right. "
            "The case comes back when something else is found, or the same after it was gone.\n"
            f"payment_card: {case['means']} To do: {case['advice']}\n"
        )
        assert cases(copied) == []
        assert copied.run("sync", "stays", "--json", "--wait", "0s").json["suspense"] == 0
        again = copied.run("suspense", "resolve", str(case["id"]))
        assert again.code == 2
        assert one_sentence(again) == (
            f"suspense: no case {case['id']} is open; expected a number that `suspense list` shows"
        )

    def test_its_json_is_the_resulting_case(self, copied: Office) -> None:
        (case,) = copied.run("suspense", "list", "--json").json
        done = copied.run("suspense", "resolve", str(case["id"]), "--note", "seen", "--json", LOGNAME="anna")
        found = done.json
        assert found.pop("resolved_at") > case["since"]
        del case["since"], case["last_seen"]
        assert found == case | {"resolved_by": "anna", "note": "seen"}

    def test_a_members_case_is_resolved_by_a_link(self, disputed: Office) -> None:
        (case,) = disputed.run("suspense", "list", "--reason", "claimed_by_two_members", "--json").json
        assert case["subject_id"] == "A-2"
        done = disputed.run("suspense", "resolve", str(case["id"]), "--link", "g3", "--json", LOGNAME="anna")
        assert (done.json["resolved_by"], done.json["text"]) == ("anna", "member A-2: linked to guest g3 by hand")
        (found,) = disputed.run("members", "show", "A-2", "--json").json
        assert (found["link"]["guest_id"], found["link"]["linked_by"], found["cases"]) == ("g3", "anna", [])

    def test_a_link_for_a_case_about_no_member_is_one_sentence(self, copied: Office) -> None:
        (case,) = copied.run("suspense", "list", "--json").json
        done = copied.run("suspense", "resolve", str(case["id"]), "--link", "g1")
        assert done.code == 2
        assert one_sentence(done) == (f"suspense: case {case['id']} is not about a member; expected it without --link")
        assert cases(copied) == [("r4", case["reason"])]

    def test_a_link_that_is_refused_leaves_the_case_open(self, disputed: Office) -> None:
        (case,) = disputed.run("suspense", "list", "--reason", "claimed_by_two_members", "--json").json
        assert disputed.run("suspense", "resolve", str(case["id"]), "--link", "g1").code == 3
        assert ("A-2", "claimed_by_two_members") in cases(disputed)
