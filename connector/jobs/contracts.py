"""The second road as configured: one partner's contract, and how its messages are sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from connector.domain.contract import Contract
from connector.domain.numbers import Verdict, check
from connector.errors import Misconfigured
from connector.jobs.pacing import Pacing
from connector.ports import Partner


@dataclass(frozen=True, slots=True)
class Partnership:
    """A partner: its contract (what a stay earns) and its channel (how that is said).

    ``daily_ceiling`` is in miles (None: no bound outside live mode); ``description`` appears on statements where the
    channel has a field for it. ``concurrency`` is how many requests are under way at once. ``price_per_mile`` is what
    a mile costs the hotel in the money that the partner bills in (None: not told). ``display_name`` is what guests
    call the partner.
    """

    contract: Contract
    channel: Partner
    mode: Literal["shadow", "test", "live"]
    unit: str
    daily_ceiling: int | None = None
    description: str = ""
    concurrency: int = 4
    price_per_mile: Decimal | None = None
    display_name: str = ""
    pacing: Pacing = field(default_factory=Pacing)

    @property
    def name(self) -> str:
        """The partner's name in the settings."""
        return self.contract.name

    def number(self, typed: str) -> Verdict:
        """Return a member number that a person typed, canonical; raises Misconfigured for one that is none."""
        terms = self.contract
        verdict = check(terms.number_scheme, typed, terms.number_check, accounts=terms.accounts)
        if verdict.number is None:
            raise Misconfigured(f"{self.name}: the member number is not taken: {verdict.fault}")
        return verdict


def partner_called(name: str, partnerships: Sequence[Partnership]) -> Partnership:
    """Return the partner of this name; raises Misconfigured when there is none."""
    for each in partnerships:
        if each.name == name:
            return each
    names = ", ".join(each.name for each in partnerships) or "none: there is no [partners] table"
    raise Misconfigured(f"no partner is called {name!r}; expected one of: {names}")
