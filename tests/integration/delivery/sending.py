"""Running deliveries, whole ones and those whose process ends in the middle."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.jobs import deliver as delivery
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.report import JobReport, summary
from connector.ports import PartnerRequest, Receipt
from tests.integration.earning.chain import (
    runner_for,
)


def members(count: int) -> list[str]:
    return [f"99200000000{number:04}" for number in range(count)]


def collectors(count: int) -> list[str]:
    return [f"8000000{number:04}" for number in range(count)]


async def deliver(chain: Chain, *partnerships: Partnership) -> JobReport:
    return await runner_for(chain, partnerships).run("deliver")


async def miles_given(chain: Chain, *names: str) -> dict[str, int]:
    """Return what ``sync`` tells of the miles."""
    return (await summary(chain, names, [])).miles


class Dying:
    """A channel whose process ends at a point that a test chooses."""

    def __init__(self, channel: Any, *, sends: bool) -> None:
        self.name, self.capabilities, self.books = channel.name, channel.capabilities, channel.books
        self.compose, self._channel, self._sends = channel.compose, channel, sends

    async def deliver(self, request: PartnerRequest, *, again: bool) -> Receipt:
        if self._sends:
            await self._channel.deliver(request, again=again)
        raise KilledError


class KilledError(Exception):
    """The process ends here."""


async def dies(chain: Chain, partnership: Partnership, *, sends: bool) -> None:
    """Run a delivery whose process ends at its first request, before or after the partner got it."""
    dying = replace(partnership, channel=Dying(partnership.channel, sends=sends))  # type: ignore[arg-type]
    with pytest.raises(ExceptionGroup):
        await delivery.deliver(chain, dying, runner_for(chain, [dying]).breakers[dying.name])
