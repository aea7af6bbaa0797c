"""The Offer Service: offers to everybody, and what each Collector did about them.

What an offer is made of is not published beyond its id and states. The only tokens here are those of a client of its
own, which name the Collector in a header; without it the offers come as for the public.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any

from connector.sandbox.airmiles.requests import Refused
from connector.sandbox.journal import Entry, Journal

OFFERS = {
    "0f0e7c7a-3a53-4e57-9f6d-1b1f4f0a0001": "100 bonus miles for two nights",
    "0f0e7c7a-3a53-4e57-9f6d-1b1f4f0a0002": "Double miles in the spa",
}
_VALUES = {"SAVE": ("SAVED", "UNSAVED"), "OPT_IN": ("OPTED_IN",)}
_KIND = "offer"


class Unknown(Refused):
    """There is no such offer."""


class Shelf:
    """The offers; what Collectors do about them lies in the journal. ``clock`` gives the time in ISO 8601.

    ``ended`` are the offers that are over, and not shown any more.
    """

    def __init__(self, journal: Journal, clock: Callable[[], str], ended: Collection[str] = ()) -> None:
        self._journal = journal
        self._clock = clock
        self._ended = ended

    def page(self, query: Mapping[str, str], collector: str | None) -> dict[str, Any]:
        """A page of the offers; raises ``Refused``."""
        _expect(bool(query.get("region")), "region: missing")
        offset, limit = _whole(query, "offset", 0), _whole(query, "limit", 20)
        _expect(1 <= limit <= 96, "limit: expected 1 to 96")
        shown = [each for each in OFFERS if each not in self._ended][offset : offset + limit]
        return {"offers": [self.offer(each, collector) for each in shown]}

    def single(self, offer_id: str, query: Mapping[str, str], collector: str | None) -> dict[str, Any]:
        """One offer, or the warning that stands in its place; raises ``Refused`` and ``Unknown``."""
        _expect(bool(query.get("region")), "region: missing")
        if offer_id in self._ended:
            return {"offers": [], "warning": {"errorCode": "err-expired", "message": "The offer is over."}}
        return {"offers": [self.offer(offer_id, collector)], "warning": None}

    def offer(self, offer_id: str, collector: str | None) -> dict[str, Any]:
        """One offer, with its states where it is asked for a Collector; raises ``Unknown``."""
        if offer_id not in OFFERS:
            raise Unknown("err-not-found")
        plain: dict[str, Any] = {"id": offer_id, "title": OFFERS[offer_id]}
        return plain if collector is None else plain | {"states": self._states(offer_id, collector)}

    def set(self, offer_id: str, collector: str, content: bytes) -> None:
        """Set states of an offer for a Collector; raises ``Refused`` and ``Unknown``."""
        self.offer(offer_id, collector)
        for name, value in _pairs(content):
            _expect(
                value in _VALUES.get(name, ()), "states: expected SAVE with SAVED or UNSAVED, or OPT_IN with OPTED_IN"
            )
            detail = {"offer": offer_id, "name": name, "value": value}
            self._journal.record(
                Entry(str(uuid.uuid4()), _KIND, collector, 0, self._clock(), detail=json.dumps(detail))
            )

    def _states(self, offer_id: str, collector: str) -> list[dict[str, Any]]:
        states: dict[str, dict[str, Any]] = {}
        for entry in self._journal.of_kind(_KIND, collector):
            detail = json.loads(entry.detail)
            if detail["offer"] == offer_id:
                name, value = detail["name"], detail["value"]
                states[name] = {"name": name, "value": value, "properties": {}, "updatedAt": entry.at}
        return list(states.values())


def _pairs(content: bytes) -> list[tuple[str, str]]:
    try:
        states = json.loads(content)["states"]
        return [(each["name"], each["value"]) for each in states]
    except (ValueError, KeyError, TypeError):
        raise Refused("states: expected a list of name and value") from None


def _whole(query: Mapping[str, str], name: str, otherwise: int) -> int:
    text = query.get(name, str(otherwise))
    _expect(text.isdigit(), f"{name}: expected a whole number")
    return int(text)


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Refused(otherwise)
