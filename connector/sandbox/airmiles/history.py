"""The sponsor's view of the transaction history: one activity for each issuance of a request."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from connector.sandbox.airmiles.requests import Refused, Sponsor
from connector.sandbox.journal import CREDIT, Entry, Journal

LONGEST_SPAN = timedelta(days=2 * 366)
DEFAULT_SIZE = 20
Activity = dict[str, Any]


def page(journal: Journal, sponsor: Sponsor, query: Mapping[str, str]) -> dict[str, Any]:
    """A page of one Collector's activities between ``from`` and ``to``; raises ``Refused``.

    The list's name, identifiers, type and date are published; the name of the amount is that of the members'
    site, and ``page`` is the custom of the list's format. The partner's own reference is not echoed.
    """
    since, until = _moment(query, "from"), _moment(query, "to")
    if until - since > LONGEST_SPAN:
        raise Refused("to: expected at most two years after from")
    if sponsor.code not in _required(query, "sponsorList").split(","):
        found: list[Activity] = []
    else:
        entries = journal.of_member(_required(query, "collectorNumber"))
        found = [one for one in _activities(entries, sponsor) if since <= _date(one) <= until]
    return _paged(_sorted(found, query.get("sort", "transactionDate,desc")), query)


def _required(query: Mapping[str, str], name: str) -> str:
    if not query.get(name):
        raise Refused(f"{name}: missing")
    return query[name]


def _moment(query: Mapping[str, str], name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_required(query, name))
    except ValueError:
        raise Refused(f"{name}: expected a time in UTC such as 2026-01-31T10:00:00.000000Z") from None
    if moment.tzinfo is None:
        raise Refused(f"{name}: expected a time in UTC, with Z")
    return moment


def _whole(query: Mapping[str, str], name: str, otherwise: int) -> int:
    text = query.get(name, str(otherwise))
    if not text.isdigit():
        raise Refused(f"{name}: expected a whole number")
    return int(text)


def _activities(entries: Iterator[Entry], sponsor: Sponsor) -> Iterator[Activity]:
    for entry in entries:
        detail = json.loads(entry.detail)
        for number, part in enumerate(detail["issuances"]):
            yield _activity(entry, number, part, detail["checkoutDateTime"] or entry.at, sponsor)


def _activity(entry: Entry, number: int, part: Activity, at: str, sponsor: Sponsor) -> Activity:
    credit = entry.kind == CREDIT
    return {
        "transactionId": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{entry.key}/{number}")),
        "memberId": int(entry.member),
        "cardNumber": entry.member,
        "activityType": "ISSUANCE" if credit else "NEGATIVE_ISSUANCE",
        "transactionDate": at,
        "sponsorCode": sponsor.code,
        "offerDescriptionEnglish": part.get("offerDescription", ""),
        "cashMiles": abs(part["milesAmount"]) * (1 if credit else -1),
    }


def _date(activity: Activity) -> datetime:
    return datetime.fromisoformat(activity["transactionDate"])


def _sorted(found: list[Activity], order: str) -> list[Activity]:
    name, _, direction = order.partition(",")
    if name not in ("transactionDate", "sponsorCode") or direction not in ("", "asc", "desc"):
        raise Refused("sort: expected transactionDate or sponsorCode, with asc or desc")
    return sorted(found, key=lambda one: str(one[name]), reverse=direction == "desc")


def _paged(found: list[Activity], query: Mapping[str, str]) -> dict[str, Any]:
    number, size = _whole(query, "page", 0), _whole(query, "size", DEFAULT_SIZE)
    if size < 1:
        raise Refused("size: expected at least 1")
    shown = found[number * size : (number + 1) * size]
    pages = {
        "size": size,
        "totalElements": len(found),
        "totalPages": -(-len(found) // size),
        "number": number,
    }
    return {"_embedded": {"genericActivityDtoList": shown}, "page": pages}
