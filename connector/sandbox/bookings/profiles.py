"""Guests as Mews shows them: customer records."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .clock import Clock, stamp
from .guests import Guest, guest_id
from .properties import CHAIN_ID, RECEPTION


def customer(guest: Guest, clock: Clock) -> dict[str, Any]:
    """The ``Customers`` record; a merged profile names its target, is inactive and counts as deleted."""
    touched = stamp(clock.past(guest.since + timedelta(hours=1)) if guest.merged_into else guest.since)
    record: dict[str, Any] = {
        "Id": guest.id,
        "ChainId": CHAIN_ID,
        "Number": str(guest.number),
        "FirstName": guest.first,
        "LastName": guest.last,
        "LanguageCode": guest.home.language,
        "HasOtaEmail": guest.ota,
        "Classifications": [guest.classification] if guest.classification else [],
        "Options": ["SendMarketingEmails"] if guest.number % 3 == 0 else [],
        "PreferredSpaceFeatures": [],
        "IsActive": not guest.merged_into,
        "CreatedUtc": stamp(guest.since),
        "UpdatedUtc": touched,
        "CreatorProfileId": RECEPTION,
        "UpdaterProfileId": RECEPTION,
    }
    if guest.merged_into:
        record |= {"MergeTargetId": guest_id(guest.merged_into), "_DeletedUtc": touched}
    known = {"Email": guest.email, "NationalityCode": guest.country, "LoyaltyCode": guest.loyalty_code}
    return record | {name: value for name, value in known.items() if value}
