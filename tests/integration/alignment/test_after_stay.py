"""With ``downgrade = "after_stay"`` a guest in house keeps the tier until check-out."""

from __future__ import annotations

from typing import Any

from tests.integration.alignment.hotel import SET_UP, Hotel, guest, member, opened
from tests.integration.alignment.hotel import enterprise as hotel_of

RESERVATIONS = "reservations/getAll/2023-06-06"


def stay(id_: str, name: str, state: str = "Started", table: str = "montreal") -> tuple[str, dict[str, Any]]:
    """A reservation of guest ``g-NAME``."""
    created = hotel_of(table)[1]["CreatedUtc"]
    return "Reservations", {
        "Id": id_,
        "ServiceId": f"s-{table}",
        "AccountId": f"g-{name}",
        "AccountType": "Customer",
        "State": state,
        "Number": id_,
        "CreatedUtc": created,
        "UpdatedUtc": created,
        "ScheduledStartUtc": created,
        "ScheduledEndUtc": created,
        "_EnterpriseId": f"e-{table}",
    }


async def demoted(hotel: Hotel, **more: Any) -> None:
    """Anna and Bea are gold, and then silver."""
    hotel.settings(downgrade="after_stay", **more)
    hotel.members(member("anna", tier="GOLD"), member("bea", tier="GOLD"))
    await hotel.align()
    hotel.later(600)
    hotel.members(member("anna", points=77), member("bea"))
    await hotel.align()


async def test_a_guest_in_house_keeps_the_tier_and_gets_the_rest(hotel: Hotel) -> None:
    hotel.load(stay("r1", "anna"), stay("r2", "bea", "Confirmed"))
    await demoted(hotel)
    assert [hotel.one(name)["Tier"] for name in ("anna", "bea")] == ["GOLD", "SILVER"]
    assert hotel.one("anna")["Points"] == 77


async def test_the_plan_says_who_waits(hotel: Hotel) -> None:
    hotel.load(stay("r1", "anna"))
    await demoted(hotel)
    plan = (await hotel.preview()).plan
    assert (plan.is_empty, plan.waiting) == (True, 1)


async def test_after_check_out_the_tier_is_written(hotel: Hotel) -> None:
    hotel.load(stay("r1", "anna"))
    await demoted(hotel)
    hotel.edit("Reservations", "r1", State="Processed")
    hotel.later()
    await hotel.align()
    assert hotel.one("anna")["Tier"] == "SILVER"


async def test_a_cleared_tier_waits_too(hotel: Hotel) -> None:
    hotel.load(stay("r1", "anna"))
    await demoted(hotel)
    hotel.members(member("anna", tier="", points=78), member("bea"))
    await hotel.align()
    assert (hotel.one("anna")["Tier"], hotel.one("anna")["Points"]) == ("GOLD", 78)


async def test_a_higher_tier_never_waits(hotel: Hotel) -> None:
    hotel.settings(downgrade="after_stay")
    hotel.load(stay("r1", "anna"))
    hotel.members(member("anna"), member("bea"))
    await hotel.align()
    hotel.members(member("anna", tier="GOLD"), member("bea"))
    await hotel.align()
    assert hotel.one("anna")["Tier"] == "GOLD"
    assert RESERVATIONS not in hotel.calls.count()


async def test_each_property_is_asked_once_in_a_pass(hotel: Hotel) -> None:
    hotel.load(stay("r1", "anna"))
    await demoted(hotel)
    assert hotel.calls.count()[RESERVATIONS] == 2
    (body, _) = hotel.calls.bodies(RESERVATIONS)
    assert (sorted(body["AccountIds"]), body["States"]) == (["g-anna", "g-bea"], ["Started"])


async def test_at_once_asks_nobody(hotel: Hotel) -> None:
    hotel.load(stay("r1", "anna"))
    await demoted(hotel)
    hotel.settings(downgrade="at_once")
    await hotel.align()
    assert hotel.one("anna")["Tier"] == "SILVER"
    assert RESERVATIONS not in hotel.calls.count()


async def test_while_a_property_cannot_be_asked_everybody_keeps_the_tier(tmp_path: Any, database: Any) -> None:
    tokens = {"wien": "dead"}
    guests = [guest(name) for name in ("anna", "bea")]
    async with opened(tmp_path, database, *SET_UP, *guests) as hotel:
        hotel.tokens |= tokens
        await hotel.start()
        await demoted(hotel)
        assert [hotel.one(name)["Tier"] for name in ("anna", "bea")] == ["GOLD", "GOLD"]
        assert (await hotel.preview()).plan.waiting == 2
