"""The second road as configured: one partner's contract, and how its messages are sent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from connector.domain.contract import Contract
from connector.ports import Partner


@dataclass(frozen=True, slots=True)
class Partnership:
    """A partner: its contract (what a stay earns) and its channel (how that is said).

    ``daily_ceiling`` is in miles (None: no bound outside live mode); ``description`` appears on statements where the
    channel has a field for it. ``display_name`` is what guests call the partner, ``price_per_mile`` what a mile costs
    the hotel in the money that the partner bills in (None: not told).
    """

    contract: Contract
    channel: Partner
    mode: Literal["shadow", "test", "live"]
    unit: str
    daily_ceiling: int | None = None
    description: str = ""
    concurrency: int = 4
    display_name: str = ""
    price_per_mile: Decimal | None = None

    @property
    def name(self) -> str:
        """The partner's name in the settings."""
        return self.contract.name
