"""Logs and secrets of the tests as they were, whatever a command configures."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from connector.telemetry import redact


@contextmanager
def untouched_logging() -> Iterator[None]:
    """Leave logs and secrets of the tests as they were."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    try:
        yield
    finally:
        root.handlers = handlers
        root.setLevel(level)
        structlog.reset_defaults()
        for secret in list(redact._secrets):
            redact.forget(secret)
