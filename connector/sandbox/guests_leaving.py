"""Guests who go on leaving: stays of partners' members that are over, told to Mews one after another while a demo runs.

Each is a stay of the bookings once more, by the same guest, in other nights; its bill was closed when the guest left.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

SETTLED = timedelta(days=9)  # longer than folios of these hotels can be edited
_WIRE = "%Y-%m-%dT%H:%M:%SZ"


class Leaving:
    """Check-outs at the Mews simulator at ``url``; every call of ``next`` is one more guest who left."""

    def __init__(self, url: str) -> None:
        self._url = url
        programs = {each["Id"] for each in self._records("LoyaltyPrograms") if each["Type"] == "ExternalPartner"}
        memberships = [each for each in self._records("LoyaltyMemberships") if each["State"] == "Enrolled"]
        members = {each["AccountId"] for each in memberships if each["LoyaltyProgramId"] in programs}
        stays = [each for each in self._records("Reservations") if each["State"] == "Processed"]
        self._stays = [each for each in stays if each["AccountId"] in members]
        self._items: dict[str, list[dict[str, Any]]] = {}
        for item in self._records("OrderItems"):
            self._items.setdefault(item["ServiceOrderId"], []).append(item)
        self._told = 0

    def next(self) -> str:
        """Let the next member check out; return the confirmation number."""
        stay = self._stays[-1 - self._told % len(self._stays)]
        self._told += 1
        left = datetime.now(UTC) - SETTLED - timedelta(days=self._told // len(self._stays))
        later = left - _moment(stay["ScheduledEndUtc"])
        again = {**_moved(stay, later), "Id": str(uuid4()), "Number": f"{90_000 + self._told}"}
        for item in self._items.get(stay["Id"], []):
            if item.get("AccountingState") == "Closed":
                self._add("OrderItems", {**_moved(item, later), "Id": str(uuid4()), "ServiceOrderId": again["Id"]})
        self._add("Reservations", again)
        return str(again["Number"])

    def _records(self, kind: str) -> Iterator[dict[str, Any]]:
        with urlopen(f"{self._url}/_sandbox/records?kind={kind}", timeout=30) as lines:  # noqa: S310  # our own server
            yield from map(json.loads, lines)

    def _add(self, kind: str, record: dict[str, Any]) -> None:
        body = json.dumps({"kind": kind, "record": record}).encode()
        request = Request(f"{self._url}/_sandbox/add", body, {"Content-Type": "application/json"})  # noqa: S310
        urlopen(request, timeout=30).close()  # noqa: S310  # our own server on this machine


def _moved(record: dict[str, Any], later: timedelta) -> dict[str, Any]:
    """Return a record with its moments so much later, written now."""
    moved = {
        name: (_moment(value) + later).strftime(_WIRE) if name.endswith("Utc") and value else value
        for name, value in record.items()
        if not name.startswith("_")
    }
    return moved | dict.fromkeys(("CreatedUtc", "UpdatedUtc"), datetime.now(UTC).strftime(_WIRE))


def _moment(text: str) -> datetime:
    return datetime.strptime(text, _WIRE).replace(tzinfo=UTC)
