"""A partner in memory, which writes down what it is told and when."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

from connector.domain.awards import Credit, Kind
from connector.ports import Books, Capabilities, Outcome, PartnerRequest, Receipt


class Channel:
    """``given`` holds (reservation id, signed miles, moment) of every effect."""

    name = "a partner in memory"
    books: Books | None = None

    def __init__(self, *, reverses: bool, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.capabilities = Capabilities(reverses=reverses, idempotent=True)
        self.given: list[tuple[str, int, datetime]] = []
        self._now, self._seen = now, set[str]()

    def compose(self, credit: Credit) -> PartnerRequest:
        """Write the stay and its signed miles."""
        sign = 1 if credit.kind is Kind.CREDIT else -1
        return PartnerRequest("/", json.dumps([str(credit.key), credit.reservation_id, sign * credit.miles]).encode())

    async def deliver(self, request: PartnerRequest, *, again: bool) -> Receipt:
        """Take every key once."""
        key, stay, miles = json.loads(request.content)
        if key not in self._seen:
            self._seen.add(key)
            self.given.append((stay, miles, self._now()))
        return Receipt(Outcome.CREDITED)

    async def aclose(self) -> None:
        """Nothing is open."""
