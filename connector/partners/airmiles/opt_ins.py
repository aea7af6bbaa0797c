"""What the Offer Service says of one Collector and one offer (OSVI), and what settings must say where it is silent.

Published are the states' names and values, and that an answer has a part ``offers`` and a ``warning`` with an
``errorCode``. How a state is dated is shown for Offer State only; whether an offer that ended is still shown with its
states, and what is left out of an answer, is not told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from connector.domain.offers import OptIn
from connector.errors import Permanent
from connector.http.answer import Answer

_OPTED_IN = "opted_in"
_CODE = re.compile("(?=.{1,40}$)[a-z]+(-[a-z]+)*", re.IGNORECASE | re.ASCII)  # as all that are published are written
_LOGIN = "err-login-required"  # the offer is shown without anybody's states


@dataclass(frozen=True, slots=True)
class Reading:
    """``dated`` is the field of a state with its time; the others say what its absence, and that of an offer, means."""

    dated: str = "updatedAt"
    undated: Literal["suspense", "counts"] = "suspense"
    not_shown: Literal["suspense", "not_opted_in"] = "suspense"

    def of(self, name: str, offer_id: str, answer: Answer) -> OptIn:
        """Return what an answer says; raises Lost for one that is no JSON, Permanent where a person must ask."""
        body = answer.json()
        warning = _warning(body)
        if warning == _LOGIN:
            raise Permanent(f"{name}: AIR MILES shows offer {offer_id} without the Collector's states ({warning})")
        shown = next((each for each in _offers(body) if _id(each) == offer_id.lower()), None)
        if shown is None:
            return self.of_absent(name, offer_id, warning or "not in the answer")
        return self._stated(name, offer_id, shown.get("states"))

    def of_absent(self, name: str, offer_id: str, said: str) -> OptIn:
        """Return what it means that an offer is not shown; raises Permanent where that is a person's matter."""
        if self.not_shown == "not_opted_in":
            return OptIn(opted_in=False)
        raise Permanent(f"{name}: AIR MILES does not show offer {offer_id} ({said}), so that an opt-in cannot be seen")

    def _stated(self, name: str, offer_id: str, states: object) -> OptIn:
        if not isinstance(states, list | None):
            raise Permanent(f"{name}: AIR MILES shows the states of offer {offer_id} in a form that is not known")
        opted = [each for each in states or () if _is_opt_in(each)]
        if not opted:
            return OptIn(opted_in=False)
        at = min((moment for each in opted if (moment := _moment(each, self.dated))), default=None)
        if at is None and self.undated == "suspense":
            raise Permanent(f"{name}: AIR MILES does not tell when the Collector opted in to offer {offer_id}")
        return OptIn(opted_in=True, at=at)


def _warning(body: object) -> str:
    found = body.get("warning") if isinstance(body, dict) else None
    code = found.get("errorCode") if isinstance(found, dict) else None
    return code.lower() if isinstance(code, str) and _CODE.fullmatch(code) else ""


def _offers(body: object) -> Iterator[Mapping[str, object]]:
    """Yield the offers of an answer: a list or a single one, alone or under ``offers``."""
    listed = body.get("offers", body) if isinstance(body, dict) else body
    yield from (each for each in (listed if isinstance(listed, list) else [listed]) if isinstance(each, dict))


def _id(offer: Mapping[str, object]) -> str:
    return str(offer.get("id") or offer.get("offerId") or "").lower()


def _is_opt_in(state: object) -> bool:
    """Tell whether a state is the opt-in; there is no value that takes one back, and letters' case does not count."""
    return isinstance(state, dict) and str(state.get("value", "")).lower() == _OPTED_IN


def _moment(state: Mapping[str, object], name: str) -> datetime | None:
    """Return when a state was set; None where that is no moment with a zone."""
    try:
        found = datetime.fromisoformat(str(state.get(name)))
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):  # OverflowError: before the year 1, or behind 9999, in UTC
        return None
