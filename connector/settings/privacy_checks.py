"""Whether what is kept of stays and awards is kept for as long as partners pay for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from connector.settings.faults import Fault
from connector.settings.keys import Tables
from connector.settings.partners import Partner
from connector.settings.values import delay, duration

_PAID_FOR = ("max_age", "claim_window")


def faults(tables: Tables) -> Iterator[Fault]:
    """Yield a fault for each written term that ends while a stay could still be paid.

    A default one is longer where a partner pays for longer: see ``connector.bootstrap.chain``.
    """
    terms = _table(_table(tables, "privacy"), "retention")
    for name in ("stays", "awards"):
        term = _read(delay, terms.get(name))
        for partner, told in _table(tables, "partners").items():
            for limit in _PAID_FOR:
                given = told.get(limit) if isinstance(told, dict) else None
                paid = Partner.model_fields[limit].default if given is None else _read(duration, given)
                if isinstance(term, timedelta) and isinstance(paid, timedelta) and term < paid:
                    what = f"is shorter than partners.{partner}.{limit} ({paid.days} days)"
                    yield Fault(("privacy", "retention", name), f"{what}; expected at least as long")


def _table(tables: Tables, name: str) -> Tables:
    found = tables.get(name)
    return found if isinstance(found, dict) else {}


def _read(reader: Any, given: object) -> object:
    try:
        return None if given is None else reader(given)
    except ValueError:  # told where the value itself is judged
        return None
