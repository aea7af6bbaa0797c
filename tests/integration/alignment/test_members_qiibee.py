"""The first road from qiibee: its users are members, who is gone is gone, and half a reading applies nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connector.domain.partner_numbers import PartnerProgram
from connector.errors import Unauthorized, Unfinished
from tests.integration.alignment.hotel import ADD, UPDATE, Hotel
from tests.integration.schemes.brand import Brand, opened, user

NUMBER = "992003669288601"
ANSWERS = ["", "users=,beyond=404", "users=data,total=count,wrapped,newest_first", "embedded,total="]


@pytest.fixture
async def brand(request: pytest.FixtureRequest, hotel: Hotel) -> AsyncIterator[Brand]:
    """A brand with the users anna and bea, from which the first road comes."""
    async with opened(hotel.home, getattr(request, "param", "")) as made:
        await made.hold(guest("anna"), guest("bea"))
        numbers = {"MM": "miles_and_more"}
        hotel.settings(
            source=made.source(partner_numbers=numbers),
            partner_programs=(PartnerProgram("MM", "miles_and_more"),),
        )
        yield made


def guest(name: str, tier: str = "SILVER", miles: str | None = None) -> dict[str, Any]:
    """The user of a guest of the hotel."""
    return user(
        f"u-{name}",
        miles=miles,
        email=f"mail.{name}@guests.example",
        first_name=f"Franzi{name}",
        second_name=f"Berger{name}",
        metadata={"tier": tier, "number": f"N-{name}"},
    )


@pytest.mark.parametrize("brand", ANSWERS, indirect=True)
async def test_users_are_members_in_mews_however_qiibee_tells_of_them(hotel: Hotel, brand: Brand) -> None:
    await brand.hold(guest("anna", miles=NUMBER), guest("bea", "GOLD"))
    await hotel.align()
    assert {name: hotel.one(name)["Tier"] for name in hotel.held()} == {"anna": "SILVER", "bea": "GOLD"}
    assert (hotel.one("anna")["ProviderMembershipId"], hotel.one("anna")["MembershipNumber"]) == ("u-anna", "N-anna")
    assert {name: [each["MembershipNumber"] for each in held] for name, held in hotel.held("MM").items()} == {
        "anna": [NUMBER]
    }
    hotel.later()
    await hotel.align()
    assert hotel.calls.writes() == {}
    assert await hotel.cases() == {}


async def test_a_pass_asks_qiibee_once_for_a_page_and_once_for_each_user(hotel: Hotel, brand: Brand) -> None:
    await hotel.align()
    assert await brand.calls() == {"GET users": 1, "GET memberships": 2}


async def test_who_is_no_user_any_more_is_no_member(hotel: Hotel, brand: Brand) -> None:
    await hotel.align()
    await brand.hold(guest("bea", "GOLD"))
    hotel.later()
    await hotel.align()
    assert hotel.calls.writes() == {UPDATE: 1}
    assert (hotel.one("anna")["State"], hotel.one("bea")["State"]) == ("Canceled", "Enrolled")
    assert hotel.one("bea")["Tier"] == "GOLD"
    await brand.hold(guest("anna"), guest("bea", "GOLD"))
    hotel.later()
    await hotel.align()
    assert hotel.one("anna")["State"] == "Enrolled"


async def test_a_user_who_cannot_be_read_stays_the_member_that_was(hotel: Hotel, brand: Brand) -> None:
    await hotel.align()
    await brand.hold(guest("anna", miles="4111111111111111"), guest("bea"))
    hotel.later()
    await hotel.align()
    assert hotel.calls.writes() == {}
    assert hotel.one("anna")["State"] == "Enrolled"
    cases = await hotel.cases()
    assert cases == {
        ("u-anna", "bad_line"): "member u-anna: the number in MM looks like a payment card; expected a membership "
        "number; correct it in the scheme, the membership stays as it is until then."
    }
    await brand.hold(guest("bea"), guest("anna", miles="4111111111111111"))
    await hotel.align()
    assert await hotel.cases() == cases  # whoever said that it was seen is not told again


@pytest.mark.parametrize(
    ("operation", "effect", "more"),
    [
        ("users", "status", {"status": 429, "headers": {"Retry-After": "30"}}),
        ("users", "status", {"status": 500}),
        ("users", "garbage", {"after": 1}),  # on the second page
        ("users", "drop", {"after": 1}),
        ("memberships", "drop", {"after": 50}),
        ("memberships", "status", {"status": 503, "after": 120}),
    ],
)
async def test_a_reading_that_breaks_off_applies_nothing_and_the_next_one_does(
    hotel: Hotel, brand: Brand, operation: str, effect: str, more: dict[str, Any]
) -> None:
    await hotel.align()
    strangers = [user(f"u-{each}") for each in range(120)]
    await brand.hold(guest("anna", "GOLD"), *strangers)
    brand.fault(operation, effect, **more)
    hotel.later()
    with pytest.raises(Unfinished, match="so nothing of it was applied"):
        await hotel.align()
    assert hotel.calls.writes() == {}
    assert (hotel.one("anna")["Tier"], hotel.one("bea")["State"]) == ("SILVER", "Enrolled")
    brand.faults.clear()
    await hotel.align()
    assert (hotel.one("anna")["Tier"], hotel.one("bea")["State"]) == ("GOLD", "Canceled")


async def test_a_fault_that_passes_is_no_matter(hotel: Hotel, brand: Brand) -> None:
    for effect in ("status", "drop", "lose", "garbage"):
        brand.fault("*", effect, times=1)
    await hotel.align()
    assert hotel.calls.writes() == {ADD: 1, UPDATE: 1}
    assert set(hotel.held()) == {"anna", "bea"}


async def test_a_key_that_qiibee_does_not_take_applies_nothing(hotel: Hotel, brand: Brand) -> None:
    await hotel.align()
    hotel.settings(source=brand.source(key="of another brand"))
    hotel.later()
    with pytest.raises(Unauthorized, match=r"answered 401; expected scheme\.api_key to be a key of the dashboard"):
        await hotel.align()
    assert hotel.calls.writes() == {}


async def test_a_brand_without_users_applies_nothing(hotel: Hotel, brand: Brand) -> None:
    await hotel.align()
    await brand.hold()
    hotel.later()
    with pytest.raises(Unfinished, match="holds no member"):
        await hotel.align()
    assert hotel.calls.writes() == {}
    assert hotel.one("anna")["State"] == "Enrolled"
