"""loyaltyMemberships: add, update, delete."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from connector.sandbox.mews.loyalty import Desk, Field, applied, existing, listed, once
from connector.sandbox.mews.reading import Answer
from connector.sandbox.mews.records import Record
from connector.sandbox.mews.refusals import Refused

_BY_CONNECTOR = {"Discriminator": "Integration"}

Found = Mapping[str, Record]


def add_memberships(desk: Desk, body: Mapping[str, Any]) -> Answer:
    """Add memberships of active guests in existing programs.

    A second membership of a guest in a program is not refused: that is what an add repeated after a lost
    answer makes.
    """
    items = body["LoyaltyMemberships"]
    guests = desk.active("Customers", (item["AccountId"] for item in items))
    programs, tiers = _catalogue(desk, items)
    for index, item in enumerate(items):
        path = f"LoyaltyMemberships[{index}]"
        existing(guests, item["AccountId"], f"{path}.AccountId")
        _check_places(item, programs, tiers, path)
        if item.get("ExpirationDate") is not None:
            _check_date(item["ExpirationDate"], f"{path}.ExpirationDate")
    return desk.add(_begun(desk, item) for item in items)


def _begun(desk: Desk, item: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in item.items() if value is not None}
    author = {"CreatorProfile": _BY_CONNECTOR, "UpdaterProfile": _BY_CONNECTOR}
    return {"ChainId": desk.access.chain, "State": "Enrolled", **given, **author}


def update_memberships(desk: Desk, body: Mapping[str, Any]) -> Answer:
    """Update memberships; the tier must belong to the program that the membership then is in."""
    updates = body["LoyaltyMembershipUpdates"]
    ids = [update["LoyaltyMembershipId"] for update in updates]
    once(ids, "LoyaltyMembershipUpdates")
    found = desk.active(desk.kind, ids)
    revised = [_revised(found, update, index) for index, update in enumerate(updates)]
    programs, tiers = _catalogue(desk, [body for _, body in revised])
    for index, (update, (_, after)) in enumerate(zip(updates, revised, strict=True)):
        if update.get("LoyaltyTierId") is not None or update.get("LoyaltyProgramId") is not None:
            _check_places(after, programs, tiers, f"LoyaltyMembershipUpdates[{index}]")
    return desk.revise(revised)


def _revised(found: Found, update: Mapping[str, Any], index: int) -> tuple[Record, dict[str, Any]]:
    path = f"LoyaltyMembershipUpdates[{index}]"
    record = existing(found, update["LoyaltyMembershipId"], f"{path}.LoyaltyMembershipId")
    return record, applied(record.body, update, _FIELDS, path) | {"UpdaterProfile": _BY_CONNECTOR}


def delete_memberships(desk: Desk, body: Mapping[str, Any]) -> Answer:
    """Delete memberships."""
    return desk.remove(listed(desk, body["LoyaltyMembershipIds"], "LoyaltyMembershipIds"))


def _catalogue(desk: Desk, items: list[dict[str, Any]]) -> tuple[Found, Found]:
    programs = desk.active("LoyaltyPrograms", (item["LoyaltyProgramId"] for item in items))
    return programs, desk.active("LoyaltyTiers", (item.get("LoyaltyTierId") for item in items))


def _check_places(item: Mapping[str, Any], programs: Found, tiers: Found, path: str) -> None:
    program = existing(programs, item["LoyaltyProgramId"], f"{path}.LoyaltyProgramId")
    if (tier_id := item.get("LoyaltyTierId")) is None:
        return
    tier = existing(tiers, tier_id, f"{path}.LoyaltyTierId")
    if tier.body["LoyaltyProgramId"] != program.id:
        raise Refused(f"Invalid value of '{path}.LoyaltyTierId': '{tier_id}' belongs to another program.")


def _check_date(value: str, path: str) -> None:
    try:
        date.fromisoformat(value[:10])
    except ValueError:
        raise Refused(f"Invalid value of '{path}': a date such as 2026-12-31 is expected.") from None


def _check_whole(value: float, path: str) -> None:
    if value != int(value):
        raise Refused(f"Invalid value of '{path}': a whole number is expected.")


_FIELDS = {
    "State": Field(),
    "IsPrimary": Field(),
    "LoyaltyProgramId": Field(),
    "LoyaltyTierId": Field(clearable=True),
    "MembershipNumber": Field(clearable=True, longest=255),
    "ProviderMembershipId": Field(clearable=True, longest=100),
    "Points": Field(clearable=True, check=_check_whole),
    "ExpirationDate": Field(clearable=True, check=_check_date),
    "Url": Field(clearable=True),
}
