"""A record as the sandbox keeps it: what the API returns, and what it does not show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.sandbox.mews import contract
from connector.sandbox.mews.instants import canonical, wire
from connector.sandbox.mews.kinds import KINDS, Kind

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Row = tuple[str, str | None, str, str, str | None, str, str]


@dataclass(frozen=True, slots=True)
class Record:
    """One record: ``body`` as answered, ``side`` the underscored keys that belong to no column."""

    body: dict[str, Any]
    side: dict[str, Any]
    owner: str | None  # enterprise or chain; None until it is found through another record
    created: str
    updated: str
    deleted: str | None

    @property
    def id(self) -> str:
        """The record's id."""
        return str(self.body["Id"])

    def row(self) -> Row:
        """Return the values of the table's columns, in order."""
        return (
            self.id,
            self.owner,
            self.created,
            self.updated,
            self.deleted,
            _encode(self.body),
            _encode(self.side) if self.side else "{}",
        )

    def whole(self) -> dict[str, Any]:
        """Return body and side keys together, as ``take`` accepts them, and whether it is deleted."""
        times = {"_CreatedUtc": self.created, "_UpdatedUtc": self.updated, "_DeletedUtc": self.deleted}
        own = {"_EnterpriseId": self.owner, "_Deleted": self.deleted is not None}
        return {**self.body, **self.side, **times, **own}


def text(body: Any) -> str:
    """Write a value as it is stored and answered."""
    return _encode(body)


def stored(row: Row) -> Record:
    """Rebuild a record from its row."""
    _, owner, created, updated, deleted, body, side = row
    return Record(json.loads(body), json.loads(side), owner, created, updated, deleted)


def take(kind: str, record: Mapping[str, Any], now: datetime) -> Record:
    """Split a loaded record into what is answered and what is the sandbox's own; times default to ``now``.

    Raises KeyError for an unknown kind.
    """
    body = {name: value for name, value in record.items() if name[0] != "_"}
    side = {name: value for name, value in record.items() if name[0] == "_"}
    side.pop("_Deleted", None)
    owner = side.pop("_EnterpriseId", None) or body.get(KINDS[kind].owner)
    updated = _time(side.pop("_UpdatedUtc", None) or body.get("UpdatedUtc"), now)
    created = _time(side.pop("_CreatedUtc", None) or body.get("CreatedUtc"), now, updated)
    deleted = _deleted(KINDS[kind], body, side.pop("_DeletedUtc", None), updated, now)
    return Record(body, side, "" if KINDS[kind].level == "shared" else owner, created, updated, deleted)


def _time(value: str | None, now: datetime, default: str = "") -> str:
    if value is None:
        return default or wire(now)
    return wire(now) if value == "now" else canonical(value)


def _deleted(kind: Kind, body: Mapping[str, Any], given: str | None, updated: str, now: datetime) -> str | None:
    if given is not None:
        return _time(given, now)
    return updated if kind.hides_inactive and body.get("IsActive") is False else None


def configured(record: Record) -> dict[str, Any]:
    """Return an enterprise as configuration/get shows it; its currency is the side key ``_Currency``."""
    known = contract.properties("configuration#enterprise")
    currency = {"Currency": record.side.get("_Currency", "EUR"), "IsDefault": True, "IsEnabled": True}
    body = {**record.body, "IsPortfolio": False, "Currencies": [currency]}
    return {name: value for name, value in body.items() if name in known}
