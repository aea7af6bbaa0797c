"""Whether the keys by which a rule counts fit each other, and the rest of the configuration."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic_core import PydanticCustomError

from connector.settings.faults import Fault
from connector.settings.keys import Path, Tables, meant
from connector.settings.values import amount, shown

_Place = tuple[Path, Tables]


def faults(tables: Tables) -> Iterator[Fault]:
    """Yield a fault for every two keys that do not fit; what the model refuses is left to it."""
    for path, rule in _rules(tables):
        yield from _steps(rule, path)
        yield from _windows(list(_entries(rule.get("multipliers"), (*path, "multipliers"))))
        yield from _bonus(rule.get("tier_bonus"), (*path, "tier_bonus"), tables)


def _rules(tables: Tables) -> Iterator[_Place]:
    partners = tables.get("partners")
    for name, partner in partners.items() if isinstance(partners, dict) else ():
        rules = partner.get("earn") if isinstance(partner, dict) else None
        yield from _entries(rules, ("partners", name, "earn"))


def _entries(found: Any, path: Path) -> Iterator[_Place]:
    for place, table in enumerate(found if isinstance(found, list) else ()):
        if isinstance(table, dict):
            yield (*path, place), table


def _steps(rule: Tables, path: Path) -> Iterator[Fault]:
    if not rule.get("tiers"):
        return
    if rule.get("basis") in ("night", "stay", "visit"):
        yield Fault((*path, "tiers"), f'stands in a rule by {rule["basis"]}; expected it with basis = "spend"')
    if _amount(rule.get("per")) not in (None, 1):
        yield Fault((*path, "per"), "stands beside tiers, which have their own; expected one of the two")
    yield from _ascending(list(_entries(rule["tiers"], (*path, "tiers"))))


def _ascending(steps: list[_Place]) -> Iterator[Fault]:
    below = Decimal(0)
    for number, (path, step) in enumerate(steps, start=1):
        end = _amount(step.get("up_to"))
        if "up_to" not in step and number < len(steps):
            yield Fault((*path, "up_to"), "is missing; expected where the step ends, as only the last one may not")
        if end is not None and end <= below and number > 1:
            yield Fault((*path, "up_to"), f"{shown(step['up_to'])} is not beyond the step before; expected more")
        below = below if end is None else max(below, end)


def _windows(multipliers: list[_Place]) -> Iterator[Fault]:
    for path, each in multipliers:
        first, last = each.get("from"), each.get("to")
        if isinstance(first, date) and isinstance(last, date) and first > last:
            yield Fault((*path, "to"), f"is before the first day; expected {first} or later")


def _bonus(bonus: Any, path: Path, tables: Tables) -> Iterator[Fault]:
    if not isinstance(bonus, dict) or not bonus:
        return
    scheme = tables.get("scheme")
    if scheme is None:
        yield Fault(path, "needs the tiers of the scheme's program; expected a table [scheme]")
        return
    known = _codes(scheme, tables)
    for code in bonus if known else ():
        if code not in known:
            close = meant(code, known)
            hint = f'did you mean "{close}"?' if close else f"expected one of: {', '.join(known)}"
            yield Fault((*path, code), f"is not the code of a tier of the scheme's program; {hint}")


def _codes(scheme: Any, tables: Tables) -> list[str]:
    """Return the codes that tiers of the scheme's program have or had; none where the file names no tiers."""
    wanted = scheme.get("program") if isinstance(scheme, dict) else None
    programs = [row for _, row in _entries(tables.get("programs"), ()) if row.get("code") == wanted]
    tiers = [tier for row in programs for _, tier in _entries(row.get("tiers"), ())]
    codes = [tier.get(name) for tier in tiers for name in ("code", "formerly")]
    return [code for code in codes if isinstance(code, str) and code]


def _amount(value: object) -> Decimal | None:
    try:
        return amount(value)
    except PydanticCustomError:
        return None
