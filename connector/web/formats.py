"""How moments, numbers and states are written on pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from connector.domain.ledger import State
from connector.domain.ruling import Status
from connector.jobs.report import JobOutcome

_NOTHING = Markup('<span class="soft">–</span>')
_GOOD = {State.CREDITED, State.ACCEPTED, Status.AWARDED, JobOutcome.OK, "Enrolled"}
_WARN = {State.IN_DOUBT, State.HELD, Status.WAITING, JobOutcome.PARTIAL, JobOutcome.SKIPPED, "interrupted"}
_BAD = {State.SUSPENDED, State.REFUSED, JobOutcome.FAILED}
_STEPS = ((timedelta(minutes=2), "s", 1), (timedelta(hours=2), "min", 60), (timedelta(days=2), "h", 3600))


@pass_context
def local(context: Context, moment: datetime | None, form: str = "%Y-%m-%d %H:%M") -> Markup:
    """Write a moment by the chain's clock; of today only the time."""
    if moment is None:
        return _NOTHING
    zone: ZoneInfo = context["zone"]
    there = moment.astimezone(zone)
    today = form.startswith("%Y") and there.date() == context["now"].astimezone(zone).date()
    text = f"{there:%H:%M}" if today else f"{there:{form}}"
    exact = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return Markup('<time datetime="{0}" title="{1:%Y-%m-%d %H:%M:%S %Z}">{2}</time>').format(exact, there, text)


@pass_context
def ago(context: Context, moment: datetime | None) -> Markup:
    """Write how long ago a moment was, or in how long it comes."""
    if moment is None:
        return _NOTHING
    past = context["now"] - moment
    text = duration(abs(past))
    return escape(f"{text} ago" if past >= timedelta(0) else f"in {text}")


def duration(span: timedelta) -> str:
    """Write how long something takes, in its largest fitting unit."""
    for below, unit, seconds in _STEPS:
        if span < below:
            return f"{int(span.total_seconds()) // seconds} {unit}"
    return f"{span.days} days"


def thousands(number: int) -> str:
    """Write a whole number with its thousands apart."""
    return f"{number:,}".replace("-", "−")


def words(code: str) -> str:
    """Write a code as words."""
    return code.replace("_", " ")


def tone(state: str) -> str:
    """Return the colour in which a state is shown; "" for the plain one."""
    if state in _GOOD:
        return "good"
    return "warn" if state in _WARN else "bad" if state in _BAD else ""


FILTERS: Mapping[str, Callable[..., Any]] = {
    "local": local,
    "ago": ago,
    "duration": duration,
    "thousands": thousands,
    "words": words,
    "tone": tone,
}
