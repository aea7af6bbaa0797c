"""What the books say, asked as the command asks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connector.domain.months import month_of
from connector.domain.reconciliation import NOTHING, Figures
from connector.jobs.closing import Terms
from connector.jobs.contracts import Partnership
from connector.jobs.figures import Line, Wanted, lines
from connector.jobs.report import JobReport
from tests.integration.earning.chain import runner_for
from tests.integration.earning.front_desk import FrontDesk

TERMS = Terms(ZoneInfo("Europe/Vienna"), timedelta(days=10))


async def told(desk: FrontDesk, *partnerships: Partnership, **wanted: Any) -> list[Line]:
    """Return the lines of the report."""
    prices = {each.name: each.price_per_mile for each in partnerships}
    return await lines(desk.database, TERMS.zone, Wanted(**wanted), prices)  # type: ignore[arg-type]


def together(found: list[Line], partner: str) -> Figures:
    """Return the sums of a partner's lines."""
    return sum((each.figures for each in found if each.slot.partner == partner), NOTHING)


async def reconcile(desk: FrontDesk, *partnerships: Partnership) -> JobReport:
    """Run the job ``reconcile`` once."""
    runner = runner_for(desk.chain(), partnerships)
    runner.terms = TERMS
    return await runner.run("reconcile")


def today(desk: FrontDesk) -> date:
    """Return the chain's day."""
    return desk.clock.moment.astimezone(TERMS.zone).date()


def month(desk: FrontDesk) -> date:
    """Return the chain's month."""
    return month_of(today(desk))
