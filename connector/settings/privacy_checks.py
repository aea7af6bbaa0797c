"""Whether what is kept of stays and awards is kept for as long as partners pay for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from connector.settings.faults import Fault
from connector.settings.keys import Tables
from connector.settings.partners import Partner
from connector.settings.privacy import Retention
from connector.settings.values import delay, duration

_PAID_FOR = ("max_age", "claim_window")


def faults(tables: Tables) -> Iterator[Fault]:
    """Yield a fault for each term that ends while a stay could still be paid: its award would be made again."""
    privacy, partners = tables.get("privacy"), tables.get("partners")
    kept = privacy.get("retention") if isinstance(privacy, dict) else None
    for name in ("stays", "awards"):
        term = _read(delay, (kept if isinstance(kept, dict) else {}).get(name), Retention.model_fields[name].default)
        for partner, told in (partners if isinstance(partners, dict) else {}).items():
            for limit in _PAID_FOR:
                given = told.get(limit) if isinstance(told, dict) else None
                paid = _read(duration, given, Partner.model_fields[limit].default)
                if isinstance(term, timedelta) and isinstance(paid, timedelta) and term < paid:
                    what = f"is shorter than partners.{partner}.{limit} ({paid.days} days)"
                    yield Fault(("privacy", "retention", name), f"{what}; expected at least as long")


def _read(reader: Any, given: object, default: object) -> object:
    try:
        return default if given is None else reader(given)
    except ValueError:  # told where the value itself is judged
        return None
