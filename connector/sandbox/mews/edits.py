"""What people and Mews itself do to the records: staff edits, new records, merged guests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from connector.sandbox.mews.filters import among, visible
from connector.sandbox.mews.instants import wire
from connector.sandbox.mews.kinds import KINDS
from connector.sandbox.mews.records import Record, take
from connector.sandbox.mews.refusals import Refused
from connector.sandbox.mews.state import State

_BY_STAFF = {"Discriminator": "Personal"}


def found(state: State, kind: str, id_: str) -> Record:
    """Return a record of any state. Raises Refused (404) when there is none."""
    if kind not in KINDS:
        raise Refused(f"Unknown kind '{kind}': expected one of {', '.join(KINDS)}.", 404)
    if (record := state.named(kind, [id_]).get(id_)) is None:
        raise Refused(f"{kind} '{id_}' does not exist.", 404)
    return record


def edit(state: State, kind: str, id_: str, changes: Mapping[str, Any]) -> Record:
    """Change a record as staff would; null removes a property, underscored keys are the sandbox's own.

    The update time becomes now, unless ``_UpdatedUtc`` says otherwise or nothing but ``_DeletedUtc`` changes.
    """
    record = found(state, kind, id_)
    now = wire(state.now())
    times = {} if set(changes) == {"_DeletedUtc"} else {"_UpdatedUtc": now}
    if "UpdatedUtc" in record.body and times:
        times["UpdatedUtc"] = now
    whole = {**record.whole(), **times, **_signed(record), **changes}
    kept = {name: value for name, value in whole.items() if value is not None}
    edited = take(kind, _reactivated(kind, kept, changes), state.now())
    with state.transaction():
        state.replace(kind, [edited])
    return edited


def _signed(record: Record) -> dict[str, Any]:
    return {"UpdaterProfile": _BY_STAFF} if "UpdaterProfile" in record.body else {}


def _reactivated(kind: str, whole: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Let ``IsActive`` decide on deletion when it is what changed."""
    if KINDS[kind].hides_inactive and "IsActive" in changes:
        whole.pop("_DeletedUtc", None)
    return whole


def add(state: State, kind: str, record: Mapping[str, Any]) -> Record:
    """Add a record, with an id and the present time where it has none."""
    if kind not in KINDS:
        raise Refused(f"Unknown kind '{kind}': expected one of {', '.join(KINDS)}.", 404)
    whole = {"Id": str(uuid4()), **record}
    if whole["Id"] in state.named(kind, [whole["Id"]]):
        raise Refused(f"{kind} '{whole['Id']}' exists already.", 409)
    with state.transaction():
        return state.add(kind, [whole])[0]


def merge(state: State, source: str, target: str, memberships: str = "keep") -> Record:
    """Merge one guest into another: the source becomes inactive and names the target.

    What becomes of the source's memberships is not documented: ``keep`` leaves them with the source, ``move``
    gives them to the target, ``delete`` deletes them.
    """
    if memberships not in ("keep", "move", "delete"):
        raise Refused("memberships: expected keep, move or delete.")
    found(state, "Customers", target)
    merged = edit(state, "Customers", source, {"IsActive": False, "MergeTargetId": target})
    if memberships != "keep":
        changes = {"AccountId": target} if memberships == "move" else {"_DeletedUtc": "now"}
        for record in _memberships_of(state, source):
            edit(state, "LoyaltyMemberships", record.id, changes)
    return merged


def _memberships_of(state: State, guest: str) -> list[Record]:
    return state.every("LoyaltyMemberships", [visible(None), among("AccountId", [guest], narrow=True)])
