"""Whether the keys of a partner at the Earn service fit each other."""

from __future__ import annotations

from collections.abc import Iterator

from connector.settings.faults import Fault
from connector.settings.keys import Path, Tables
from connector.settings.values import shown


def faults(partner: Tables, path: Path) -> Iterator[Fault]:
    """Yield a fault for every two keys that do not fit."""
    if partner.get("mode", "shadow") != "shadow" and not partner.get("earn_path"):
        yield Fault(
            (*path, "earn_path"),
            f"is missing, and mode {shown(partner['mode'])} requires it; expected the path that the partner told",
        )
    for name, other in (("success_field", "success_values"), ("success_values", "success_field")):
        if partner.get(name) and not partner.get(other):
            yield Fault((*path, other), f"is missing, and {name} means nothing without it; expected both, or neither")
