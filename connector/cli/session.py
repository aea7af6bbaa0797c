"""Opening the application for one command."""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import typer

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
) -> T:
    """Load the settings, open the application, do the work, close everything."""
    from connector.bootstrap import application
    from connector.settings import load
    from connector.telemetry import logging

    settings = load(context.obj.config, os.environ)
    logging.configure(settings.logging.format, settings.logging.level)

    async def main() -> T:
        async with application(settings, works=works, confirm=confirm, operator=operator) as app:
            return await work(app)

    return asyncio.run(main())


def operator() -> str:
    """Return who runs this command, as logs, ledger and confirmations name them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without an entry, as in some containers
        return f"uid {os.getuid()}"
