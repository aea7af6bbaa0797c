from __future__ import annotations

from typing import Any


async def test_the_list_shows_members_first(desk: Any) -> None:
    page = (await desk.client.get("/guests")).text
    assert page.index("Guestg1") < page.index("Guestg3")
    assert "Guestgone" not in page
    assert "Sandbox" in page


async def test_guests_are_found_by_name_and_by_member_number(desk: Any) -> None:
    by_name = (await desk.client.get("/guests", params={"q": "guestg2"})).text
    by_number = (await desk.client.get("/guests", params={"q": "992000001"})).text
    assert ("Guestg2" in by_name, "Guestg1" in by_name) == (True, False)
    assert ("Guestg1" in by_number, "Guestg2" in by_number) == (True, False)
    assert "No guest matches" in (await desk.client.get("/guests", params={"q": "zebra"})).text


async def test_a_profile_shows_its_loyalty_and_its_stays(desk: Any) -> None:
    card = {
        "MembershipNumber": "A-7",
        "Points": 12450,
        "LoyaltyTierId": "gold",
        "ExpirationDate": "2027-12-31",
    }
    item = {"AccountId": "g1", "LoyaltyProgramId": "alpen", "IsPrimary": True, **card}
    await desk.ask("loyaltyMemberships/add", LoyaltyMemberships=[item])
    page = (await desk.client.get("/guests/g1")).text
    for shown in (
        "Anna Guestg1",
        "Alpen",
        "Gold",
        "A-7",
        "12,450",
        "2027-12-31",
        "Hotel wien",
        "Checked out",
    ):
        assert shown in page


async def test_names_are_escaped(desk: Any) -> None:
    await desk.control("edit", kind="Customers", id="g1", changes={"LastName": "<script>alert(1)</script>"})
    page = (await desk.client.get("/guests/g1")).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


async def test_an_unknown_guest_is_not_found(desk: Any) -> None:
    assert (await desk.client.get("/guests/nobody")).status_code == 404
