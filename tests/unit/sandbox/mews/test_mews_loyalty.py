from __future__ import annotations

from typing import Any

import pytest

ADD = {"AccountId": "g2", "LoyaltyProgramId": "alpen", "IsPrimary": False}


async def add(desk: Any, **more: Any) -> dict[str, Any]:
    answer = await desk.ask("loyaltyMemberships/add", LoyaltyMemberships=[{**ADD, **more}])
    return answer["LoyaltyMemberships"][0]


async def update(desk: Any, id_: str, **values: Any) -> dict[str, Any]:
    changes = {"LoyaltyMembershipId": id_, **values}
    answer = await desk.ask("loyaltyMemberships/update", LoyaltyMembershipUpdates=[changes])
    return answer["LoyaltyMemberships"][0]


async def test_an_added_membership_is_enrolled_unless_told_otherwise(desk: Any) -> None:
    assert (await add(desk))["State"] == "Enrolled"
    assert (await add(desk, State="Pending"))["State"] == "Pending"
    assert len(await desk.ids("loyaltyMemberships/getAll", AccountIds=["g2"])) == 2  # nothing forbids a second


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ({"AccountId": "nobody"}, "nobody"),
        ({"AccountId": "gone"}, "gone"),
        ({"LoyaltyProgramId": "no-program"}, "no-program"),
        ({"LoyaltyTierId": "no-tier"}, "no-tier"),
        ({"LoyaltyProgramId": "miles", "LoyaltyTierId": "gold"}, "gold"),
        ({"ExpirationDate": "tomorrow"}, "ExpirationDate"),
        ({"ProviderMembershipId": "p"}, "ProviderMembershipId"),
        ({"Code": "c"}, "Code"),
        ({"MembershipNumber": "9" * 256}, "MembershipNumber"),
    ],
)
async def test_one_bad_item_refuses_the_whole_batch(desk: Any, fault: dict[str, Any], named: str) -> None:
    status, message = await desk.refusal("loyaltyMemberships/add", LoyaltyMemberships=[ADD, {**ADD, **fault}])
    assert status == 400
    assert "LoyaltyMemberships[1]" in message
    assert named in message
    assert await desk.ids("loyaltyMemberships/getAll") == ["m1"]


async def test_a_batch_holds_at_most_1000_items(desk: Any) -> None:
    status, message = await desk.refusal("loyaltyMemberships/add", LoyaltyMemberships=[ADD] * 1001)
    assert (status, "1000" in message) == (400, True)


async def test_updates_keep_set_and_clear(desk: Any) -> None:
    made = await add(desk, Points=5, LoyaltyTierId="gold", MembershipNumber="A1")
    changed = await update(
        desk,
        made["Id"],
        Points={"Value": 9},
        LoyaltyTierId={"Value": None},
        ProviderMembershipId={"Value": "p"},
    )
    assert (changed["Points"], changed["LoyaltyTierId"], changed["MembershipNumber"]) == (9, None, "A1")
    assert changed["ProviderMembershipId"] == "p"


@pytest.mark.parametrize(
    "values",
    [
        {"State": {"Value": None}},
        {"IsPrimary": {"Value": None}},
        {"Points": {"Value": 1.5}},
        {"ProviderMembershipId": {"Value": "p" * 101}},
        {"LoyaltyTierId": {"Value": "gold"}},  # a tier of another program
        {"Code": {"Value": "c"}},
        {"Points": 5},
    ],
)
async def test_updates_that_mews_would_not_take_are_refused(desk: Any, values: dict[str, Any]) -> None:
    changes = [{"LoyaltyMembershipId": "m1", **values}]
    assert (await desk.refusal("loyaltyMemberships/update", LoyaltyMembershipUpdates=changes))[0] == 400


async def test_an_update_moves_the_hidden_update_time_and_a_deletion_does_not(desk: Any) -> None:
    await update(desk, "m1", Points={"Value": 1})
    moved = desk.state.named("LoyaltyMemberships", ["m1"])["m1"].updated
    assert moved > "2026-03-01T00:00:00Z"
    await desk.control("clock", offset_seconds=3600)
    await desk.ask("loyaltyMemberships/delete", LoyaltyMembershipIds=["m1"])
    gone = desk.state.named("LoyaltyMemberships", ["m1"])["m1"]
    assert gone.updated == moved
    assert gone.deleted is not None


async def test_deleted_memberships_are_listed_only_when_asked_and_cannot_be_changed(desk: Any) -> None:
    await desk.ask("loyaltyMemberships/delete", LoyaltyMembershipIds=["m1"])
    assert await desk.ids("loyaltyMemberships/getAll") == []
    assert await desk.ids("loyaltyMemberships/getAll", ActivityStates=["Deleted"]) == ["m1"]
    again = {"LoyaltyMembershipIds": ["m1"]}
    assert "m1" in (await desk.refusal("loyaltyMemberships/delete", **again))[1]


