"""loyaltyPrograms and loyaltyTiers: add, update, delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connector.sandbox.mews.filters import among
from connector.sandbox.mews.loyalty import Desk, Field, applied, existing, listed, once
from connector.sandbox.mews.reading import Answer
from connector.sandbox.mews.refusals import Refused

_PROGRAM_FIELDS = {"Name": Field(longest=100), "Type": Field(), "Subscription": Field()}
_TIER_FIELDS = {"Name": Field(longest=50), "Code": Field(longest=50), "Ordering": Field()}


def add_programs(desk: Desk, body: Mapping[str, Any]) -> Answer:
    """Add programs; a code names one program of the chain."""
    items = body["LoyaltyPrograms"]
    taken = {record.body["Code"] for record in desk.all_active("LoyaltyPrograms")}
    for index, item in enumerate(items):
        if item["Code"] in taken:
            raise Refused(f"Invalid value of 'LoyaltyPrograms[{index}].Code': '{item['Code']}' is in use.")
        taken.add(item["Code"])
    return desk.add({"ChainId": desk.access.chain, **item} for item in items)


def update_programs(desk: Desk, body: Mapping[str, Any]) -> Answer:
    """Update programs; their codes stay."""
    return _update(desk, body["LoyaltyProgramUpdates"], "LoyaltyProgram", _PROGRAM_FIELDS)


def delete_programs(desk: Desk, body: Mapping[str, Any]) -> Answer:
    """Delete programs with their tiers; refused (403) for a program that still has memberships."""
    programs = listed(desk, body["LoyaltyProgramIds"], "LoyaltyProgramIds")
    for program in programs:
        if desk.any_active("LoyaltyMemberships", among("LoyaltyProgramId", [program.id])):
            raise Refused(f"Loyalty program '{program.id}' has active memberships: it cannot be deleted.", 403)
    tiers = desk.all_active("LoyaltyTiers", among("LoyaltyProgramId", [record.id for record in programs]))
    replace(desk, kind="LoyaltyTiers").remove(tiers)
    return desk.remove(programs)


def add_tiers(desk: Desk, body: Mapping[str, Any]) -> Answer:
    """Add tiers to existing programs."""
    items = body["LoyaltyTiers"]
    programs = desk.active("LoyaltyPrograms", (item["LoyaltyProgramId"] for item in items))
    for index, item in enumerate(items):
        existing(programs, item["LoyaltyProgramId"], f"LoyaltyTiers[{index}].LoyaltyProgramId")
    return desk.add(items)


def update_tiers(desk: Desk, body: Mapping[str, Any]) -> Answer:
    """Update tiers: name, code and ordering."""
    return _update(desk, body["LoyaltyTierUpdates"], "LoyaltyTier", _TIER_FIELDS)


def delete_tiers(desk: Desk, body: Mapping[str, Any]) -> Answer:
    """Delete tiers. What becomes of memberships in them is not documented; here they keep the tier's id."""
    return desk.remove(listed(desk, body["LoyaltyTierIds"], "LoyaltyTierIds"))


def _update(desk: Desk, updates: list[dict[str, Any]], word: str, fields: Mapping[str, Field]) -> Answer:
    ids = [update[f"{word}Id"] for update in updates]
    once(ids, f"{word}Updates")
    found = desk.active(desk.kind, ids)
    revised = []
    for index, (id_, update) in enumerate(zip(ids, updates, strict=True)):
        path = f"{word}Updates[{index}]"
        record = existing(found, id_, f"{path}.{word}Id")
        revised.append((record, applied(record.body, update, fields, path)))
    return desk.revise(revised)
