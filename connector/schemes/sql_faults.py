"""What a database or its driver complains about, in one sentence of our own.

Their texts hold addresses, values and whole statements. Only what provably speaks of the query alone is repeated.
"""

from __future__ import annotations

import re

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, ProgrammingError

from connector.errors import ConnectorError, Misconfigured, Unauthorized, Unfinished

_PACKAGES = {
    "psycopg": "psycopg[binary]",
    "psycopg2": "psycopg2-binary",
    "mysqldb": "mysqlclient",
    "mysqlconnector": "mysql-connector-python",
    "mariadbconnector": "mariadb",
    "snowflake": "snowflake-sqlalchemy",
    "bigquery": "sqlalchemy-bigquery",
    "redshift": "sqlalchemy-redshift",
    "databricks": "databricks-sqlalchemy",
    "hana": "sqlalchemy-hana",
    "ibm_db_sa": "ibm-db-sa",
    "db2": "ibm-db-sa",
}


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_CREDENTIALS = _any(
    "password authentication failed",
    'role ".*" does not exist',
    r"no pg_hba\.conf entry",
    "no password supplied",
    "access denied",
    "login failed",
    "authentication failed",
    "invalid username",
)
_ABSENT = _any('database ".*" does not exist', "unknown database")
_WRITES = _any("attempt to write a readonly database", "read-only transaction", "data-modifying statements")
_STATE = re.compile("[0-9A-Z]{5}")  # SQLSTATE, which ODBC puts before its words
# Names and words of the query, as SQLite and PostgreSQL repeat them; never a value of a row.
_OF_THE_QUERY = _any(
    "no such (table|column|function): .*",
    "ambiguous column name: .*",
    "near .*: syntax error",
    "syntax error at .*",
    "incomplete input",
    "unrecognized token: .*",
    r"you can only execute one statement at a time\.",
    "cannot insert multiple commands into a prepared statement",
    "(relation|column|function|schema|type) .* does not exist",
    "column reference .* is ambiguous",
    "permission denied for .*",
)


def of_driver(url: URL, name: str) -> Misconfigured:
    """Return the fault of a database whose SQLAlchemy dialect or Python driver is not installed."""
    package = _PACKAGES.get(name, name)
    return Misconfigured(
        f'scheme.url: the driver of "{url.drivername}" is not installed; expected it beside the connector, as after '
        f'"pip install {package}".'
    )


def of_address(what: str) -> Misconfigured:
    """Return the fault of an address that no connection can be made with."""
    return Misconfigured(
        f'scheme.url: {what}; expected an address like "postgresql+psycopg://user@host/database" or "sqlite:///FILE".'
    )


def of_connecting(error: DBAPIError, where: str) -> ConnectorError:
    """Return what it means that a connection was not made to the database that is called ``where``."""
    words = str(error.orig)
    if _CREDENTIALS.search(words):
        return Unauthorized(f"scheme: {where} refuses the user; expected user and scheme.password to fit.")
    if _ABSENT.search(words):
        return Misconfigured(f"scheme.url: {where} does not exist on its server; expected the name of one that does.")
    if isinstance(error, ProgrammingError):
        return of_address("the driver does not understand it")
    return Unfinished(f"scheme: {where} cannot be reached ({_code(error)}); expected a running server.")


def of_query(error: DBAPIError, where: str) -> ConnectorError:
    """Return what it means that a query failed, at its beginning or later."""
    words = str(error.orig).partition("\n")[0]
    if _WRITES.search(words):
        return Misconfigured("scheme.query: it would write; expected a query that only reads.")
    if told := _OF_THE_QUERY.fullmatch(words):
        return Misconfigured(
            f"scheme.query: the database refuses it ({told[0][:200]}); expected a query that it takes."
        )
    if isinstance(error, ProgrammingError):
        return Misconfigured(f"scheme.query: the database refuses it ({_code(error)}); expected one that it takes.")
    return Unfinished(
        f"scheme: {where} broke the query off ({_code(error)}); expected all members, so nothing of it was applied."
    )


def _code(error: DBAPIError) -> str:
    """Return the most telling of the words that hold no data: an error code, or the kind of error."""
    original = error.orig
    for name in ("sqlstate", "pgcode", "sqlite_errorname"):
        if isinstance(code := getattr(original, name, None), str):
            return code
    kind, first = type(original).__name__, next(iter(getattr(original, "args", ())), None)
    return f"{kind} {first}" if isinstance(first, int) or _STATE.fullmatch(str(first)) else kind
