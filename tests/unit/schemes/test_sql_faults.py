"""What databases and drivers complain about, in the words that they use: each is one sentence without data."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DataError, DBAPIError, OperationalError, ProgrammingError

from connector.errors import ConnectorError, Misconfigured, Unauthorized, Unfinished
from connector.schemes.sql_faults import of_connecting, of_query

STATEMENT = "SELECT mail FROM people WHERE mail = 'anna@example.org'"


class Complaint(Exception):
    """What a driver raises; ``sqlstate`` as psycopg has it."""

    def __init__(self, *args: object, sqlstate: str | None = None) -> None:
        super().__init__(*args)
        self.sqlstate = sqlstate


def wrapped(kind: type[DBAPIError], *args: object, sqlstate: str | None = None) -> DBAPIError:
    """A driver's error as SQLAlchemy hands it on, parameters and all."""
    return kind(STATEMENT, {"mail": "anna@example.org"}, Complaint(*args, sqlstate=sqlstate))


def said(error: ConnectorError) -> str:
    """The sentence, which holds neither data nor secrets."""
    text = str(error)
    assert "\n" not in text
    assert "; expected " in text
    assert not [word for word in ("anna@", "SELECT mail", "geheim", "reader") if word in text]
    return text


class TestConnecting:
    @pytest.mark.parametrize(
        "words",
        [
            ('FATAL:  password authentication failed for user "reader"',),
            ('FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "reader", database "crm"',),
            (1045, "Access denied for user 'reader'@'h' (using password: YES)"),
            ("28000", "[28000] [ODBC Driver 18] Login failed for user 'reader'. (18456)"),
            ("ORA-01017: invalid username/password; logon denied",),
        ],
        ids=["password", "host", "MySQL", "SQL Server", "Oracle"],
    )
    def test_of_the_wrong_user_is_unauthorized(self, words: tuple[object, ...]) -> None:
        error = of_connecting(wrapped(OperationalError, *words), "the database crm at h")
        assert type(error) is Unauthorized
        assert "the database crm at h refuses the user" in said(error)

    @pytest.mark.parametrize(
        "words", [('FATAL:  database "crm" does not exist',), (1049, "Unknown database 'crm'")], ids=["a", "b"]
    )
    def test_to_what_is_not_there_is_a_fault_of_the_settings(self, words: tuple[object, ...]) -> None:
        assert "does not exist" in said(of_connecting(wrapped(OperationalError, *words), "the database crm"))

    @pytest.mark.parametrize(
        ("words", "code"),
        [
            ((2003, "Can't connect to MySQL server on 'h' (geheim)"), "Complaint 2003"),
            (("08001", "[08001] TCP Provider: reader timeout"), "Complaint 08001"),
            (("connection to server at 10.0.0.1 failed: reader",), "Complaint"),
        ],
        ids=["MySQL", "ODBC", "other"],
    )
    def test_in_vain_is_unfinished_with_a_code_at_most(self, words: tuple[object, ...], code: str) -> None:
        error = of_connecting(wrapped(OperationalError, *words), "the database crm")
        assert type(error) is Unfinished
        assert f"cannot be reached ({code})" in said(error)


class TestQueries:
    @pytest.mark.parametrize(
        "words",
        [
            'relation "membrs" does not exist\nLINE 1: SELECT * FROM membrs',
            "no such table: membrs",
            "permission denied for table membrs",
        ],
    )
    def test_that_are_wrong_are_told_in_the_databases_words(self, words: str) -> None:
        error = of_query(wrapped(OperationalError, words), "the database crm")
        assert type(error) is Misconfigured
        assert "membrs" in said(error)

    def test_that_are_wrong_in_another_database_are_told_by_their_code(self) -> None:
        words = "Table 'crm.anna@example.org' doesn't exist"
        error = of_query(wrapped(ProgrammingError, 1146, words), "the database crm")
        assert type(error) is Misconfigured
        assert "(Complaint 1146)" in said(error)

    @pytest.mark.parametrize(
        ("kind", "words", "state"),
        [
            (DataError, 'invalid input syntax for type integer: "anna@example.org"', "22P02"),
            (OperationalError, "canceling statement due to statement timeout", "57014"),
            (OperationalError, "Could not decode to UTF-8 column 'x' with text 'anna@example.org'", "SQLITE"),
            (OperationalError, 'anna@example.org: relation "x" does not exist', "P0001"),
        ],
    )
    def test_that_break_off_are_unfinished_with_a_code_at_most(
        self, kind: type[DBAPIError], words: str, state: str
    ) -> None:
        error = of_query(wrapped(kind, words, sqlstate=state), "the database crm")
        assert type(error) is Unfinished
        assert f"the database crm broke the query off ({state})" in said(error)

    def test_that_would_write_are_refused(self) -> None:
        error = of_query(wrapped(OperationalError, "cannot execute INSERT in a read-only transaction"), "x")
        assert type(error) is Misconfigured
        assert "it would write" in said(error)
