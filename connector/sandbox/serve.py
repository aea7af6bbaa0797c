"""The whole sandbox: Mews and the partners as local servers, each a process with durable state of its own."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from connector.sandbox.options import SERVERS, SandboxOptions
from connector.sandbox.processes import STOP_SECONDS, Process, SandboxError, locked

__all__ = ["Sandbox", "SandboxError", "SandboxOptions", "run"]


class Sandbox:
    """The servers, running between ``start`` and ``stop`` or within ``with``.

    ``options`` are the fields of ``SandboxOptions``; ``ValueError`` for one that is wrong.
    """

    def __init__(self, state: Path, **options: Any) -> None:
        self.options = SandboxOptions(state, **options)
        self._processes: list[Process] = []
        self._lock: int | None = None

    @property
    def urls(self) -> dict[str, str]:
        """Server name (mews, uplyft, airmiles, qiibee, lufthansa) to address, without a slash at the end."""
        return {process.server: process.url for process in self._processes}

    @property
    def pids(self) -> dict[str, int]:
        """Server name to process id."""
        return {process.server: process.pid for process in self._processes}

    @property
    def members_file(self) -> Path:
        """The members of the chain's scheme, written on the first start."""
        return self.options.state / "members.csv"

    def start(self) -> None:
        """Start every server and return when all answer; raises ``SandboxError``, and then none is left."""
        self._lock = locked(self.options.state)
        try:
            for place, server in enumerate(SERVERS):
                port = self.options.port_base and self.options.port_base + place
                self._processes.append(Process(server, port, self.options, self._lock))
            for process in self._processes:
                process.wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every server: SIGTERM, and after five seconds SIGKILL."""
        for process in self._processes:
            process.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._processes:
            process.stopped(deadline)
        self._processes.clear()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def check(self) -> None:
        """Raise ``SandboxError`` when a server has ended by itself."""
        for process in self._processes:
            process.check()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()


def run(options: SandboxOptions, on_ready: Callable[[Mapping[str, str]], None]) -> None:
    """Serve until SIGTERM or SIGINT; ``on_ready`` is given the addresses once all servers answer.

    To be called in the main thread. Raises ``SandboxError`` when a server cannot start or ends by itself.
    """
    with _stop_signal() as stopping, Sandbox(**vars(options)) as sandbox:
        on_ready(sandbox.urls)
        while not stopping.wait(0.5):
            sandbox.check()


@contextmanager
def _stop_signal() -> Iterator[threading.Event]:
    stopping = threading.Event()
    signals = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(each, lambda *_: stopping.set()) for each in signals]
    try:
        yield stopping
    finally:
        for each, handler in zip(signals, before, strict=True):
            signal.signal(each, handler)