async def test_a_program_code_is_used_once(desk: Any) -> None:
    program = {"Name": "New", "Code": "NEW", "Type": "Hotel", "Subscription": "Free"}
    taken = {**program, "Code": "ALPEN"}
    assert "ALPEN" in (await desk.refusal("loyaltyPrograms/add", LoyaltyPrograms=[program, taken]))[1]
    assert (await desk.refusal("loyaltyPrograms/add", LoyaltyPrograms=[program, program]))[0] == 400
    assert len(await desk.ids("loyaltyPrograms/getAll")) == 2


async def test_a_programs_code_cannot_be_updated(desk: Any) -> None:
    changes = [{"LoyaltyProgramId": "alpen", "Code": {"Value": "X"}}]
    assert (await desk.refusal("loyaltyPrograms/update", LoyaltyProgramUpdates=changes))[0] == 400
    named = [{"LoyaltyProgramId": "alpen", "Name": {"Value": "Renamed"}}]
    answer = await desk.ask("loyaltyPrograms/update", LoyaltyProgramUpdates=named)
    assert (answer["LoyaltyPrograms"][0]["Name"], answer["LoyaltyPrograms"][0]["Code"]) == (
        "Renamed",
        "ALPEN",
    )


async def test_a_program_with_memberships_is_not_deleted(desk: Any) -> None:
    status, message = await desk.refusal("loyaltyPrograms/delete", LoyaltyProgramIds=["miles"])
    assert (status, "miles" in message) == (403, True)
    await desk.ask("loyaltyPrograms/delete", LoyaltyProgramIds=["alpen"])
    assert await desk.ids("loyaltyPrograms/getAll") == ["miles"]
    assert await desk.ids("loyaltyTiers/getAll", LoyaltyProgramIds=["alpen"]) == []


async def test_tiers_are_listed_by_program_only(desk: Any) -> None:
    assert (await desk.refusal("loyaltyTiers/getAll", Limitation={"Count": 1}))[0] == 400
    assert await desk.ids("loyaltyTiers/getAll", LoyaltyProgramIds=["alpen"]) == ["gold"]


async def test_tiers_are_added_updated_and_deleted(desk: Any) -> None:
    tier = {"LoyaltyProgramId": "miles", "Name": "Senator", "Code": "SEN", "Ordering": 1}
    made = (await desk.ask("loyaltyTiers/add", LoyaltyTiers=[tier]))["LoyaltyTiers"][0]
    changes = [{"LoyaltyTierId": made["Id"], "Code": {"Value": "SENATOR"}, "Ordering": {"Value": 3}}]
    changed = (await desk.ask("loyaltyTiers/update", LoyaltyTierUpdates=changes))["LoyaltyTiers"][0]
    assert changed == {**made, "Code": "SENATOR", "Ordering": 3}
    await desk.ask("loyaltyTiers/delete", LoyaltyTierIds=[made["Id"]])
    assert await desk.ids("loyaltyTiers/getAll", LoyaltyProgramIds=["miles"]) == []


async def test_a_merged_guest_names_its_target_and_takes_no_membership(desk: Any) -> None:
    await desk.control("merge", source="g1", target="g2")
    found = await desk.ask(
        "customers/getAll",
        Limitation={"Count": 9},
        CustomerIds=["g1"],
        ActivityStates=["Deleted"],
        Extent={"Customers": True},
    )
    assert (found["Customers"][0]["MergeTargetId"], found["Customers"][0]["IsActive"]) == ("g2", False)
    refused = await desk.refusal("loyaltyMemberships/add", LoyaltyMemberships=[{**ADD, "AccountId": "g1"}])
    assert refused[0] == 400
    assert await desk.ids("loyaltyMemberships/getAll", AccountIds=["g1"]) == ["m1"]


@pytest.mark.parametrize(("fate", "active"), [("move", ["m1"]), ("delete", [])])
async def test_a_merge_can_move_or_delete_memberships(desk: Any, fate: str, active: list[str]) -> None:
    await desk.control("merge", source="g1", target="g2", memberships=fate)
    assert await desk.ids("loyaltyMemberships/getAll", AccountIds=["g2"]) == active
    assert await desk.ids("loyaltyMemberships/getAll", AccountIds=["g1"]) == []


async def test_staff_edits_are_signed_and_move_the_update_time(desk: Any) -> None:
    await update(desk, "m1", Points={"Value": 1}, Url={"Value": "https://example.com"})
    await desk.control("clock", offset_seconds=3600)
    edited = await desk.control("edit", kind="LoyaltyMemberships", id="m1", changes={"Points": 7, "Url": None})
    assert (edited["Points"], edited["UpdaterProfile"], "Url" in edited) == (
        7,
        {"Discriminator": "Personal"},
        False,
    )
    assert edited["_UpdatedUtc"] > edited["_CreatedUtc"]


async def test_staff_can_delete_and_bring_back(desk: Any) -> None:
    await desk.control("edit", kind="LoyaltyMemberships", id="m1", changes={"_DeletedUtc": "now"})
    assert await desk.ids("loyaltyMemberships/getAll") == []
    await desk.control("edit", kind="LoyaltyMemberships", id="m1", changes={"_DeletedUtc": None})
    assert await desk.ids("loyaltyMemberships/getAll") == ["m1"]
