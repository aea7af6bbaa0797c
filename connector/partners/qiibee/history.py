"""Counting the transactions of a user: GET /transactions, a hundred to a page ("Points Exchange", "Points Bank").

Published are the list's name, its total and how it is asked for; of a transaction neither fields nor statuses are. So a
status is understood only where the settings name it: with any other one in it, the list does not tell what moved.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from connector.partners.qiibee.terms import Terms
from connector.telemetry import redact

PAGE = 100  # documented as the most, and as what comes unless asked for less
MOST_PAGES = 1000
_LIST, _TOTAL = "transactions", "total_tx_count"
_USER = ("user_auth_id", "auth_id")

Read = Callable[[str], Awaitable[object]]
"""Asks for a path below the endpoint; returns the decoded answer."""


class Unreadable(ValueError):
    """The list does not tell how many transactions a user has."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many transactions a user has, and how many of them moved no miles."""

    auth_id: str
    total: int
    unmoved: int = 0

    def __str__(self) -> str:
        return f"{self.auth_id} {self.total} {self.unmoved}"

    @classmethod
    def parse(cls, mark: str) -> Self:
        """Read what ``str`` wrote; raises ValueError for anything else."""
        auth_id, total, unmoved = mark.split(" ")
        return cls(auth_id, int(total), int(unmoved))


async def tally(read: Read, auth_id: str, terms: Terms) -> Tally:
    """Count a user's transactions, page by page; raises Unreadable, and what ``read`` raises."""
    found: list[object] = []
    for _ in range(MOST_PAGES):
        answer = await read(f"transactions?{_query(auth_id, terms, len(found))}")
        entries, total = _entries(answer), _total(answer) if terms.check_total else None
        _refuse_others(entries, auth_id)
        found += entries
        if not entries or (len(entries) < PAGE and (total is None or len(found) >= total)):
            return Tally(auth_id, _agreed(len(found), total), _unmoved(found, terms))
    raise Unreadable("its list of transactions has no end")


def _query(auth_id: str, terms: Terms, offset: int) -> str:
    asked: dict[str, str | int] = {"user_auth_id": auth_id, "limit": PAGE, "offset": offset}
    if terms.history_type:
        asked[terms.types_parameter] = terms.history_type
    if terms.history_brand:
        asked["token_id"] = terms.brand_a_token if terms.history_brand == "a" else terms.brand_b_token
    return urlencode(asked)


def _agreed(count: int, total: int | None) -> int:
    if total is not None and total != count:
        raise Unreadable(f"its list holds {count} transactions, and tells of {total}; check_total says more")
    return count


def _entries(answer: object) -> list[object]:
    inner = answer.get(_LIST, _inside(answer)) if isinstance(answer, Mapping) else answer
    if isinstance(inner, list):
        return inner
    if isinstance(inner, Mapping):
        return _entries(inner)
    raise Unreadable("its answer holds no list of transactions")


def _total(answer: object) -> int | None:
    if not isinstance(answer, Mapping):
        return None
    told = answer.get(_TOTAL)
    return told if type(told) is int else _total(_inside(answer))


def _inside(answer: Mapping[str, object]) -> object:
    """Return the one object within an answer that may be its envelope."""
    objects = [each for each in answer.values() if isinstance(each, Mapping)]
    return objects[0] if len(objects) == 1 else None


def _refuse_others(entries: list[object], auth_id: str) -> None:
    """Refuse a list that was not narrowed down to the user, where its entries say whose they are."""
    for entry in entries:
        named = [entry[name] for name in _USER if name in entry] if isinstance(entry, Mapping) else []
        if any(isinstance(each, str) and each != auth_id for each in named):
            raise Unreadable("its list holds transactions of other users")


def _unmoved(entries: list[object], terms: Terms) -> int:
    return sum(_is_unmoved(each, terms) for each in entries if isinstance(each, Mapping))


def _is_unmoved(entry: Mapping[str, object], terms: Terms) -> bool:
    """Tell whether a transaction moved no miles and never will; raises Unreadable where its status does not say."""
    if terms.status_field not in entry:
        return False
    told = entry[terms.status_field]
    status = told if isinstance(told, str) else json.dumps(told)
    if status.casefold() in terms.moved | terms.unmoved:
        return status.casefold() in terms.unmoved
    shown = "no word" if isinstance(told, Mapping | list) else repr(redact.scrub(status)[:40])
    raise Unreadable(f"the {terms.status_field} of one is {shown}, in neither moved_statuses nor unmoved_statuses")
