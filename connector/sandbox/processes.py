"""The operating-system processes of the sandbox, one per server."""

from __future__ import annotations

import fcntl
import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, cast

from connector.sandbox.options import SandboxOptions

HOST = "127.0.0.1"
READY_SECONDS = 900.0  # loading 40,000 bookings is part of the first start
STOP_SECONDS = 5.0


class SandboxError(Exception):
    """The sandbox could not start, or one of its servers ended; the message is for a person."""


class Process:
    """One server, listening at ``url`` from the moment it is made, answering once it is ready."""

    def __init__(self, server: str, port: int, options: SandboxOptions, lock: int) -> None:
        self.server = server
        self._log = options.state / f"{server}.log"
        with _listening(server, port) as listening, self._log.open("wb") as log:
            self._port: int = listening.getsockname()[1]
            self._child = _spawned(server, listening.fileno(), lock, log)
        self._stdin = cast("IO[bytes]", self._child.stdin)
        self._stdin.write(options.dumped().encode() + b"\n")
        self._stdin.flush()

    @property
    def url(self) -> str:
        """Where the server listens, without a slash at the end."""
        return f"http://{HOST}:{self._port}"

    @property
    def pid(self) -> int:
        """The operating system's number of the process."""
        return self._child.pid

    def wait_until_ready(self) -> None:
        """Return when it answers; raises ``SandboxError`` with its last words when it ended instead."""
        connection = http.client.HTTPConnection(HOST, self._port, timeout=READY_SECONDS)
        try:
            connection.request("GET", "/_sandbox/faults")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            self._child.wait(STOP_SECONDS)
            raise self._ended() from None
        finally:
            connection.close()

    def check(self) -> None:
        """Raise ``SandboxError`` when it has ended."""
        if self._child.poll() is not None:
            raise self._ended()

    def ask_to_stop(self) -> None:
        """SIGTERM."""
        self._child.terminate()

    def stopped(self, deadline: float) -> None:
        """Wait until it has ended, to a moment of the monotonic clock; then it is killed."""
        try:
            self._child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._stdin.close()

    def _ended(self) -> SandboxError:
        words = self._log.read_text("utf-8", "replace").strip().splitlines()
        return SandboxError(f"the sandbox's {self.server} server ended: {words[-1] if words else 'no reason given'}")


def _listening(server: str, port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        reason = error.strerror or error
        raise SandboxError(f"the sandbox's {server} server cannot listen on port {port}: {reason}") from None


def _spawned(server: str, listening: int, lock: int, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start the child in a session of its own: Ctrl-C reaches the parent alone, which then stops the child.

    The listening socket is handed over, so no port is guessed; the lock is held as long as a child lives.
    """
    command = [sys.executable, "-m", "connector.sandbox.child", server, str(listening)]
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command,
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        pass_fds=(listening, lock),
        start_new_session=True,
    )


def locked(state: Path) -> int:
    """Take the state directory for this sandbox and return the lock's descriptor; raises ``SandboxError``.

    The children of a killed sandbox need a moment to notice, so a taken lock is tried for a while.
    """
    state.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + STOP_SECONDS
    while not _taken(descriptor):
        if time.monotonic() > deadline:
            os.close(descriptor)
            raise SandboxError(f"the state {state} is in use by another sandbox: stop that one first")
        time.sleep(0.05)
    return descriptor


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
