"""What Mews says by itself that something changed: the general webhook's body, and the WebSocket's messages.

Nothing in them is trusted further than that it is worth looking: an event of another kind, or one that cannot be
read, is none (Connector API, "Webhooks" and "WebSockets").
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from connector.domain.hints import KINDS, Hint, Kind
from connector.errors import Skippable

_KINDS: dict[str, Kind] = {
    "ServiceOrderUpdated": "reservation",
    "CustomerAdded": "customer",
    "CustomerUpdated": "customer",
}
_UNDER_WAY = frozenset({"Inquired", "Requested", "Optional", "Confirmed", "Started"})
"""States of a reservation that nothing is awarded for yet, so that the next reading by the schedule is early enough."""
_LONGEST = 64  # characters of an id


def of_webhook(content: bytes) -> list[Hint]:
    """Return the hints of a call of the general webhook; raises Skippable for what is no such call."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise Skippable("the body is not JSON; expected an object with Events") from None
    if not isinstance(found, dict) or not isinstance(found.get("Events"), list):
        raise Skippable("the body has no list of Events; expected an object with Events")
    return list(_changed(found["Events"], _id(found.get("EnterpriseId"))))


def _changed(events: list[Any], place: str) -> Iterator[Hint]:
    for event in events:
        if not isinstance(event, dict) or not isinstance(value := event.get("Value"), dict):
            continue
        kind, id_ = _KINDS.get(str(event.get("Discriminator"))), _id(value.get("Id"))
        if kind and id_:
            yield Hint(kind, id_, place)


def of_message(message: str | bytes, table: str) -> list[Hint]:
    """Return the hints of a message of the WebSocket of a token; none for what is no such message."""
    try:
        found = json.loads(message)
    except (ValueError, RecursionError):
        return []
    events = found.get("Events") if isinstance(found, dict) else None
    return list(_ended(events, table)) if isinstance(events, list) else []


def _ended(events: list[Any], table: str) -> Iterator[Hint]:
    for event in events:
        if not isinstance(event, dict) or event.get("Type") != "Reservation":
            continue
        state, id_ = event.get("State"), _id(event.get("Id"))
        if id_ and not (isinstance(state, str) and state in _UNDER_WAY):
            yield Hint("reservation", id_, table)


def anything(table: str) -> list[Hint]:
    """Return the hints of a time without hearing: anything may have changed."""
    return [Hint(kind, "", table) for kind in KINDS]


def _id(value: object) -> str:
    """Return an id of Mews; empty for what is none."""
    return value if isinstance(value, str) and len(value) <= _LONGEST and value.isprintable() else ""
