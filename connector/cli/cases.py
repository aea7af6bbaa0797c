"""The cases of ``config check --cases``: one line each, and the arithmetic of those that come out otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from connector.domain import wording
from connector.errors import Misconfigured

if TYPE_CHECKING:
    from connector.bootstrap.cases import Verdict
    from connector.settings import Settings


def decided(settings: Settings, file: Path) -> list[Verdict]:
    """Decide the cases of a file offline, by the contracts of the settings."""
    from connector.bootstrap import open_database
    from connector.bootstrap.cases import verdicts
    from connector.bootstrap.contracts import contracts
    from connector.settings.cases import cases

    found = cases(file, frozenset(settings.partners))

    async def work() -> list[Verdict]:
        async with contracts(settings, open_database(settings)) as opened:
            return list(verdicts(found, [each.contract for each in opened], settings))

    return asyncio.run(work())


def tell(found: Sequence[Verdict]) -> None:
    """Print a line for every case and partner."""
    for each in found:
        got = f"{each.miles} miles, {each.decision.reason}"
        if each.holds:
            typer.echo(f"ok: {each.case}: {each.partner}: {got}")
            continue
        wanted = f"{each.expected} miles" + (f", {each.expected_reason}" if each.expected_reason else "")
        typer.echo(f"differs: {each.case}: {each.partner}: expected {wanted}; the contract gives {got}")
        typer.echo(f"  {each.decision.text}")
        for line in wording.lines(each.decision.explanation):
            typer.echo(f"  {line}")


def as_json(found: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Return the verdicts as ``--json`` prints them."""
    return [
        {
            "case": each.case,
            "partner": each.partner,
            "holds": each.holds,
            "expected": each.expected,
            "expected_reason": each.expected_reason,
            "miles": each.miles,
            "status": str(each.decision.status),
            "reason": each.decision.reason,
            "text": each.decision.text,
            "explanation": each.decision.explanation,
        }
        for each in found
    ]


def refuse(found: Sequence[Verdict], file: Path) -> None:
    """Raise Misconfigured when a case came out otherwise than expected."""
    if wrong := sum(not each.holds for each in found):
        raise Misconfigured(
            f"{file.name}: {wrong} of {len(found)} results differ; expected the miles that the cases name"
        )
