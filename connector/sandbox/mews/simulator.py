"""One simulated Mews: what happens to a request, whatever carried it."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.mews import access, contract, memberships, programs, reading
from connector.sandbox.mews.kinds import READINGS
from connector.sandbox.mews.limit import SlidingWindow
from connector.sandbox.mews.loyalty import Desk
from connector.sandbox.mews.reading import Answer
from connector.sandbox.mews.refusals import Refused
from connector.sandbox.mews.state import State

Write = Callable[[Desk, Mapping[str, Any]], Answer]

WRITES: Mapping[str, tuple[str, Write]] = {
    "loyaltyPrograms/add": ("LoyaltyPrograms", programs.add_programs),
    "loyaltyPrograms/update": ("LoyaltyPrograms", programs.update_programs),
    "loyaltyPrograms/delete": ("LoyaltyPrograms", programs.delete_programs),
    "loyaltyTiers/add": ("LoyaltyTiers", programs.add_tiers),
    "loyaltyTiers/update": ("LoyaltyTiers", programs.update_tiers),
    "loyaltyTiers/delete": ("LoyaltyTiers", programs.delete_tiers),
    "loyaltyMemberships/add": ("LoyaltyMemberships", memberships.add_memberships),
    "loyaltyMemberships/update": ("LoyaltyMemberships", memberships.update_memberships),
    "loyaltyMemberships/delete": ("LoyaltyMemberships", memberships.delete_memberships),
}

_REMEMBERED = 100_000  # arrivals


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request with valid tokens: when it came by the clock of the limit, and whether the limit let it in."""

    at: float
    token: str
    operation: str
    admitted: bool


@dataclass(frozen=True, slots=True)
class Simulator:
    """State, limit, counts and latest arrivals of one simulated Mews."""

    state: State
    window: SlidingWindow
    counts: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    arrivals: deque[Arrival] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def perform(self, operation: str, body: Mapping[str, Any]) -> Answer:
        """Do and count one request. Raises Refused."""
        counts = self.counts[operation]
        counts["calls"] += 1
        try:
            answer = self._perform(operation, body)
        except Refused as refusal:
            counts["rate_limited" if refusal.status == 429 else "refused"] += 1
            raise
        counts["ok"] += 1
        counts["records"] += answer.records
        return answer

    def _perform(self, operation: str, body: Mapping[str, Any]) -> Answer:
        token = access.authenticate(body)
        wait = self.window.admit(token)
        self.arrivals.append(Arrival(self.window.now(), token, operation, admitted=not wait))
        if wait:
            raise Refused("Too many requests.", 429, {"Retry-After": str(wait)})
        contract.request_check(operation)(body, "")
        allowed = access.authorize(self.state, token, operation, body)
        if operation == "configuration/get":
            return reading.configuration(self.state, allowed, body)
        if operation in READINGS:
            return reading.get_all(self.state, operation, allowed, body)
        kind, write = WRITES[operation]
        return write(Desk(self.state, allowed, kind), body)
