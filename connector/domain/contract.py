"""What was agreed with one partner: which stays earn, when they are paid, and by which rules."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from connector.domain.rules import Rule, in_order

Scheme = Literal["miles_and_more", "air_miles"]
Strictness = Literal["strict", "warn", "off"]


@dataclass(frozen=True, slots=True)
class Hold:
    """How long an award waits after check-out.

    ``settled``: until the folio cannot change any more; ``after``: for ``wait``; ``none``: not at all.
    """

    kind: Literal["settled", "after", "none"] = "settled"
    wait: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Contract:
    """One partner's contract as the settings tell it.

    ``currencies`` is what the channel can take (None: any). ``location_keys`` are the property tables, ids
    and names that have a location code (None: the channel needs none). ``competing`` are the program codes
    of all partners, among which the guest's primary membership is looked for. ``accounts``: the channel
    also takes 9-digit account numbers. ``earner`` is who earns where a company owns the stay (owner: nobody).
    ``rooms`` is how many rooms of a guest on the same dates earn; with ``stitch`` reservations that overlap or adjoin
    are one stay.
    ``claim_window`` is how long after departure a missing number may be claimed. ``tier_program`` is the program
    whose tier is noted with the award. ``who_pays``: "guest" counts only items on bills of the person who earns;
    ``require_paid``: an award waits until the bills of what counts are paid.
    """

    name: str
    program_code: str
    number_scheme: Scheme
    rules: tuple[Rule, ...]
    number_check: Strictness = "warn"
    accounts: bool = False
    currencies: frozenset[str] | None = None
    hold: Hold = Hold()
    settle_timeout: timedelta = timedelta(days=90)
    start: date | None = None
    max_age: timedelta = timedelta(days=395)
    claim_window: timedelta = timedelta(days=183)
    which: Literal["primary", "all"] = "primary"
    earner: Literal["owner", "booker", "companions"] = "owner"
    rooms: int = 1
    stitch: bool = False
    competing: frozenset[str] = frozenset()
    correction: Literal["replace", "difference"] = "replace"
    correct_from: int = 1
    location_keys: frozenset[str] | None = None
    tier_program: str | None = None
    who_pays: Literal["any", "guest"] = "any"
    require_paid: bool = False

    @property
    def asks_for_bills(self) -> bool:
        """Tell whether the bills of the items must be known."""
        return self.who_pays == "guest" or self.require_paid

    @property
    def asks_for_opt_ins(self) -> bool:
        """Tell whether the partner must be asked what members opted in to."""
        return any(rule.offer for rule in self.rules)

    def fingerprint(self) -> str:
        """Return a stable hash of what a stay earns: the rules, whose bills count, and nothing else.

        Their order is part of it where one of them stops the others; elsewhere it changes nothing. When and
        whether a stay is paid may be changed without touching what was decided.
        """
        return _digest(self.rules, self.who_pays)


@lru_cache(maxsize=1024)
def _digest(rules: tuple[Rule, ...], who_pays: str) -> str:
    told = [rule.fingerprint() for rule in in_order(rules)]
    terms = [] if who_pays == "any" else [f"who_pays {who_pays}"]
    stops = any(rule.stop for rule in rules)
    text = "\n".join([*terms, *told] if stops else sorted([*terms, *told]))
    return hashlib.sha256(text.encode()).hexdigest()
