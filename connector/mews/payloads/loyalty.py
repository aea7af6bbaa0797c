"""Programs, tiers and memberships (Connector API: loyaltyPrograms, loyaltyTiers, loyaltyMemberships)."""

from __future__ import annotations

from typing import Literal, get_args

from msgspec import Struct

from connector.domain.loyalty import Membership, Program, Tier
from connector.domain.numbers import keepable
from connector.mews.payloads.records import (
    Documented,
    Record,
    Required,
    Whole,
    flag,
    optional_date,
    optional_text,
    optional_whole,
    text,
    whole,
    word,
)
from connector.mews.times import read_date

_State = Literal["New", "Pending", "Enrolled", "Canceled", "Declined"]
MEMBERSHIP_STATES: frozenset[str] = frozenset(get_args(_State))


class _LoyaltyMembership(Struct, rename="pascal", gc=False):
    """A membership as the contract documents it."""

    id: Required
    account_id: Required
    loyalty_program_id: Required
    state: _State
    is_primary: bool
    membership_number: str | None = None
    points: Whole | None = None
    expiration_date: str | None = None
    loyalty_tier_id: str | None = None
    provider_membership_id: str | None = None
    url: str | None = None
    activity_state: str | None = None
    deleted_utc: str | None = None

    def membership(self) -> Membership:
        return Membership(
            self.id,
            self.account_id,
            self.loyalty_program_id,
            self.state,
            self.is_primary,
            keepable(self.membership_number or None),
            self.points,
            read_date(self.expiration_date) if self.expiration_date else None,
            self.loyalty_tier_id or None,
            self.provider_membership_id or None,
            self.url or None,
            self.activity_state == "Deleted" or self.deleted_utc is not None,
        )


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


def _judged(record: Record) -> Membership:
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


membership = Documented(_LoyaltyMembership, _LoyaltyMembership.membership, _judged)
"""Reads a membership; ``ActivityState`` and ``DeletedUtc`` count where Mews sends them already.

A number that looks like a payment card goes no further than this.
"""
