"""The watch over everything, every minute, and the ping that tells others that this watch is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

import structlog

from connector.bootstrap import App
from connector.errors import ConnectorError

EVERY = timedelta(minutes=1)
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Lookout:
    """Looks as the application's present settings say. The ping is sent only after a look that went well."""

    app: App
    _pinged: float | None = None
    _failed: bool = False

    async def look(self) -> None:
        """Look once, and ping when it is time."""
        await self.app.watch.look()
        every = self.app.settings.alerts.ping_every.total_seconds()
        if self.app.ping is not None and (self._pinged is None or monotonic() - self._pinged >= every):
            await self._ping()

    async def _ping(self) -> None:
        if self.app.ping is None:
            return
        try:
            await self.app.ping.ping()
        except ConnectorError as error:
            if not self._failed:
                _log.warning("the ping was not taken", error=str(error))
            self._failed = True
        else:
            self._pinged, self._failed = monotonic(), False
