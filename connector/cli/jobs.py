"""``plan``, ``sync``, ``run`` and ``health``."""

from __future__ import annotations

import os
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.output import AsJson, counted, json_list, print_json, say
from connector.errors import Misconfigured, Refused

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.jobs.align import Preview, Tell
    from connector.jobs.report import Summary

_COLOURS = {"add": "green", "change": "yellow", "take": "red", "note": None}
_UNITS = {"s": 1, "m": 60, "h": 3600}


def plan(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what would change in Mews, without changing it there."""
    from connector.cli.session import within

    async def work(app: App, tell: Tell | None = None) -> Preview:
        from connector.jobs.previewing import preview

        return await preview(app.runner, tell)

    if as_json:
        with json_list("changes") as changes:
            changes.end(_plan_json(within(context, partial(work, tell=changes.add))))
        return
    preview = within(context, work)
    from connector.domain.plan import lines

    for line in lines(preview.plan):
        typer.secho(line.text, fg=_COLOURS[line.tone])
    for text in preview.left_alone:
        typer.echo(text)
    for text in preview.warnings:
        typer.secho(f"Warning: {text}", fg="yellow")
    for text in (*preview.faults, preview.verdict.sentence):
        if text:
            say(text)


def _plan_json(preview: Preview) -> dict[str, object]:
    found = preview.plan
    return {
        "counts": dict(found.counts),
        "examples": {kind: list(subjects) for kind, subjects in found.examples.items()},
        "harm": {str(kind): count for kind, count in found.harms.items()},
        "suspended": found.suspended,
        "waiting": found.waiting,
        "plan_id": found.plan_id,
        "allowed": preview.verdict.allowed,
        "verdict": preview.verdict.sentence,
        "left_alone": list(preview.left_alone),
        "faults": list(preview.faults),
        "warnings": list(preview.warnings),
    }


def sync(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="[JOB]…", help="Jobs; all by default.")] = None,
    wait: Annotated[str, typer.Option(help="How long to wait for retries that are due, such as 60s.")] = "60s",
    confirm: Annotated[
        str | None,
        typer.Option(metavar="PLAN_ID", help="Confirm exactly this plan of harmful changes, or what goes live."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run the jobs until nothing is left."""
    from connector.cli.operator import operator
    from connector.cli.session import within

    chosen, patience = _jobs(names or []), _seconds(wait)

    async def work(app: App) -> tuple[Summary, bool, bool]:
        from connector.jobs.confirmed import served
        from connector.jobs.report import summary

        await app.runner.take_over()
        began = app.chain.clock.now()
        reports = await app.runner.to_rest(chosen, timedelta(seconds=patience))
        fits = confirm is None or await served(app.chain, app.partners, confirm, began)
        return await summary(app.chain, app.partners, reports), await app.runner.is_at_rest(), fits

    found, at_rest, fits = within(context, work, works=True, confirm=confirm, operator=operator())
    _show(found, as_json)
    if code := _code(found, at_rest):
        raise typer.Exit(code)
    if not fits:
        raise Refused(f"sync: nothing waited for the confirmation {confirm}; expected the id that `plan` shows now")


def _jobs(names: list[str]) -> list[str]:
    from connector.jobs.runner import JOBS

    for name in names:
        if name not in JOBS:
            raise Misconfigured(f"sync: there is no job {name!r}; expected {', '.join(JOBS)}")
    return [name for name in JOBS if name in names] if names else list(JOBS)


def _seconds(text: str) -> int:
    if len(text) > 1 and text[:-1].isdigit() and text[-1] in _UNITS:
        return int(text[:-1]) * _UNITS[text[-1]]
    raise Misconfigured(f'sync: --wait {text!r} is not a duration; expected one like "60s" or "5m"')


def _show(found: Summary, as_json: bool) -> None:
    if as_json:
        print_json(found.as_json())
        return
    for job in found.jobs:
        typer.echo(
            f"{job.name:9} {job.outcome:8} {job.read:>7} read {job.written:>6} written "
            f"{job.requests:>5} requests {job.seconds:>7.1f} s"
        )
        if job.error:
            say(job.error)
        for warning in job.warnings:
            say(f"Warning: {warning}")
    for partner, counts in found.stays.items():
        told = ", ".join(f"{counts[name]} {name}" for name in ("awarded", "excluded", "suspended", "waiting"))
        typer.echo(f"{partner}: {counted(counts['seen'], 'stay')} seen: {told}; {found.miles[partner]:,} miles given")
    if found.suspense:
        typer.echo(f"{cases_wait(found.suspense)} for a person: loyalty-connector suspense list")


def cases_wait(count: int) -> str:
    """Count the cases that wait."""
    return "1 case waits" if count == 1 else f"{count} cases wait"


def _code(found: Summary, at_rest: bool) -> int:
    """Return the exit code, worst first: a defect, a fault of the configuration, a refusal, the rest."""
    outcomes = {str(job.outcome) for job in found.jobs}
    if any(job.unexpected for job in found.jobs):
        return 1
    if any(job.misconfigured for job in found.jobs):
        return 2
    if "refused" in outcomes:
        return 3
    return 4 if outcomes & {"failed", "partial"} or not at_rest else 0


def run(context: typer.Context) -> None:
    """Run the daemon until SIGTERM."""
    from connector.cli.session import within
    from connector.daemon import serve

    within(context, serve, works=True, bars=False)


def health(context: typer.Context) -> None:
    """Tell whether the daemon of this configuration is alive: exit 0, or 4 with the reason."""
    from connector.heartbeat import check
    from connector.settings import load

    typer.echo(check(load(context.obj.config, os.environ)))
