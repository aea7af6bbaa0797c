"""``resync``: a period of a stream is read again."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.output import AsJson, print_json, say
from connector.errors import Misconfigured

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.jobs.resync import Resynced

_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
_EXPECTED = "expected YYYY-MM-DD or an instant such as 2026-12-31T12:00:00Z"


def resync(
    context: typer.Context,
    stream: Annotated[str, typer.Option(help="The stream, as `cursors list` names it.")],
    from_: Annotated[str, typer.Option("--from", metavar="DATE", help="Where it begins: a date or an instant, UTC.")],
    to: Annotated[str, typer.Option(metavar="DATE", help="Where it ends, UTC; a date includes that day.")],
    property_: Annotated[
        str | None,
        typer.Option("--property", metavar="TABLE", help="Only this property's stays."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read a period of a stream from Mews again, without touching its cursor."""
    from connector.cli.session import within
    from connector.jobs.scopes import check

    check(stream)
    start, end = _moment("--from", from_, timedelta(0)), _moment("--to", to, timedelta(days=1))
    if start < _FIRST:
        raise Misconfigured(f"resync: --from {from_} lies before Mews; expected {_FIRST:%Y-%m-%d} or later")
    if start >= end:
        raise Misconfigured(f"resync: --from {from_} does not lie before --to {to}; expected a period")

    async def work(app: App) -> Resynced:
        from connector.jobs import resync as again
        from connector.jobs.scopes import jobs_of, scopes
        from connector.mews.times import Interval

        scopes(app.chain, stream, property_)
        async with app.runner.turn(jobs_of(stream)[0]):
            return await again.resync(app.chain, stream, Interval(start, end), property_)

    _show(within(context, work), as_json)


def _moment(option: str, text: str, day: timedelta) -> datetime:
    """Read a date (its beginning plus ``day``) or an instant; UTC is meant where no offset stands."""
    try:
        if len(text) == len("YYYY-MM-DD"):
            return datetime.combine(date.fromisoformat(text), time(), UTC) + day
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Misconfigured(f"resync: {option} {text!r} is not a date; {_EXPECTED}") from None


def _show(found: Resynced, as_json: bool) -> None:
    if as_json:
        print_json({"read": [asdict(each) for each in found.done], "failed": found.failed})
    else:
        for each in found.done:
            typer.echo(f"{each.stream} of {each.scope}: {each.read} records read, {each.differing} new or changed")
    for why in found.failed.values():
        say(why)
    if found.failed:
        raise typer.Exit(4)
