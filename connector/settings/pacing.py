"""How fast, when and how often a partner is asked."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from connector.settings.rates import Rate
from connector.settings.section import Section
from connector.settings.values import Count, Interval, Positive, TimeOfDay


class QuietHours(Section):
    """Times of day in the chain's time zone between which nothing new is sent; they may reach over midnight."""

    from_: TimeOfDay = Field(alias="from", description="When the quiet hours begin.")
    to: TimeOfDay = Field(description="When they end.")


class Pacing(Section):
    """What every partner can be told about its pace."""

    concurrency: Positive = Field(8, le=64, description="Requests under way at once; one for a member at any time.")
    rate: Rate | None = Field(
        None, description='Most requests in a time, such as "10/s" or "600/5m", over all processes; absent: no limit.'
    )
    retry_from: Interval = Field(
        timedelta(seconds=30),
        description="Wait before a message is sent again, doubled each time; each is up to a quarter shorter.",
    )
    retry_up_to: Interval = Field(timedelta(hours=1), description="The longest of these waits.")
    max_attempts: Positive = Field(
        12, description="Attempts after which a message that fails while others go through waits for a person."
    )
    quiet_hours: QuietHours | None = Field(
        None, description="Hours in which neither a new credit nor a new reversal is sent."
    )
    outlier_factor: Count = Field(
        5, description="How many times its usual day of miles a property may give before it is paused; 0: never."
    )
    outlier_minimum: Count = Field(10_000, description="Miles in a day up to which no property is paused.")
