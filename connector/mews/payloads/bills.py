"""Bills (Connector API: bills/getAll)."""

from __future__ import annotations

from connector.domain.stays import Bill
from connector.mews.payloads.records import Record, optional_moment, text


def bill(record: Record) -> Bill:
    """Read a bill. New states and types pass: only what is known to be paid counts as paid."""
    return Bill(
        id=text(record, "Id"),
        account_id=text(record, "AccountId"),
        state=text(record, "State"),
        type=text(record, "Type"),
        paid=optional_moment(record, "PaidUtc"),
    )
