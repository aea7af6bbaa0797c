"""What systemd hears of the daemon: sd_notify(3), in the few lines that it takes."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import structlog

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ServiceManager:
    """The service manager that started this process; ``address`` is "" when none did.

    ``watchdog`` is how often it wants to hear that the daemon lives, None when it does not.
    """

    address: str = ""
    watchdog: timedelta | None = None

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        """Read NOTIFY_SOCKET (a name that begins with @ is an abstract socket), WATCHDOG_USEC and WATCHDOG_PID."""
        address = environ.get("NOTIFY_SOCKET", "")
        microseconds = environ.get("WATCHDOG_USEC", "")
        meant = environ.get("WATCHDOG_PID") in (None, str(os.getpid()))
        wanted = meant and microseconds.isdigit() and int(microseconds) > 0
        return cls(address, timedelta(microseconds=int(microseconds)) if wanted else None)

    def ready(self, status: str) -> None:
        """Say that the daemon works, after its start and after each reload."""
        self._tell("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """Say that a reload begins; ``Type=notify-reload`` wants to know since when."""
        microseconds = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._tell("RELOADING=1", f"MONOTONIC_USEC={microseconds}", "STATUS=reading the configuration")

    def stopping(self) -> None:
        """Say that the daemon lets what is under way finish, and ends."""
        self._tell("STOPPING=1", "STATUS=finishing what is under way")

    def alive(self, status: str) -> None:
        """Say what the daemon does, and that it lives, where that is watched."""
        self._tell(*(["WATCHDOG=1"] if self.watchdog else []), f"STATUS={status}")

    def _tell(self, *lines: str) -> None:
        if not self.address:
            return
        path = f"\0{self.address[1:]}" if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as outlet:
                outlet.setblocking(False)  # a manager that does not listen must not stop the daemon
                outlet.sendto("\n".join(lines).encode(), path)
        except OSError as error:
            _log.warning("the service manager could not be told", reason=error.strerror)
