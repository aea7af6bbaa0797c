"""A connection to somebody else's database, on which nothing can be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from connector.errors import Unfinished
from connector.schemes import sql_faults


@contextmanager
def reading(address: str, password: str, rows: int) -> Iterator[Connection]:
    """Open a connection that streams, with about ``rows`` rows in memory; nothing that is done on it stays.

    PostgreSQL and SQLite refuse to write on it, elsewhere everything is rolled back. Raises Misconfigured (address,
    driver, a query that is refused), Unauthorized (user or password) and Unfinished (out of reach, broken off), each
    in one sentence that holds nothing of the address but database and host.
    """
    url = _url(address, password)
    where = _named(url)
    engine = _engine(url)
    try:
        with _connected(engine, where) as connection:
            yield connection.execution_options(max_row_buffer=rows, **_options(engine.dialect.name))
    except DBAPIError as error:
        raise sql_faults.of_query(error, where) from None
    finally:
        engine.dispose()


def _url(address: str, password: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise sql_faults.of_address("is not understood") from None
    if password:
        url = url.set(password=password)
    return _existing(url) if url.drivername in ("sqlite", "sqlite+pysqlite") and url.database else url


def _existing(url: URL) -> URL:
    """Return the address by which SQLite opens a file and never makes one."""
    path = str(url.database)
    if not path.startswith("file:"):
        if not Path(path).is_file():
            raise Unfinished(f"scheme: {path} is not there; expected the file of the members' database.")
        url = url.set(database=f"file:{quote(path)}")
    return url.update_query_dict({"mode": "ro", "uri": "true"})


def _engine(url: URL) -> Engine:
    try:
        if url.get_dialect().is_async:
            raise sql_faults.of_address(f'"{url.drivername}" is an asynchronous driver')
        return create_engine(url, poolclass=NullPool, hide_parameters=True)
    except NoSuchModuleError:
        raise sql_faults.of_driver(url, url.get_backend_name()) from None
    except ImportError:
        raise sql_faults.of_driver(url, url.get_driver_name()) from None
    except ArgumentError:
        raise sql_faults.of_address("is not understood") from None


@contextmanager
def _connected(engine: Engine, where: str) -> Iterator[Connection]:
    try:
        connection = engine.connect()
    except DBAPIError as error:
        raise sql_faults.of_connecting(error, where) from None
    except (ArgumentError, TypeError):  # options that the driver does not have
        raise sql_faults.of_address("holds something that the driver does not know") from None
    with connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA query_only = ON")
        yield connection


def _options(dialect: str) -> dict[str, bool]:
    # without parameters a % in the query is a %
    options = {"stream_results": True, "no_parameters": True}
    return options | {"postgresql_readonly": True} if dialect == "postgresql" else options


def _named(url: URL) -> str:
    database = str(url.database or "").removeprefix("file:")
    return " ".join(filter(None, ("the database", database, f"at {url.host}" if url.host else "")))
