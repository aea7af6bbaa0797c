"""What has an id and a name (Connector API: rates, rateGroups, businessSegments, accountingCategories, sources)."""

from __future__ import annotations

from connector.domain.names import Kind, Named
from connector.mews.payloads.records import Record, optional_text, readable, text


def named(record: Record, kind: Kind, property_id: str) -> Named:
    """Read a record that has a name; some have one in each language, older ones the same as plain text."""
    return Named(kind, text(record, "Id"), names(record), property_id, optional_text(record, "GroupId"))


def names(record: Record) -> frozenset[str]:
    """Return the names in all languages; none where Mews gives none."""
    listed = record.get("Names")
    found = [record.get("Name"), *(listed.values() if isinstance(listed, dict) else ())]
    return frozenset(readable(each, "Name").strip() for each in found if isinstance(each, str) and each.strip())
