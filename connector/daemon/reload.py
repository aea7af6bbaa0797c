"""SIGHUP: the configuration is read again, and either all of it counts from then on or nothing of it.

What is under way ends by the settings with which it began. The database, its lock and the keyed hashes in it stay, so
what names them cannot change while the daemon runs.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from functools import reduce

import structlog

from connector.bootstrap import App
from connector.errors import ConnectorError, Misconfigured
from connector.settings import Settings, load
from connector.telemetry import logging, metrics

FIXED = ("database.url", "database.password", "web.listen", "privacy.hash_key", "mews.platform_address")
_log = structlog.get_logger(__name__)


async def reload(app: App) -> bool:
    """Read the configuration again and work by it; False when that is not possible, each fault being one line."""
    try:
        # in a thread: the jobs go on while hundreds of keys are checked
        settings = await asyncio.to_thread(load, app.settings.file, os.environ)
        if changed := list(_unchangeable(app.settings, settings)):
            raise Misconfigured(*changed)
        await app.change(settings)
    except ConnectorError as error:
        for fault in error.faults if isinstance(error, Misconfigured) else (str(error),):
            _log.error("the configuration is not taken, the one before counts on", fault=fault)
        metrics.count(metrics.RELOADS, "refused")
        return False
    logging.configure(settings.logging.format, settings.logging.level)
    metrics.count(metrics.RELOADS, "taken")
    _log.info("the configuration was read again and counts from now on", file=str(settings.file))
    return True


def _unchangeable(before: Settings, after: Settings) -> Iterator[str]:
    for key in FIXED:
        if _value(before, key) != _value(after, key):
            yield f"{after.file.name}: {key}: it cannot change while the daemon runs; expected a restart for that"


def _value(settings: Settings, key: str) -> object:
    return reduce(getattr, key.split("."), settings)
