"""The sets of words and the defaults that other modules stand on, and what must not be shown of a value."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from connector.domain import edits, incidents, numbers, outliers
from connector.domain.caps import Cap
from connector.domain.claims import CLAIMABLE
from connector.domain.contract import Contract, Hold
from connector.domain.deposits import Deposit
from connector.domain.enrolment import ASKED_FOR, Applicant
from connector.domain.exchanges import Request
from connector.domain.ledger import State
from connector.domain.loyalty import ACTIVE_STATES, Membership
from connector.domain.members import Member
from connector.domain.partner_numbers import Known
from connector.domain.parts import WHOLE
from connector.domain.prepaid import Prepaid
from connector.domain.remedies import REMEDIES
from connector.domain.seat import MEMBERSHIP_REASONS
from connector.domain.statement import Booked, Stated
from tests.unit.domain.stay_makers import MEMBER, NOW, VIENNA, rule

NAME, MAIL = "Quistgaard", "zora@guests.example"


@pytest.mark.parametrize(
    "value",
    [
        Member("A-1", MEMBER, email=MAIL, first_name=NAME, last_name=NAME, partner_numbers={"MM": MEMBER}),
        Applicant("m-1", MAIL, NAME, NAME, MEMBER),
        Deposit("0xaa", MEMBER, Decimal(1)),
        Request(1, "R-1", MEMBER, 5),
        Known("A-1", "a-1", MEMBER),
        Stated(1, 5, number=MEMBER),
        Booked("k", State.CREDITED, 5, MEMBER, "T-1", "4711", date(2026, 1, 1)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_printed_of_a_person_holds_nothing_personal(value: object) -> None:
    assert not [each for each in (MEMBER, NAME, MAIL) if each in repr(value)]


def test_words_of_memberships() -> None:
    assert {"New", "Pending", "Enrolled"} == ACTIVE_STATES
    assert {"New", "Pending"} == ASKED_FOR
    lacking = {"no_membership", "membership_not_active", "membership_expired", "not_primary"}
    assert lacking == MEMBERSHIP_REASONS
    assert {*lacking, "bad_number", "payment_card"} == CLAIMABLE
    assert not Membership("m", "a", "p", "Enrolled", is_primary=True).deleted


def test_conditions_that_ask_about_a_whole_stay() -> None:
    booked = {"other_property", "departure_window", "arrival_window", "classification"}
    assert {*booked, "min_nights", "weekday", "zero_rate", "visit"} == WHOLE


def test_a_contract_without_more_words_has_the_documented_terms() -> None:
    plain = Contract("mm", "MM", "miles_and_more", (rule(),))
    assert (plain.claim_window, plain.max_age, plain.settle_timeout) == tuple(map(timedelta, (183, 395, 90)))
    assert (plain.correct_from, plain.rooms, plain.hold) == (1, 1, Hold("settled", timedelta(0)))
    off = (plain.accounts, plain.stitch, plain.require_paid, plain.asks_for_bills, plain.asks_for_opt_ins)
    assert off == (False,) * 5
    assert Contract("mm", "MM", "miles_and_more", (rule(offer="o-1"), rule())).asks_for_opt_ins is True


def test_whose_bills_count_is_part_of_what_was_agreed() -> None:
    plain, guest = (Contract("mm", "MM", "miles_and_more", (rule(),), who_pays=who) for who in ("any", "guest"))
    assert plain.fingerprint() != guest.fingerprint()
    assert plain.fingerprint() == "6d0ddf572e582f95b68f474a7ac9df09ae0d9256f79edd0e686f8799bd9a365b"


def test_bounds_of_time() -> None:
    assert (timedelta(days=7), 3) == (edits.WINDOW, edits.PATIENCE)
    assert (outliers.DAYS, outliers.LEAST_DAYS) == (28, 7)
    assert incidents.since(NOW) == NOW - timedelta(days=28)
    assert VIENNA.day_offset == timedelta(0)


def test_credits_paid_in_advance_are_counted_down() -> None:
    bought = Prepaid(1000, date(2026, 11, 1), 200, Decimal("1.5"))
    assert bought.left(400) == 400
    assert [bought.is_low(miles) for miles in (533, 534)] == [False, True]
    assert bought.left(800) == -200


@pytest.mark.parametrize(("text", "card"), [("4" * 16, True), ("34" + "1" * 13, True), ("37" + "1" * 13, True)])
def test_cards_are_known_by_their_digits_alone(text: str, card: bool) -> None:
    assert numbers.looks_like_payment_card(text) is card
    assert numbers.looks_like_payment_card("x".join(text)) is card
    assert not numbers.looks_like_payment_card("35" + "1" * 13)


def test_a_cap_without_others_leaves_all_of_it() -> None:
    assert Cap(rule(), "stay", 500).room == 500


def test_which_cases_say_themselves_what_to_do() -> None:
    scheme = {"bad_line", "claimed_by_two_members", "not_enrolled", "number_other_name", "other_partner_number"}
    scheme |= {"deleted_profile", "other_mews_id"}
    people = {"contested", "edited_in_mews", "restored", "still_used", "two_candidates", "unlinked_by_staff"}
    miles = {"difference", "exchange_changed", "going_live", "low_on_credit", "unreadable_membership"}
    assert {reason for reason, each in REMEDIES.items() if each.told} == scheme | people | miles
