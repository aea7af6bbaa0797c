"""What a partner was paid in advance."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import Field

from connector.settings.section import Section
from connector.settings.values import Positive, PositiveAmount


class Prepaid(Section):
    """Credits that were bought from the partner; what is left is counted, for no partner tells it.

    ``doctor`` shows the rest, and a case in suspense is opened once when it falls below ``low_water``.
    """

    credits: Positive = Field(description="Credits that there were when since began, those bought later included.")
    since: date = Field(description="First day (in the chain's time zone) whose miles were paid from these credits.")
    low_water: Positive = Field(description="Credits below which a person is told.")
    per_mile: PositiveAmount = Field(
        Decimal(1), description="Credits that a mile costs: what they are counted in is the partner's to say."
    )
