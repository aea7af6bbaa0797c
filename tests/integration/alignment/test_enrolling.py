"""Guests who ask to join: offered to the scheme once, whatever happens, and its answer stands in Mews afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from connector.domain.enrolment import Applicant
from connector.errors import Unauthorized
from connector.jobs.enrolling import NOT_ENROLLED
from tests.integration.alignment.hotel import DELETE, UPDATE, Hotel, member, membership
from tests.integration.schemes.members_api import BY_PAGE, ENROL, MembersApi

BOTH = pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
DAY = 24 * 3600
ENROLLED = {
    "State": "Enrolled",
    "IsPrimary": False,
    "MembershipNumber": "E-1",
    "Points": None,
    "ProviderMembershipId": "e-1",
    "Tier": "SILVER",
    "ExpirationDate": "",
}


@pytest.fixture
async def api(hotel: Hotel) -> AsyncIterator[MembersApi]:
    """A scheme of one member, Anna, that takes more; Bea asked reception to join."""
    made = MembersApi(rows=[{**member("anna"), "state": "Enrolled"}], now=hotel.clock.now)
    async with made.serving():
        hotel.settings(source=made.source(BY_PAGE, clock=hotel.clock), desk=made.desk())
        hotel.load(membership("ms-bea", "bea", State="Pending"))
        yield made


def rows(api: MembersApi) -> int:
    """How many members the scheme made."""
    return len(api.made)


@BOTH
async def test_who_asks_becomes_a_member_and_the_next_pass_writes_the_answer(hotel: Hotel, api: MembersApi) -> None:
    await hotel.align()
    person = {"email": "mail.bea@guests.example", "first": "Franzibea", "last": "Bergerbea"}
    assert api.applied == [{"ref": "ms-bea", "person": person}]
    assert hotel.one("bea")["State"] == "Pending"
    await hotel.align()
    assert hotel.one("bea") == ENROLLED
    assert hotel.calls.writes() == {UPDATE: 1}
    await hotel.align()
    assert hotel.calls.writes() == {}
    assert len(api.applied) == 1


async def test_a_plan_tells_who_would_be_asked_about_and_asks_nobody(hotel: Hotel, api: MembersApi) -> None:
    told = "guests who ask to join: 1 are offered to the scheme by the next `sync align`"
    assert (await hotel.preview()).warnings == (told,)
    assert api.applied == []
    await hotel.align()
    assert (await hotel.preview()).warnings == ()


async def test_nothing_about_the_guest_is_kept(hotel: Hotel, api: MembersApi) -> None:
    await hotel.align()
    await hotel.align()
    everything = [
        repr(await hotel.rows(f"SELECT * FROM {table}"))
        for table in ("enrolment", "member", "link", "suspense", "fact")
    ]
    assert not [word for word in ("bea@", "Franzi", "Berger") for text in everything if word in text]
    applicant = Applicant("ms-bea", "mail@guests.example", "Franzi", "Berger", "N-1")
    assert repr(applicant) == "Applicant(reference='ms-bea')"


@BOTH
async def test_a_listing_that_lags_behind_takes_nobody_away(hotel: Hotel, api: MembersApi) -> None:
    api.lists = False
    for _ in range(3):
        await hotel.align()
    assert hotel.one("bea") == ENROLLED
    hotel.later(8 * DAY)
    await hotel.align()
    assert hotel.one("bea")["State"] == "Canceled"


@pytest.mark.parametrize(
    ("effect", "status"),
    [("status", 429), ("status", 500), ("status", 408), ("drop", 503), ("lose", 503), ("garbage", 503)],
)
async def test_what_is_out_of_reach_is_asked_again_and_makes_one_member(
    hotel: Hotel, api: MembersApi, effect: str, status: int
) -> None:
    api.fault(effect, ENROL, times=1 if status == 408 else 5, status=status)
    done = await hotel.align()
    assert done.doubt.startswith("1 guests who ask to join wait (scheme: ")
    assert await hotel.rows("SELECT membership_id, outcome FROM enrolment") == [("ms-bea", "asked")]
    await hotel.align()
    assert rows(api) == 1
    assert {each["ref"] for each in api.applied} <= {"ms-bea"}
    await hotel.align()
    assert hotel.one("bea") == ENROLLED


async def test_a_process_that_ends_after_the_request_asks_by_the_same_reference(hotel: Hotel, api: MembersApi) -> None:
    class Killed(BaseException):
        pass

    class Dying:
        async def enrol(self, applicant: Applicant) -> object:
            await api.desk().enrol(applicant)
            raise Killed

    desk = hotel.road.desk
    hotel.road = replace(hotel.road, desk=Dying())  # type: ignore[arg-type]  # it never answers
    api.lists = False
    with pytest.raises(Killed):
        await hotel.align()
    await hotel.start()
    hotel.settings(desk=desk)
    await hotel.align()
    await hotel.align()
    assert rows(api) == 1
    assert hotel.one("bea") == ENROLLED


async def test_who_is_a_member_already_gets_that_membership(hotel: Hotel, api: MembersApi) -> None:
    known = {**member("bea"), "first_name": "Beatrix", "state": "Enrolled", "points": 70}
    api.rows.append(known)
    await hotel.align()
    await hotel.align()
    found = hotel.one("bea")
    assert (found["ProviderMembershipId"], found["MembershipNumber"], found["Points"]) == ("m-bea", "N-bea", 70)
    assert rows(api) == 0


@BOTH
async def test_who_is_refused_is_a_case_until_it_is_well(hotel: Hotel, api: MembersApi) -> None:
    api.refuses.add("Bergerbea")
    await hotel.align()
    (((subject, reason), text),) = (await hotel.cases()).items()
    assert (subject, reason) == ("ms-bea", NOT_ENROLLED)
    assert text == (
        "membership ms-bea: the scheme did not take the guest (API at 127.0.0.1 (enrolment) answered 422); correct the "
        "guest profile or the scheme, and it is asked again a day later, or cancel the membership in Mews."
    )
    await hotel.align()
    assert len(api.applied) == 1
    api.refuses.clear()
    hotel.later(DAY)
    await hotel.align()
    assert rows(api) == 1
    assert await hotel.cases() == {}


async def test_a_case_ends_with_the_wish(hotel: Hotel, api: MembersApi) -> None:
    api.refuses.add("Bergerbea")
    await hotel.align()
    hotel.later()
    hotel.edit("LoyaltyMemberships", "ms-bea", State="Canceled")
    hotel.later()
    await hotel.align()
    assert await hotel.cases() == {}


async def test_a_member_of_another_guest_is_a_case(hotel: Hotel, api: MembersApi) -> None:
    api.rows[0]["email"] = "mail.bea@guests.example"
    api.rows[0]["mews_id"] = "g-anna"
    await hotel.align()
    (((subject, _), text),) = (await hotel.cases()).items()
    assert subject == "ms-bea"
    assert "by the scheme the guest is member m-anna, who is or was linked to a guest already" in text


async def test_whoever_is_enrolled_or_left_already_asks_for_nothing(hotel: Hotel, api: MembersApi) -> None:
    hotel.edit("LoyaltyMemberships", "ms-bea", State="Enrolled")
    hotel.load(membership("ms-carl", "carl", State="Declined"))
    await hotel.align()
    assert api.applied == []


async def test_an_address_of_a_travel_agency_is_not_told(hotel: Hotel, api: MembersApi) -> None:
    hotel.edit("Customers", "g-bea", HasOtaEmail=True)
    await hotel.align()
    assert api.applied == [{"ref": "ms-bea", "person": {"first": "Franzibea", "last": "Bergerbea"}}]


async def test_who_asks_is_not_removed_as_unknown(hotel: Hotel, api: MembersApi) -> None:
    hotel.settings(unknown="delete")
    api.refuses.add("Bergerbea")
    await hotel.align()
    assert DELETE not in hotel.calls.writes()
    hotel.settings(desk=None)
    await hotel.align()
    assert hotel.calls.writes()[DELETE] == 1


async def test_an_unreadable_member_lets_everybody_wait(hotel: Hotel, api: MembersApi) -> None:
    api.rows.append({"member_id": None, "tier": "SILVER"})
    await hotel.align()
    assert api.applied == []


async def test_credentials_that_are_not_taken_are_told(hotel: Hotel, api: MembersApi) -> None:
    api.fault("status", ENROL, status=401)
    with pytest.raises(Unauthorized, match="expected credentials that may make members"):
        await hotel.align()
