"""Guest profiles (Connector API: customers)."""

from __future__ import annotations

from connector.domain.loyalty import Guest
from connector.mews.payloads.records import Record, flag, moment, optional_text, text, texts


def guest(record: Record) -> Guest:
    """Read a guest profile. A new classification passes: rules only look for those that they name."""
    return Guest(
        id=text(record, "Id"),
        active=flag(record, "IsActive"),
        merge_target_id=optional_text(record, "MergeTargetId"),
        has_ota_email=flag(record, "HasOtaEmail"),
        updated=moment(record, "UpdatedUtc"),
        classifications=texts(record, "Classifications"),
        loyalty_code=optional_text(record, "LoyaltyCode"),
        email=optional_text(record, "Email"),
        first_name=optional_text(record, "FirstName"),
        last_name=optional_text(record, "LastName"),
    )
