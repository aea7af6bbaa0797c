"""What goes on at the hotels of a chain while a campaign runs: guests leave, folios are corrected, members change."""

from __future__ import annotations

import csv
import json
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

from tests.acceptance.road import shown
from tests.campaigns.estate import Hotel

_WIRE = "%Y-%m-%dT%H:%M:%SZ"
_APART = timedelta(days=25)  # longer than a stay, so that nobody stays twice in one night
_LATEST = timedelta(days=9)  # longer than a folio can be edited
_ROUNDS = 12  # of so many stays of one guest; they would be older than a contract takes


@dataclass(slots=True)
class FrontOffice:
    """The desk of every hotel. ``left``, ``corrected`` and ``changed`` count what it did."""

    url: str
    members: Path
    hotels: Sequence[Hotel]
    chance: random.Random
    left: int = 0
    corrected: int = 0
    changed: int = 0
    _stays: list[dict[str, Any]] = field(default_factory=list)
    _items: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _told: list[dict[str, Any]] = field(default_factory=list)
    _places: dict[str, Hotel] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Learn who is a partner's member and stayed before."""
        programs = {each["Id"] for each in self._records("LoyaltyPrograms") if each["Type"] == "ExternalPartner"}
        memberships = [each for each in self._records("LoyaltyMemberships") if each["State"] == "Enrolled"]
        guests = {each["AccountId"] for each in memberships if each["LoyaltyProgramId"] in programs}
        stays = [each for each in self._records("Reservations") if each["State"] == "Processed"]
        self._stays = [each for each in stays if each["AccountId"] in guests]
        self._places = {each.enterprise: each for each in self.hotels if each.table == each.of}
        for item in self._records("OrderItems"):
            if item.get("AccountingState") == "Closed":
                self._items.setdefault(item["ServiceOrderId"], []).append(item)

    def check_out(self, only: str = "") -> bool:
        """Let a member leave one of the hotels, or a copy of ``only``; False when all of them stayed often enough."""
        stays = [each for each in self._stays if only in ("", self._of(each))]
        turn = self.left // len(stays)
        if turn >= _ROUNDS:
            return False
        stay = stays[self.left % len(stays)]
        self.left += 1
        hotel = self.chance.choice([each for each in self.hotels if each.of == self._of(stay)])
        later = datetime.now(UTC) - _LATEST - turn * _APART - _moment(stay["ScheduledEndUtc"])
        again = hotel.own(_moved(stay, later)) | {"Id": str(uuid4()), "Number": f"{500_000 + self.left}"}
        for item in self._items.get(stay["Id"], []):
            moved = hotel.own(_moved(item, later)) | {"Id": str(uuid4()), "ServiceOrderId": again["Id"]}
            self._post("add", kind="OrderItems", record=moved)
            if moved.get("Type") == "SpaceOrder" and hotel.of == "montreal":
                self._told.append(moved)
        self._post("add", kind="Reservations", record=again)
        return True

    def correct_folio(self) -> None:
        """Give back half a night of somebody who left, where the partner takes corrections."""
        if not self._told:
            return
        item = self._told.pop(self.chance.randrange(len(self._told)))
        self._post("edit", kind="OrderItems", id=item["Id"], changes={"Amount": _half(item["Amount"])})
        self.corrected += 1

    def change_members(self, count: int) -> None:
        """Give some members of the scheme other points; the file is replaced whole, as a scheme would."""
        with self.members.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            columns, rows = list(reader.fieldnames or ()), list(reader)
        for row in self.chance.sample(rows, min(count, len(rows))):
            row["points"] = str(self.chance.randrange(100_000))
            self.changed += 1
        fresh = self.members.with_suffix(".new")
        with fresh.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        os.replace(fresh, self.members)

    def _of(self, stay: dict[str, Any]) -> str:
        return self._places[stay["_EnterpriseId"]].table

    def _records(self, kind: str) -> Iterator[dict[str, Any]]:
        return shown(self.url, kind)

    def _post(self, act: str, **body: Any) -> None:
        send(f"{self.url}/_sandbox/{act}", body)


def _half(amount: Any) -> Any:
    """Return an amount with half of every value in it, its taxes included."""
    if isinstance(amount, dict):
        return {name: _half(value) for name, value in amount.items()}
    if isinstance(amount, list):
        return [_half(each) for each in amount]
    return amount / 2 if isinstance(amount, int | float) else amount


def send(url: str, body: Any = None, *, method: str = "POST") -> None:
    """Ask a control endpoint of the sandbox to do something."""
    content = None if body is None else json.dumps(body).encode()
    urlopen(Request(url, content, {"Content-Type": "application/json"}, method=method), timeout=60).close()


def _moved(record: dict[str, Any], later: timedelta) -> dict[str, Any]:
    """Return a record with its moments so much later, written now."""
    moved = {
        name: (_moment(value) + later).strftime(_WIRE) if name.endswith("Utc") and value else value
        for name, value in record.items()
        if not name.startswith("_") or name == "_EnterpriseId"
    }
    return moved | dict.fromkeys(("CreatedUtc", "UpdatedUtc"), datetime.now(UTC).strftime(_WIRE))


def _moment(text: str) -> datetime:
    return datetime.strptime(text, _WIRE).replace(tzinfo=UTC)
