"""What others change of the scheme's fields in Mews: put back, reported, and not fought over."""

from __future__ import annotations

from typing import Any

from tests.integration.alignment.hotel import UPDATE, Hotel, member

WEEK = 7 * 24 * 3600.0


async def edited(hotel: Hotel, **changes: Any) -> None:
    """Let somebody edit Anna's membership, and a pass follow."""
    hotel.edit("LoyaltyMemberships", hotel.id_of("anna"), **changes)
    hotel.later(600)
    await hotel.align()


async def settled(hotel: Hotel, **line: Any) -> None:
    hotel.members(member("anna", **line), member("bea"))
    await hotel.align()
    hotel.later(600)
    await hotel.align()


class TestAFight:
    async def test_is_told_and_left_at_the_third_time(self, hotel: Hotel) -> None:
        await settled(hotel)
        for _ in range(2):
            await edited(hotel, Points=99)
            assert hotel.one("anna")["Points"] == 10
        await edited(hotel, Points=99)
        assert (hotel.one("anna")["Points"], hotel.calls.writes()) == (99, {})
        words = (await hotel.cases())["m-anna", "contested"]
        assert words.startswith("member m-anna: the points balance was put back")

    async def test_leaves_the_other_fields_to_be_written(self, hotel: Hotel) -> None:
        await settled(hotel)
        for _ in range(3):
            await edited(hotel, Points=99)
        hotel.members(member("anna", tier="GOLD"), member("bea"))
        await hotel.align()
        assert (hotel.one("anna")["Points"], hotel.one("anna")["Tier"]) == (99, "GOLD")

    async def test_ends_when_the_scheme_changes(self, hotel: Hotel) -> None:
        await settled(hotel)
        for _ in range(3):
            await edited(hotel, Points=99)
        await settled(hotel, points=20)
        assert (hotel.one("anna")["Points"], await hotel.cases()) == (20, {})

    async def test_is_tried_again_after_a_quiet_week(self, hotel: Hotel) -> None:
        await settled(hotel)
        for _ in range(3):
            await edited(hotel, Points=99)
        hotel.later(WEEK)
        await hotel.align()
        hotel.later()
        await hotel.align()
        assert (hotel.one("anna")["Points"], await hotel.cases()) == (10, {})

    async def test_is_remembered_across_a_restart(self, hotel: Hotel) -> None:
        await settled(hotel)
        for _ in range(3):
            await hotel.start()
            await edited(hotel, Points=99)
        assert hotel.one("anna")["Points"] == 99

    async def test_with_a_value_that_mews_itself_writes_otherwise_ends_too(self, hotel: Hotel) -> None:
        """However often our own value comes back changed, there is an end to writing it."""
        await settled(hotel)
        for number in range(5):
            await edited(hotel, MembershipNumber=f"other {number}")
        assert hotel.calls.writes() == {}

    async def test_that_goes_on_without_us_stays_left(self, hotel: Hotel) -> None:
        await settled(hotel)
        for points in range(100, 106):
            await edited(hotel, Points=points)
        assert (hotel.one("anna")["Points"], hotel.calls.writes()) == (105, {})
        assert ("m-anna", "contested") in await hotel.cases()


class TestAReportedField:
    async def test_is_left_and_told(self, hotel: Hotel) -> None:
        hotel.settings(reported=frozenset({"tier_id"}))
        await settled(hotel)
        await edited(hotel, LoyaltyTierId="t-GOLD", Points=99)
        assert (hotel.one("anna")["Tier"], hotel.one("anna")["Points"]) == ("GOLD", 10)
        words = (await hotel.cases())["m-anna", "edited_in_mews"]
        assert words.startswith("member m-anna: the tier was changed in Mews")

    async def test_that_is_edited_once_more_is_still_left_and_told(self, hotel: Hotel) -> None:
        hotel.settings(reported=frozenset({"points"}))
        await settled(hotel)
        for points in (99, 120):
            await edited(hotel, Points=points)
        assert (hotel.one("anna")["Points"], list(await hotel.cases())) == (120, [("m-anna", "edited_in_mews")])
        await settled(hotel, points=20)
        assert (hotel.one("anna")["Points"], await hotel.cases()) == (20, {})

    async def test_follows_the_schemes_own_change(self, hotel: Hotel) -> None:
        hotel.settings(reported=frozenset({"points"}))
        await settled(hotel)
        await edited(hotel, Points=99)
        await settled(hotel, points=20)
        assert (hotel.one("anna")["Points"], await hotel.cases()) == (20, {})

    async def test_that_the_scheme_adopts_is_the_schemes_again(self, hotel: Hotel) -> None:
        hotel.settings(reported=frozenset({"points"}))
        await settled(hotel)
        await edited(hotel, Points=99)
        await settled(hotel, points=99)
        assert await hotel.cases() == {}
        await settled(hotel, points=10)
        assert (hotel.one("anna")["Points"], await hotel.cases()) == (10, {})

    async def test_is_not_mistaken_for_an_edit_after_a_lost_answer(self, hotel: Hotel) -> None:
        """The write had its effect, nobody heard of it, and the process began anew."""
        hotel.settings(reported=frozenset({"points"}))
        await settled(hotel)
        hotel.fault(UPDATE, "lose", times=9)
        hotel.members(member("anna", points=20), member("bea"))
        await hotel.align()
        await hotel.start()
        hotel.faults.clear()
        hotel.later(600)
        await hotel.align()
        await settled(hotel, points=10)
        assert (hotel.one("anna")["Points"], await hotel.cases()) == (10, {})
