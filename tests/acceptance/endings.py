"""What must be the same at the end of a run, whatever happened on the way."""

from __future__ import annotations

from typing import Any

from tests.acceptance.road import PARTNERS, Road, credits_at, repeated, shown

SHOWN = ("MembershipNumber", "State", "IsPrimary", "Points", "ExpirationDate", "ProviderMembershipId", "Url")


def ending(road: Road, summary: Any) -> dict[str, Any]:
    """Return the end state: of the ledger, of the decisions, at the partners and in Mews; no ids drawn by chance."""
    return {
        "summary": {name: summary[name] for name in ("awards", "stays", "miles", "suspense")},
        "messages": sorted(road.rows("SELECT key, partner, kind, revision, miles, state FROM message")),
        "decisions": sorted(road.rows("SELECT partner, reservation_id, status, reason FROM decision")),
        "links": sorted(road.rows("SELECT member_id, account_id FROM link WHERE unlinked_at IS NULL")),
        "lanes and leases": road.rows("SELECT message_key FROM lane") + road.rows("SELECT name FROM lease"),
        "intents": road.rows("SELECT account_id FROM intent"),
        "memberships": memberships(road),
        "partners": {partner: _effects(road, partner) for partner in PARTNERS},
    }


def memberships(road: Road) -> list[tuple[Any, ...]]:
    """Return the living memberships in Mews: guest, program, tier, and the fields that the connector writes."""
    mews = road.urls["mews"]
    programs = {each["Id"]: each["Code"] for each in shown(mews, "LoyaltyPrograms")}
    tiers = {each["Id"]: each["Code"] for each in shown(mews, "LoyaltyTiers")}
    found = [each for each in shown(mews, "LoyaltyMemberships") if not each["_Deleted"]]
    return sorted(
        (
            each["AccountId"],
            programs[each["LoyaltyProgramId"]],
            tiers.get(each.get("LoyaltyTierId") or "", ""),
            *(str(each.get(name)) for name in SHOWN),
        )
        for each in found
    )


def duplicates(road: Road) -> list[Any]:
    """Return whatever was done twice: a membership of one guest in one program, an award at a partner."""
    twice = repeated([(account, program) for account, program, *_ in memberships(road)])
    for partner in PARTNERS:
        stays = dict(road.rows("SELECT message.key, root_id FROM message JOIN award ON award.id = award_id"))
        twice += repeated([(partner, stays[key]) for key, *_ in _effects(road, partner)])
    return twice


def _effects(road: Road, partner: str) -> list[tuple[Any, ...]]:
    return sorted((each["key"], each["member"], each["miles"], each["kind"]) for each in credits_at(road.urls, partner))
