"""Opening the application for one command."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from connector.errors import Unfinished

if TYPE_CHECKING:
    from connector.bootstrap import App

T = TypeVar("T")


def within(
    context: typer.Context,
    work: Callable[[App], Awaitable[T]],
    *,
    works: bool = False,
    confirm: str | None = None,
    operator: str = "",
    bars: bool = True,
    retakes: bool = False,
) -> T:
    """Load the settings, open the application, do the work, close everything.

    ``bars``: on a terminal, show how far long work is; not for work without an end. ``retakes``: a database that moved
    may be written.
    """
    from connector.bootstrap import application
    from connector.cli.progress import watched
    from connector.settings import load
    from connector.telemetry import logging
    from connector.telemetry.garbage import collect_seldom

    settings = load(context.obj.config, os.environ)
    logging.configure(settings.logging.format, settings.logging.level)
    collect_seldom()

    async def main() -> T:
        async with application(settings, works=works, confirm=confirm, operator=operator, retakes=retakes) as app:
            with watched(app.chain) if bars else nullcontext():
                return await work(app)

    return answered(main())


def answered(work: Coroutine[Any, Any, T]) -> T:
    """Do work on a database; raises Unfinished, in one sentence, where the disk or the server does not do its part."""
    from connector.store.faults import FAILURES, store_fault

    try:
        return asyncio.run(work)
    except FAILURES as error:
        if fault := store_fault(error):
            raise Unfinished(fault) from error
        raise
