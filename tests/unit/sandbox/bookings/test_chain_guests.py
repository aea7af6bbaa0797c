"""Guests and the memberships that staff entered for them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sized
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import pytest

from connector.sandbox.bookings import PROPERTIES, Booking, Bookings, generate, identity
from connector.sandbox.bookings.clock import Clock
from connector.sandbox.bookings.guests import extra_guests
from connector.sandbox.bookings.memberships import memberships
from connector.sandbox.bookings.numbers import collector, collector_digit, luhn_digit, miles_and_more

Chain = dict[str, list[dict[str, Any]]]
Record = dict[str, Any]
MONTREAL = PROPERTIES["montreal"].enterprise_id
WIEN = PROPERTIES["wien"].enterprise_id


@pytest.fixture(scope="module")
def cards(chain: Chain) -> dict[str, dict[str, Record]]:
    """Account id to program code to membership."""
    codes = {program["Id"]: program["Code"] for program in chain["LoyaltyPrograms"]}
    found: dict[str, dict[str, Record]] = defaultdict(dict)
    for card in chain["LoyaltyMemberships"]:
        found[card["AccountId"]][codes[card["LoyaltyProgramId"]]] = card
    return found


def share(found: Sized, among: Sized) -> float:
    return len(found) / len(among)


def test_there_are_fewer_guests_than_bookings(chain: Chain) -> None:
    assert 0.65 < len(chain["Customers"]) / len(chain["Reservations"]) < 0.9


def test_returning_guests_keep_their_profile(chain: Chain) -> None:
    stays = Counter(r["AccountId"] for r in chain["Reservations"] if r["AccountType"] == "Customer")
    assert share([count for count in stays.values() if count > 1], stays) > 0.05


def test_e_mail_addresses_lie_in_reserved_domains(chain: Chain) -> None:
    for guest in chain["Customers"]:
        domain = guest.get("Email", "x@example.org").partition("@")[2]
        assert domain in ("example.org", "example.com", "example.net") or domain.endswith(".example")
        assert guest["HasOtaEmail"] == (domain == "guest.portal.example")
        assert guest.get("Email", "").isascii()


def test_some_addresses_are_a_portal_s_and_some_are_missing(chain: Chain) -> None:
    guests = chain["Customers"]
    assert 0.08 < share([g for g in guests if g["HasOtaEmail"]], guests) < 0.4
    assert 0.04 < share([g for g in guests if "Email" not in g], guests) < 0.3


def test_some_profiles_were_merged_into_another(chain: Chain) -> None:
    guests = {guest["Id"]: guest for guest in chain["Customers"]}
    merged = [guest for guest in guests.values() if "MergeTargetId" in guest]
    assert len(merged) > 5
    for guest in merged:
        target = guests[guest["MergeTargetId"]]
        assert target["IsActive"]
        assert (guest["FirstName"], guest["LastName"]) == (target["FirstName"], target["LastName"])
        assert guest["_DeletedUtc"] == guest["UpdatedUtc"]
    assert {guest["Id"] for guest in merged} == {g["Id"] for g in guests.values() if not g["IsActive"]}


def test_some_people_have_two_profiles_with_two_addresses(chain: Chain) -> None:
    active = [guest for guest in chain["Customers"] if guest["IsActive"] and "LoyaltyCode" in guest]
    codes = Counter(guest["LoyaltyCode"] for guest in active)
    assert [code for code, count in codes.items() if count > 1]


def test_some_guests_are_staff_or_paymasters(chain: Chain) -> None:
    kinds = Counter(kind for guest in chain["Customers"] for kind in guest["Classifications"])
    assert set(kinds) == {"Staff", "PaymasterAccount"}
    assert kinds.total() < 0.03 * len(chain["Customers"])


def test_companies_own_what_they_booked_and_send_a_traveller(chain: Chain, bookings: Bookings) -> None:
    rows: dict[str, Booking] = {str(row.booking): row for row in bookings.rows}
    travellers = {record["ReservationId"] for record in chain["Companionships"]}
    for record in chain["Reservations"]:
        row = rows[record["Number"]]
        assert record["AccountType"] == ("Company" if row.company else "Customer")
        assert ("TravelAgencyId" in record) == row.by_agency
        assert not row.company or record["Id"] in travellers


def test_nobody_has_a_membership_entered_after_the_first_stay(chain: Chain) -> None:
    starts: dict[str, str] = {}
    for record in chain["Reservations"]:
        start = record.get("ActualStartUtc", record["ScheduledStartUtc"])
        starts[record["AccountId"]] = min(start, starts.get(record["AccountId"], start))
    for card in chain["LoyaltyMemberships"]:
        assert card["_CreatedUtc"] < starts.get(card["AccountId"], "Z")


def owners(chain: Chain, enterprise: str) -> set[str]:
    return {
        record["AccountId"]
        for record in chain["Reservations"]
        if record["AccountType"] == "Customer"
        and record["_EnterpriseId"] == enterprise
        and record["State"] == "Processed"
        and "TravelAgencyId" not in record
    }


def test_only_the_partners_programs_are_there(chain: Chain) -> None:
    programs = {program["Code"]: (program["Name"], program["Type"]) for program in chain["LoyaltyPrograms"]}
    assert programs == {"MM": ("Miles & More", "ExternalPartner"), "AM": ("AIR MILES", "ExternalPartner")}


def test_about_a_third_of_the_owners_hold_the_card_of_their_country(
    chain: Chain, cards: dict[str, dict[str, Record]]
) -> None:
    wien, montreal = owners(chain, WIEN), owners(chain, MONTREAL)
    assert 0.30 < share([o for o in wien if "MM" in cards[o]], wien) < 0.45
    assert 0.25 < share([o for o in montreal if "AM" in cards[o]], montreal) < 0.38
    assert any(len(held) == 2 for held in cards.values())


def entered(bookings: Bookings, today: date, count: int) -> list[list[Record]]:
    """The memberships of each of many guests who come without an agency."""
    clock = Clock.over(bookings, today)
    guests = (replace(guest, own=True) for guest in extra_guests(bookings, clock, 1, count))
    return [[record for _, record in memberships(guest, clock, 1)] for guest in guests]


def test_of_two_cards_mostly_one_is_primary(bookings: Bookings, today: date) -> None:
    held = [cards for cards in entered(bookings, today, 6_000) if len(cards) == 2]
    flags = Counter(sum(card["IsPrimary"] for card in cards) for cards in held)
    assert flags[1] > 0.75 * flags.total()
    assert flags[0]
    assert flags[2]


def test_most_numbers_are_good_and_a_few_are_not(cards: dict[str, dict[str, Record]]) -> None:
    kinds: Counter[str] = Counter()
    for held in cards.values():
        for program, card in held.items():
            number = card["MembershipNumber"].replace(" ", "")
            length, digit = (15, luhn_digit) if program == "MM" else (11, collector_digit)
            if not (number.isdigit() and len(number) == length):
                kinds["shape"] += 1
            else:
                kinds["good" if str(digit(number[:-1])) == number[-1] else "digit"] += 1
    assert 0.005 < kinds["shape"] / kinds.total() < 0.05
    assert 0.005 < kinds["digit"] / kinds.total() < 0.05
    assert kinds["good"] / kinds.total() > 0.92


def test_the_bad_ones_hold_every_kind_of_fault_and_some_good_ones_blanks(bookings: Bookings, today: date) -> None:
    numbers = [card["MembershipNumber"] for cards in entered(bookings, today, 3_000) for card in cards]
    assert "4111111111111111" in numbers
    assert any(not number.replace(" ", "").isdigit() for number in numbers)
    assert any(len(number) == 14 for number in numbers)
    assert any(number[4:5] == " " and number[9:10] == " " for number in numbers)


def test_states_are_mostly_enrolled_and_some_have_expired(chain: Chain, today: date) -> None:
    states = Counter(card["State"] for card in chain["LoyaltyMemberships"])
    assert set(states) == {"Enrolled", "New", "Pending", "Canceled", "Declined"}
    assert states["Enrolled"] > 0.85 * states.total()
    assert any(card.get("ExpirationDate", "9") < today.isoformat() for card in chain["LoyaltyMemberships"])


def test_membership_records_carry_no_code_and_a_person_as_creator(chain: Chain) -> None:
    for card in chain["LoyaltyMemberships"]:
        assert "Code" not in card
        assert card["CreatorProfile"] == card["UpdaterProfile"] == {"Discriminator": "Personal"}


@pytest.mark.parametrize("number", ["80085102028", "84095202006", "80000000110", "80060860886", "80061948870"])
def test_the_collector_check_digit_holds_for_published_numbers(number: str) -> None:
    assert str(collector_digit(number[:-1])) == number[-1]


def test_the_luhn_digit_holds_for_a_published_number() -> None:
    assert luhn_digit("99200366928860") == 1


def test_no_two_guests_share_a_number_and_none_looks_like_a_payment_card() -> None:
    guests = range(1, 20_000)
    assert len({miles_and_more(guest) for guest in guests}) == len({collector(guest) for guest in guests}) == 19_999
    assert not [guest for guest in guests if miles_and_more(guest).startswith(("34", "37"))]
    assert all(len(collector(guest)) == 11 and collector(guest)[0] == "8" for guest in guests)


def test_extra_guests_come_without_bookings(extract: Bookings, today: date) -> None:
    plain = Counter(kind for kind, _ in generate(extract, today=today))
    more = Counter(kind for kind, _ in generate(extract, today=today, guests_extra=300))
    assert more["Customers"] - plain["Customers"] == 300
    assert more["Reservations"] == plain["Reservations"]


def test_ids_are_version_five(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "NAMESPACE", NAMESPACE_DNS)
    assert identity.identity("reservation", 17) == str(uuid5(NAMESPACE_DNS, "reservation:17"))
