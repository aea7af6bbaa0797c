"""Programs, tiers and memberships (Connector API: loyaltyPrograms, loyaltyTiers, loyaltyMemberships)."""

from __future__ import annotations

from connector.domain.loyalty import Membership, Program, Tier
from connector.domain.numbers import keepable
from connector.mews.payloads.records import (
    Record,
    flag,
    optional_date,
    optional_text,
    optional_whole,
    text,
    whole,
    word,
)

MEMBERSHIP_STATES = frozenset({"New", "Pending", "Enrolled", "Canceled", "Declined"})


def program(record: Record) -> Program:
    """Read a loyalty program. Type and subscription are only compared, so new values of them pass."""
    return Program(
        id=text(record, "Id"),
        code=text(record, "Code"),
        name=text(record, "Name"),
        type=text(record, "Type"),
        subscription=text(record, "Subscription"),
    )


def tier(record: Record) -> Tier:
    """Read a loyalty tier."""
    return Tier(
        id=text(record, "Id"),
        program_id=text(record, "LoyaltyProgramId"),
        code=text(record, "Code"),
        name=text(record, "Name"),
        ordering=whole(record, "Ordering"),
    )


def membership(record: Record) -> Membership:
    """Read a membership; ``ActivityState`` and ``DeletedUtc`` count where Mews sends them already.

    A number that looks like a payment card goes no further than this.
    """
    return Membership(
        id=text(record, "Id"),
        account_id=text(record, "AccountId"),
        program_id=text(record, "LoyaltyProgramId"),
        state=word(record, "State", MEMBERSHIP_STATES),
        is_primary=flag(record, "IsPrimary"),
        number=keepable(optional_text(record, "MembershipNumber")),
        points=optional_whole(record, "Points"),
        expires_on=optional_date(record, "ExpirationDate"),
        tier_id=optional_text(record, "LoyaltyTierId"),
        provider_id=optional_text(record, "ProviderMembershipId"),
        url=optional_text(record, "Url"),
        deleted=record.get("ActivityState") == "Deleted" or record.get("DeletedUtc") is not None,
    )
