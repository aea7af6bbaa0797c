"""Guest profiles (Connector API: customers)."""

from __future__ import annotations

from msgspec import Struct

from connector.domain.loyalty import Guest
from connector.mews.payloads.records import Documented, Record, Required, flag, moment, optional_text, text, texts
from connector.mews.times import read_moment


class _Customer(Struct, rename="pascal", gc=False):
    """A profile as the contract documents it."""

    id: Required
    is_active: bool
    updated_utc: Required
    has_ota_email: bool | None = None
    merge_target_id: str | None = None
    classifications: list[str] | None = None
    loyalty_code: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None

    def guest(self) -> Guest:
        return Guest(
            self.id,
            self.is_active,
            self.merge_target_id or None,
            self.has_ota_email is not False,
            read_moment(self.updated_utc),
            frozenset(self.classifications or ()),
            self.loyalty_code or None,
            self.email or None,
            self.first_name or None,
            self.last_name or None,
        )


def _judged(record: Record) -> Guest:
    return Guest(
        id=text(record, "Id"),
        active=flag(record, "IsActive"),
        merge_target_id=optional_text(record, "MergeTargetId"),
        has_ota_email=record.get("HasOtaEmail") is None or flag(record, "HasOtaEmail"),
        updated=moment(record, "UpdatedUtc"),
        classifications=texts(record, "Classifications"),
        loyalty_code=optional_text(record, "LoyaltyCode"),
        email=optional_text(record, "Email"),
        first_name=optional_text(record, "FirstName"),
        last_name=optional_text(record, "LastName"),
    )


guest = Documented(_Customer, _Customer.guest, _judged)
"""Reads a guest profile. A new classification passes: rules only look for those that they name.

An e-mail of which Mews does not say whose it is counts as one of a travel agency: nobody is matched by it.
"""
