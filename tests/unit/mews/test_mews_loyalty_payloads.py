"""Programs, tiers, memberships and guests of Mews in the domain's words; one bad record stops no other."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from connector.domain.loyalty import Guest, Membership, Program, Tier
from connector.errors import Skippable
from connector.mews.payloads import guests, loyalty
from connector.mews.payloads.records import Bad, digits, parse_each

MEMBERSHIP: dict[str, Any] = {
    "Id": "m1",
    "ChainId": "chain",
    "AccountId": "a1",
    "LoyaltyProgramId": "p1",
    "State": "Enrolled",
    "IsPrimary": True,
    "MembershipNumber": "ALP-1",
    "Points": 1200,
    "ExpirationDate": "2027-03-31T00:00:00Z",
    "LoyaltyTierId": "t1",
    "ProviderMembershipId": "prov-1",
    "Url": "https://example.com/1",
    "Code": "ALP-1",
    "CreatorProfile": {"Discriminator": "Personal"},
    "UpdaterProfile": {"Discriminator": "Personal"},
}


def without(record: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key != name}


class TestMemberships:
    def test_a_membership_is_read_whole(self) -> None:
        assert loyalty.membership(MEMBERSHIP) == Membership(
            id="m1",
            account_id="a1",
            program_id="p1",
            state="Enrolled",
            is_primary=True,
            number="ALP-1",
            points=1200,
            expires_on=date(2027, 3, 31),
            tier_id="t1",
            provider_id="prov-1",
            url="https://example.com/1",
        )

    def test_of_a_payment_card_only_that_it_looks_like_one_is_read(self) -> None:
        read = loyalty.membership({**MEMBERSHIP, "MembershipNumber": "4111 1111 1111 1111"})
        assert read.number == "(looks like a payment card)"

    def test_what_is_not_used_may_be_absent(self) -> None:
        needed = ("Id", "AccountId", "LoyaltyProgramId", "State", "IsPrimary")
        read = loyalty.membership({name: MEMBERSHIP[name] for name in needed})
        assert (read.number, read.points, read.expires_on, read.tier_id) == (None, None, None, None)

    @pytest.mark.parametrize("name", ["Id", "AccountId", "LoyaltyProgramId", "State", "IsPrimary"])
    def test_what_is_used_must_be_there(self, name: str) -> None:
        with pytest.raises(Skippable, match=f"{name} is missing"):
            loyalty.membership(without(MEMBERSHIP, name))

    @pytest.mark.parametrize(
        ("extra", "deleted"),
        [
            ({}, False),
            ({"ActivityState": "Active"}, False),
            ({"ActivityState": "Deleted"}, True),
            ({"DeletedUtc": "2026-09-01T00:00:00Z"}, True),
            ({"DeletedUtc": None}, False),
        ],
    )
    def test_a_deletion_counts_where_mews_tells_it(self, extra: dict[str, Any], deleted: bool) -> None:
        assert loyalty.membership({**MEMBERSHIP, **extra}).deleted is deleted

    def test_the_deprecated_code_is_no_number(self) -> None:
        assert loyalty.membership(without(MEMBERSHIP, "MembershipNumber")).number is None

    @pytest.mark.parametrize("points", ["12", True, digits("1.5"), []])
    def test_points_that_are_no_whole_number_are_not_guessed(self, points: object) -> None:
        with pytest.raises(Skippable, match=r"Points is (not a whole number|of another type), "):
            loyalty.membership({**MEMBERSHIP, "Points": points})

    def test_points_written_with_a_zero_fraction_are_whole(self) -> None:
        assert loyalty.membership({**MEMBERSHIP, "Points": digits("12.0")}).points == 12

    def test_an_unreadable_date_is_named_and_not_repeated(self) -> None:
        with pytest.raises(Skippable) as caught:
            loyalty.membership({**MEMBERSHIP, "ExpirationDate": "Anna Berger"})
        assert str(caught.value) == "ExpirationDate is not readable, an ISO-8601 time was expected"


class TestSettingAside:
    def test_a_bad_record_is_set_aside_and_the_others_go_on(self) -> None:
        records = [MEMBERSHIP, {**MEMBERSHIP, "Id": "m2", "State": "Frozen"}, {**MEMBERSHIP, "Id": "m3"}]
        good, bad = parse_each(records, loyalty.membership, "loyalty membership", parent="AccountId")
        assert [one.id for one in good] == ["m1", "m3"]
        assert bad == [
            Bad(
                "loyalty membership",
                "m2",
                "loyalty membership m2: State 'Frozen' is not known, "
                "one of Canceled, Declined, Enrolled, New, Pending was expected",
                "a1",
            )
        ]

    @pytest.mark.parametrize("record", [None, "text", 5, ["list"]])
    def test_a_record_that_is_no_object_is_set_aside_too(self, record: object) -> None:
        good, bad = parse_each([record], loyalty.membership, "loyalty membership", parent="AccountId")
        expected = "loyalty membership without a readable Id: the record is not a JSON object"
        assert (good, bad) == ([], [Bad("loyalty membership", "", expected)])


class TestProgramsAndTiers:
    def test_a_program_is_read_and_a_new_type_passes(self) -> None:
        record = {"Id": "p1", "Name": "Club", "Code": "ALPEN", "Type": "Alliance", "Subscription": "Free"}
        assert loyalty.program(record) == Program("p1", "ALPEN", "Club", "Alliance", "Free")

    def test_a_tier_is_read(self) -> None:
        record = {"Id": "t1", "LoyaltyProgramId": "p1", "Name": "Gold", "Code": "GOLD", "Ordering": 2}
        assert loyalty.tier(record) == Tier("t1", "p1", "GOLD", "Gold", 2)

    def test_a_tier_without_an_ordering_is_set_aside(self) -> None:
        with pytest.raises(Skippable, match="Ordering is missing"):
            loyalty.tier({"Id": "t1", "LoyaltyProgramId": "p1", "Name": "Gold", "Code": "GOLD"})


class TestGuests:
    RECORD: dict[str, Any] = {  # noqa: RUF012 (read only)
        "Id": "a1",
        "IsActive": False,
        "MergeTargetId": "a2",
        "HasOtaEmail": True,
        "UpdatedUtc": "2026-01-31T10:00:00Z",
        "Classifications": ["Staff", "SomethingNew"],
        "LoyaltyCode": "ALP-1",
        "Email": "guest@example.com",
        "FirstName": "Anna",
        "LastName": "Berger",
    }

    def test_a_guest_is_read_and_a_new_classification_passes(self) -> None:
        assert guests.guest(self.RECORD) == Guest(
            id="a1",
            active=False,
            merge_target_id="a2",
            has_ota_email=True,
            updated=datetime(2026, 1, 31, 10, tzinfo=UTC),
            classifications=frozenset({"Staff", "SomethingNew"}),
            loyalty_code="ALP-1",
            email="guest@example.com",
            first_name="Anna",
            last_name="Berger",
        )

    def test_a_guest_needs_no_name_and_no_classification(self) -> None:
        needed = ("Id", "IsActive", "HasOtaEmail", "UpdatedUtc")
        read = guests.guest({name: self.RECORD[name] for name in needed})
        assert (read.last_name, read.email, read.classifications) == (None, None, frozenset())

    @pytest.mark.parametrize("said", [{}, {"HasOtaEmail": None}], ids=["absent", "null"])
    def test_an_address_of_which_nothing_is_said_may_be_an_agencys(self, said: dict[str, Any]) -> None:
        record = {name: value for name, value in self.RECORD.items() if name != "HasOtaEmail"} | said
        assert guests.guest(record).has_ota_email
        assert [each.has_ota_email for each in guests.guest.at_once([json.dumps(record).encode()]) or []] == [True]

    def test_a_bad_guest_is_told_without_the_person(self) -> None:
        _, (bad,) = parse_each([{**self.RECORD, "Classifications": "Anna Berger"}], guests.guest, "guest")
        assert "Berger" not in bad.text
        assert bad.text.startswith("guest a1: Classifications")
