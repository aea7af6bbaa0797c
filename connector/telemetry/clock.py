"""The time of this machine."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """The system's clock (``ports.Clock``)."""

    def now(self) -> datetime:
        """Return the present moment, aware, UTC."""
        return datetime.now(UTC)
