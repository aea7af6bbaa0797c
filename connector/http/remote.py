"""Whom requests go to, as metrics tell it."""

from __future__ import annotations

from dataclasses import dataclass

from connector.errors import Lost, NotSent
from connector.telemetry import metrics

_TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Remote:
    """The system that a client talks to, for which property or partner; counts what comes of each request."""

    system: str = "other"
    property: str = ""
    partner: str = ""

    def answered(self, status: int) -> None:
        """Count an answer."""
        metrics.count(metrics.ANSWERS, *self._labels(), f"{status // 100}xx")
        if status == _TOO_MANY:
            metrics.count(metrics.TOO_MANY, *self._labels())

    def unanswered(self, error: Lost | NotSent) -> None:
        """Count a request without an answer."""
        metrics.count(metrics.ANSWERS, *self._labels(), "lost" if isinstance(error, Lost) else "not_sent")

    def retried(self) -> None:
        """Count a request that is sent again at once."""
        metrics.count(metrics.RETRIES, *self._labels())

    def _labels(self) -> tuple[str, str, str]:
        return (self.system, self.property, self.partner)
