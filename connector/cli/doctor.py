"""``doctor``: whether everything that the connector needs is there, with a fix for each fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from connector.cli.output import AsJson, print_json

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.jobs.checkup import Finding

_COLOURS = {"ok": "green", "note": None, "configuration": "red", "remote": "red"}
_WORDS = {"configuration": "fault", "remote": "fault"}
_CODES = {"configuration": 2, "remote": 4}


def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Check every system, the database and what the settings name, and say how to mend each fault."""
    from connector.cli.session import within

    async def work(app: App) -> list[Finding]:
        from connector.jobs.checkup import examine

        return await examine(app.runner, {each.code: each.name for each in app.settings.programs})

    found = within(context, work)
    code = _code(found)
    if as_json:
        print_json({"ok": not code, "findings": [asdict(each) for each in found]})
    else:
        for each in found:
            _tell(each)
    if code:
        raise typer.Exit(code)


def _tell(found: Finding) -> None:
    word = _WORDS.get(found.verdict, str(found.verdict))
    fix = f"; {found.fix}" if found.fix else ""
    typer.secho(f"{word:5} {found.check} {found.subject}: {found.text}{fix}", fg=_COLOURS[found.verdict])


def _code(found: Sequence[Finding]) -> int:
    """Return the exit code: a fault of the configuration goes before one of a remote system."""
    return min((_CODES[each.verdict] for each in found if each.verdict in _CODES), default=0)
