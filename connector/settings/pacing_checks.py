"""Whether the waits and hours of a partner fit each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from pydantic_core import PydanticCustomError

from connector.settings.faults import Fault
from connector.settings.keys import Path, Tables
from connector.settings.pacing import Pacing
from connector.settings.values import duration, shown, written


def faults(partner: Tables, path: Path) -> Iterator[Fault]:
    """Yield a fault for waits that shrink and quiet hours that have no length."""
    first, longest = (_wait(partner, name) for name in ("retry_from", "retry_up_to"))
    if first and longest and first > longest:
        what = f"{shown(written(longest))} is shorter than retry_from ({written(first)})"
        yield Fault((*path, "retry_up_to"), f"{what}; expected it to be as long or longer")
    quiet = partner.get("quiet_hours")
    if isinstance(quiet, dict) and "to" in quiet and quiet["to"] == quiet.get("from"):
        yield Fault(
            (*path, "quiet_hours", "to"), f"{shown(quiet['to'])} is also where they begin; expected another time"
        )


def _wait(partner: Tables, name: str) -> timedelta | None:
    """Return a wait as written, or its default; None where it cannot be read, which the model tells."""
    value: Any = partner.get(name, Pacing.model_fields[name].default)
    if isinstance(value, timedelta):
        return value
    try:
        return duration(value)
    except PydanticCustomError:
        return None
