"""Numbers at partners that the scheme knows, beside what the guest's profile says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.domain.changes import AddPartner
from connector.domain.loyalty import Membership
from connector.domain.partner_numbers import Doubt, Known, PartnerProgram, Question, judge

NUMBER = "992003669288601"
MILES = PartnerProgram("MM", "miles_and_more")
HELD = Membership("ms", "a", "p-MM", "Enrolled", False, NUMBER)


def judged(
    number: str = NUMBER, *memberships: Membership, program: PartnerProgram = MILES
) -> AddPartner | Question | None:
    return judge(Known("M1", "a", number, memberships), program, "p-MM")


def question(number: str, *memberships: Membership, program: PartnerProgram = MILES) -> Question:
    found = judged(number, *memberships, program=program)
    assert isinstance(found, Question)
    return found


class TestAGuestWithoutAMembership:
    def test_gets_one_that_is_not_the_primary_one(self) -> None:
        expected = AddPartner("a", "M1", False, {"number": NUMBER, "state": "Enrolled"}, "p-MM")
        assert judged() == expected

    def test_gets_the_number_without_what_people_type_between(self) -> None:
        found = judged("9920 0366-9288 601")
        assert isinstance(found, AddPartner)
        assert found.fields["number"] == NUMBER

    def test_gets_none_for_a_number_that_is_none(self) -> None:
        found = question("12345")
        assert (found.member_id, found.doubt) == ("M1", Doubt.BAD)
        assert "a Miles & More number has 15 digits, this one 5" in found.text

    def test_gets_none_for_a_wrong_check_digit_where_that_is_strict(self) -> None:
        wrong = NUMBER[:-1] + "2"
        assert isinstance(judged(wrong), AddPartner)
        assert question(wrong, program=replace(MILES, strictness="strict")).doubt == Doubt.BAD

    def test_of_a_program_without_a_partner_gets_the_number_as_it_is(self) -> None:
        found = judged("any thing", program=PartnerProgram("OTHER"))
        assert isinstance(found, AddPartner)
        assert found.fields["number"] == "any thing"

    def test_is_another_subject_than_for_the_schemes_own_program(self) -> None:
        found = judged()
        assert isinstance(found, AddPartner)
        assert found.subject == "a/p-MM"


class TestAGuestWithAMembership:
    def test_is_left_alone_when_the_number_is_the_same(self) -> None:
        assert judged(NUMBER, HELD) is None

    @pytest.mark.parametrize("typed", ["9920 0366 9288 601", "9920-0366-9288-601", "\u200b992003669288601"])
    def test_is_left_alone_however_staff_wrote_it(self, typed: str) -> None:
        assert judged(NUMBER, HELD._replace(number=typed)) is None

    @pytest.mark.parametrize("typed", ["992003669288619", None])
    def test_with_another_number_or_none_is_a_question_and_never_overwritten(self, typed: str | None) -> None:
        assert question(NUMBER, HELD._replace(number=typed)).doubt == Doubt.OTHER

    def test_is_asked_about_without_telling_the_numbers(self) -> None:
        text = question(NUMBER, HELD._replace(number="992003669288619")).text
        assert NUMBER not in text
        assert "992003669288619" not in text
        assert "8601" in text

    def test_that_staff_deleted_gets_none_again(self) -> None:
        assert judged(NUMBER, HELD._replace(deleted=True)) is None

    def test_beside_a_deleted_one_is_judged_by_the_living(self) -> None:
        assert judged(NUMBER, HELD._replace(id="old", deleted=True, number="1"), HELD) is None


def test_what_is_known_does_not_show_its_number_in_a_log() -> None:
    assert NUMBER not in repr(Known("M1", "a", NUMBER))
