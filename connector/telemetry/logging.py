"""Logs: structlog through the standard library to stderr, for our records and for those of libraries."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Literal, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from connector.telemetry.redact import redact

Format = Literal["auto", "json", "console"]

# they tell addresses, statements with their values, or every single job run at their lower levels
_QUIET = (
    "httpx",
    "httpcore",
    "aiosqlite",
    "sqlalchemy.engine",
    "apscheduler",
    "websockets",
    "asyncio",
    "alembic",
)

_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


class LogHandler(logging.StreamHandler[TextIO]):
    """Writes to a stream, and never shows the arguments of a record that cannot be formatted."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the standard library's name)
        """Say that a record was lost, and whose; the standard library would print its arguments."""
        self.stream.write(f"a log record of {record.name} (line {record.lineno}) could not be written\n")


def configure(format: Format = "auto", level: str = "INFO", stream: TextIO | None = None) -> None:  # noqa: A002
    """Send every log record, redacted, to ``stream`` (stderr); ``auto`` is JSON except for a terminal."""
    stream = stream or sys.stderr
    handler = LogHandler(stream)
    handler.setFormatter(_formatter(format, stream))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)  # the timetable tells of a start left out, once
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(root.level),
    )


def _formatter(format: Format, stream: TextIO) -> logging.Formatter:  # noqa: A002
    watched = stream.isatty()
    as_json = format == "json" or (format == "auto" and not watched)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,  # plain tracebacks, which never show local variables
            _redacted,  # after everything that adds words, right before they are written
            structlog.processors.JSONRenderer() if as_json else _console(colors=watched),
        ],
    )


def _console(*, colors: bool) -> structlog.dev.ConsoleRenderer:
    return structlog.dev.ConsoleRenderer(
        colors=colors, exception_formatter=structlog.dev.plain_traceback, sort_keys=False
    )


def _redacted(_: WrappedLogger, __: str, event: EventDict) -> Mapping[str, object]:
    return cast(Mapping[str, object], redact(event))
