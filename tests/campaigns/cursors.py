"""Whether a cursor is ahead of its rows: what it says was read is compared with what Mews has, record by record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.campaigns.books import Books, moment

OVERLAP = timedelta(minutes=5)  # what is read again anyway, because it may become visible late
_STREAMS = {  # kind in Mews, whether deleted ones, table of the mirror, its column that tells the version
    "memberships": ("LoyaltyMemberships", False, "membership", "state"),
    "deleted_memberships": ("LoyaltyMemberships", True, "membership", "deleted"),
    "guests": ("Customers", False, "guest", "updated"),
    "deleted_guests": ("Customers", True, "guest", "updated"),
    "reservations": ("Reservations", False, "reservation", "updated"),
    "order_items": ("OrderItems", False, "order_item", "updated"),
}


def ahead(books: Books) -> Iterator[str]:
    """A cursor says how far a stream was read: every record up to there is in the mirror, as Mews has it."""
    columns = "stream, scope, watermark, window_start, window_end, page"
    for stream, scope, watermark, start, end, page in books.rows(f"SELECT {columns} FROM cursor"):
        if stream not in _STREAMS:
            continue
        kind, deleted, table, version = _STREAMS[stream]
        mirror = dict(books.rows(f"SELECT id, {version} FROM {table}"))
        places = [each for each in books.records(kind) if each["_Deleted"] is deleted]
        own = [each for each in places if scope == "chain" or each["_EnterpriseId"] == f"e-{scope}"]
        for each in _covered(own, moment(watermark), moment(start), moment(end), page):
            if not _is_mirrored(each, version, mirror):
                yield f"{stream} of {scope} is read to {watermark} (page {page}), but {each['Id']} is not in the mirror"


def _covered(
    records: list[dict[str, Any]],
    watermark: datetime | None,
    start: datetime | None,
    end: datetime | None,
    page: str | None,
) -> Iterator[dict[str, Any]]:
    """Yield the records, newest first, that a cursor claims: to its mark, and of its open window down to the page."""
    turned = page is not None
    for each in records:
        updated = moment(each["_UpdatedUtc"])
        assert updated is not None
        is_old = watermark is not None and updated <= watermark - OVERLAP
        is_of_window = turned and end is not None and updated <= end - OVERLAP and (start is None or updated >= start)
        if is_old or is_of_window:
            yield each
        turned = turned and each["Id"] != page


def _is_mirrored(record: dict[str, Any], version: str, mirror: Mapping[str, Any]) -> bool:
    if record["Id"] not in mirror:
        return False
    known = mirror[record["Id"]]
    if version == "updated":
        told = moment(record["_UpdatedUtc"])
        assert told is not None
        return moment(known) == told
    return bool(known) if version == "deleted" else bool(known == record["State"])
