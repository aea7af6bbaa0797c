"""What is wrong with the disk or the database server, in one sentence; everything else is a defect."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError, OperationalError

_FULL = "its disk is full; what is stored is whole, and the work goes on when there is space"
_READ_ONLY = "it can be read and not written; what is stored is whole, and the work goes on when it can be written"
_AWAY = "its server does not answer, or ended the connection; the work goes on when it does"
_DAMAGED = "its file is damaged, or is no database; stop the connector, keep the file, and restore a backup"

FAILURES = (DBAPIError, ExceptionGroup)  # as what a fault of the store arrives

# SQLite has no codes in Python 3.11's messages that aiosqlite passes on unchanged, so its own words are read
_SQLITE = {
    "database or disk is full": _FULL,
    "readonly database": _READ_ONLY,
    "disk i/o error": "its disk gives an input/output error, as a full or a broken one does; what is stored is whole, "
    "and the work goes on when the disk does",
    "unable to open database file": "its file cannot be opened; expected one that may be read and written, in a folder "
    "that may be written",
    "database is locked": "another process works on it for too long; the work goes on when that has ended",
    "malformed": _DAMAGED,
    "not a database": _DAMAGED,
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL = {
    "53100": _FULL,
    "53": _AWAY,
    "25006": _READ_ONLY,
    "25P03": _AWAY,
    "08": _AWAY,
    "57P": _AWAY,
    "58030": _FULL,
}


def store_fault(error: BaseException) -> str:
    """Return the sentence about a failure of the store; "" for an error that is none, or is not only that."""
    told = [_told(each) for each in _leaves(error)]
    return told[0] if told and all(told) else ""


def is_damage(error: DBAPIError) -> bool:
    """Tell whether an SQLite file is damaged."""
    return store_fault(error).endswith(_DAMAGED)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error


def _told(error: BaseException) -> str:
    if not isinstance(error, DBAPIError):
        return ""
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        found = next((text for begin, text in _POSTGRESQL.items() if state.startswith(begin)), "")
    else:
        words = str(error.orig).lower()
        found = next((text for part, text in _SQLITE.items() if part in words), _AWAY if _is_cut(error) else "")
    return f"database: {found}" if found else ""


def _is_cut(error: DBAPIError) -> bool:
    """Tell whether a connection was not made or was lost: psycopg then names no state."""
    lost = isinstance(error, OperationalError) and type(error.orig).__module__.startswith("psycopg")
    return error.connection_invalidated or lost
