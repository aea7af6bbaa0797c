"""A partner in memory with bad days, which writes down what it is told and when."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from connector.domain.awards import Credit, Kind
from connector.errors import NotSent
from connector.ports import Books, Capabilities, Outcome, PartnerRequest, Receipt


@dataclass(frozen=True, slots=True)
class Effect:
    """Miles that moved: positive to the member, negative from there."""

    stay: str
    number: str
    miles: int


class Partner:
    """``effects`` in their order; ``attempts`` are the first sends (stay, moment); ``refused`` the stays it refused."""

    name = "a partner with bad days"
    books: Books | None = None

    def __init__(self, now: Callable[[], datetime], *, reverses: bool, idempotent: bool) -> None:
        self.capabilities = Capabilities(reverses=reverses, idempotent=idempotent)
        self.effects: list[Effect] = []
        self.attempts: list[tuple[str, datetime]] = []
        self.refused: set[str] = set()
        self.faults: list[tuple[str, str]] = []  # what goes wrong next, and with what (credit, reversal)
        self._now, self._known = now, dict[str, bool]()

    def compose(self, credit: Credit) -> PartnerRequest:
        """Write down who gets what for which stay."""
        sign = 1 if credit.kind is Kind.CREDIT else -1
        body = [str(credit.key), credit.kind, credit.reservation_id, credit.member_number, sign * credit.miles]
        return PartnerRequest("/", json.dumps(body).encode())

    async def deliver(self, request: PartnerRequest, *, again: bool) -> Receipt:
        """Take every key once, unless something goes wrong."""
        key, kind, stay, number, miles = json.loads(request.content)
        if not again:
            self.attempts.append((stay, self._now()))
        fault = self._fault(kind)
        if fault == "down":
            raise NotSent("nobody answers")
        if fault == "drop":
            return Receipt(Outcome.DOUBT)
        if fault == "refuse" and key not in self._known:
            self.refused.add(stay)
            return Receipt(Outcome.UNRESOLVABLE if again else Outcome.REFUSED)
        if key not in self._known or not self.capabilities.idempotent:
            self._known[key] = True
            self.effects.append(Effect(stay, number, miles))
        return Receipt(Outcome.DOUBT if fault == "lose" else Outcome.CREDITED)

    def _fault(self, kind: str) -> str:
        for each in self.faults:
            if each[1] == kind:
                self.faults.remove(each)
                return each[0]
        return ""

    def net(self, stay: str) -> Counter[str]:
        """Return the miles of a stay by member number; those that came and went are left out."""
        sums: Counter[str] = Counter()
        for each in self.effects:
            if each.stay == stay:
                sums[each.number] += each.miles
        return Counter({number: miles for number, miles in sums.items() if miles})

    async def aclose(self) -> None:
        """Nothing is open."""
