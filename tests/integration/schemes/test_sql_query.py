"""Members by one query, on SQLite and PostgreSQL: what arrives, what is refused, and that nothing is written."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import cast

import pytest

from connector.domain.members import BadLine, Member
from connector.errors import ConnectorError, Misconfigured, Unauthorized, Unfinished
from connector.schemes.source import Chunk
from connector.schemes.sql_query import SqlQuery
from tests import postgres
from tests.integration.schemes.crm import QUERY, Crm, ids, taken

ANNA = {
    "id": "M1",
    "card": "AL-1",
    "mail": "anna@example.org",
    "first": "Anna",
    "last": "Müller",
    "level": "GOLD",
    "points": 1500,
    "until": "2027-12-31",
    "state": "Enrolled",
    "link": "https://cards.example/1",
    "profile": "g-1",
    "miles": "992000000000005",
}
PASSWORD = "s3cr3t-w0rd"


async def refusal(source: SqlQuery) -> ConnectorError:
    """What a source that cannot be read says, as the job that runs it would report."""
    with pytest.raises(ConnectorError) as caught:
        await taken(await source.verify())
    text = str(caught.value)
    assert text.count("\n") == 0
    assert "; expected " in text
    assert "anna@example.org" not in text
    assert PASSWORD not in text
    return caught.value


async def exhausted(chunks: AsyncIterator[Chunk]) -> None:
    """Read to the end."""
    async for _ in chunks:
        pass


class TestReading:
    async def test_every_column_arrives_in_its_field(self, crm: Crm) -> None:
        crm.add(ANNA)
        roll = await crm.source(partner_numbers={"MM": "milesandmore"}).verify()
        records, position = await taken(roll)
        assert records == [
            Member(
                member_id="M1",
                number="AL-1",
                tier="GOLD",
                points=1500,
                expires_on=date(2027, 12, 31),
                state="Enrolled",
                mews_id="g-1",
                email="anna@example.org",
                first_name="Anna",
                last_name="Müller",
                url="https://cards.example/1",
                partner_numbers={"MM": "992000000000005"},
            )
        ]
        assert roll.columns == {"number", "tier", "points", "expires_on", "state", "url"}
        assert roll.programs == {"MM"}
        assert (roll.mark, roll.full_every, roll.warnings, position) == ("", None, (), "")

    async def test_a_column_of_no_use_is_a_warning(self, crm: Crm) -> None:
        roll = await crm.source("SELECT id AS member_id, first AS Shoe_Size, level AS tier FROM people").verify()
        (warning,) = roll.warnings
        assert warning.startswith("Columns not read: shoe_size; expected only member_id, ")
        assert roll.columns == {"tier"}

    async def test_a_query_is_taken_as_it_stands(self, crm: Crm) -> None:
        crm.add({"id": "M1", "first": "50% :off"}, {"id": "M2", "first": "none"})
        query = "SELECT id AS member_id, first AS first_name FROM people WHERE first LIKE '50% :o%' ;  \n"
        records, _ = await taken(await crm.source(query).verify())
        assert records == [Member("M1", first_name="50% :off")]

    async def test_bad_rows_are_told_with_their_ids(self, crm: Crm) -> None:
        crm.add({"id": "M1", "state": "Asleep"}, {"id": "M2", "state": "New"}, {"id": None, "state": "New"})
        records, _ = await taken(await crm.source("SELECT id AS member_id, state FROM people ORDER BY 2").verify())
        assert ids(records) == ["M1", "M2", None]
        assert isinstance(records[0], BadLine)
        assert records[0].text.startswith("Record 1: state is unknown")

    async def test_a_member_twice_is_one_or_a_doubt(self, crm: Crm) -> None:
        crm.add({"id": "M1", "level": "GOLD"}, {"id": "M1", "level": "GOLD"}, {"id": "M1", "level": "SILVER"})
        query = "SELECT id AS member_id, level AS tier FROM people ORDER BY level"
        first, second = (await taken(await crm.source(query).verify()))[0]
        assert first == Member("M1", tier="GOLD")
        assert isinstance(second, BadLine)
        assert second.member_id == "M1"

    async def test_a_large_table_never_stands_in_memory(self, crm: Crm) -> None:
        roll = await crm.source(crm.generated(300_000)).verify()
        seen = chunks = peak = 0
        async for chunk in roll.take("", 1000):
            seen, chunks = seen + len(chunk.records), chunks + 1
            if chunks == 20:  # what drivers and reader need at all is there by now
                tracemalloc.start()
            elif chunks == 40:
                _, peak = tracemalloc.get_traced_memory()
                tracemalloc.stop()
        assert seen == 300_000
        assert 0 < peak < 20_000 * 200 + 3_000_000  # two hashes for each member, and some chunks


class TestColumns:
    async def test_without_a_member_id_nothing_is_taken(self, crm: Crm) -> None:
        error = await refusal(crm.source("SELECT level AS tier FROM people"))
        assert type(error) is Unfinished
        assert "has no column member_id; expected one among tier." in str(error)

    async def test_of_partner_numbers_must_be_there(self, crm: Crm) -> None:
        error = await refusal(crm.source(partner_numbers={"MM": "miles"}))
        assert type(error) is Unfinished
        assert "has no column miles" in str(error)

    async def test_that_tell_changes_must_be_there(self, crm: Crm) -> None:
        error = await refusal(crm.source(changed_since="changed"))
        assert type(error) is Unfinished
        assert "has no column changed" in str(error)

    async def test_must_not_stand_there_twice(self, crm: Crm) -> None:
        error = await refusal(crm.source("SELECT id AS member_id, card AS tier, level AS tier FROM people"))
        assert "has two columns tier" in str(error)


class TestWriting:
    @pytest.mark.parametrize(
        "query",
        [
            "DELETE FROM people",
            "UPDATE people SET level = 'GOLD'",
            "INSERT INTO people (id) VALUES ('M9') RETURNING id AS member_id",
            "DROP TABLE people",
            "SELECT id AS member_id FROM people; DELETE FROM people",
            "SELECT id AS member_id FROM people; COMMIT; DELETE FROM people",
            "CREATE TABLE more AS SELECT id AS member_id FROM people",
        ],
    )
    async def test_is_refused_and_nothing_is_written(self, crm: Crm, query: str) -> None:
        crm.add({"id": "M1", "level": "SILVER"})
        assert isinstance(await refusal(crm.source(query)), Misconfigured)
        assert isinstance(await refusal(crm.source(query, changed_since="version")), Misconfigured)
        assert crm.execute("SELECT COUNT(*) FROM people WHERE level = 'SILVER'") == 1

    async def test_by_a_function_is_refused_too(self, postgres_crm: Crm) -> None:
        postgres_crm.execute("CREATE TABLE log (n INT)")
        postgres_crm.execute(
            "CREATE FUNCTION noted() RETURNS INT LANGUAGE SQL VOLATILE AS 'INSERT INTO log VALUES (1) RETURNING n'"
        )
        error = await refusal(postgres_crm.source("SELECT 'M1' AS member_id, noted() AS points"))
        assert str(error) == "scheme.query: it would write; expected a query that only reads."
        assert postgres_crm.execute("SELECT COUNT(*) FROM log") == 0

    async def test_is_not_done_by_statements_without_rows(self, crm: Crm) -> None:
        error = await refusal(crm.source("-- nothing"))
        assert isinstance(error, Misconfigured)


class TestFailures:
    @pytest.mark.parametrize(
        ("query", "what"),
        [
            ("SELECT id AS member_id FROM membrs", "membrs"),
            ("SELECT idd AS member_id FROM people", "idd"),
            ("SELECT id AS member_id,, FROM people", '","'),
        ],
    )
    async def test_of_the_query_name_what_is_wrong_with_it(self, crm: Crm, query: str, what: str) -> None:
        for column in ("", "version"):
            error = await refusal(crm.source(query, changed_since=column))
            assert isinstance(error, Misconfigured)
            assert str(error).startswith("scheme.query: the database refuses it (")
            assert what in str(error)

    async def test_in_the_middle_are_unfinished_and_hold_no_data(self, crm: Crm) -> None:
        crm.add(*({"id": f"M{each}", "mail": "anna@example.org", "version": each} for each in range(3000)))
        roll = await crm.source(f"SELECT id AS member_id, {crm.breaking(at=2500)} AS points FROM people").verify()
        chunks = roll.take("", 100)
        assert len((await anext(chunks)).records) == 100
        with pytest.raises(Unfinished) as caught:
            await exhausted(chunks)
        assert "broke the query off" in str(caught.value)
        assert "anna@example.org" not in str(caught.value)
        assert caught.value.__cause__ is None


class TestConnections:
    """They are the database owner's, who has only so many; one that is left open keeps this database from its end."""

    async def test_are_closed_when_nobody_reads_to_the_end(self, postgres_server: postgres.Server) -> None:
        crm = Crm(postgres_server.url(postgres_server.create("unread")))
        chunks = (await crm.source(crm.generated(5000)).verify()).take("", 100)
        assert len((await anext(chunks)).records) == 100
        assert crm.execute("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = 'unread'") == 2
        await cast(AsyncGenerator[Chunk], chunks).aclose()
        postgres_server.drop("unread")


class TestSqliteFiles:
    async def test_that_are_not_there_are_not_made(self, tmp_path: Path) -> None:
        error = await refusal(SqlQuery(f"sqlite:///{tmp_path}/none.db", QUERY))
        assert type(error) is Unfinished
        assert "none.db is not there" in str(error)
        assert os.listdir(tmp_path) == []
        assert type(await refusal(SqlQuery(f"sqlite:///file:{tmp_path}/none.db?uri=true", QUERY))) is Unfinished
        assert os.listdir(tmp_path) == []

    async def test_that_are_no_databases_are_unfinished(self, tmp_path: Path) -> None:
        (tmp_path / "text.db").write_text("anna@example.org " * 500)
        error = await refusal(SqlQuery(f"sqlite:///{tmp_path}/text.db", QUERY))
        assert type(error) is Unfinished
        assert "SQLITE_NOTADB" in str(error)

    async def test_may_have_any_name(self, tmp_path: Path) -> None:
        crm = Crm(f"sqlite:///{tmp_path}/a b%20#ü.db")
        crm.execute("CREATE TABLE people AS SELECT 5 AS member_id")
        records, _ = await taken(await crm.source("SELECT * FROM people").verify())
        assert records == [Member("5")]


class TestConnecting:
    """Each fails in one sentence, and the password is never in it."""

    @pytest.mark.parametrize(
        ("url", "kind", "what"),
        [
            ("postgresql+psycopg://reader@127.0.0.1:1/crm", Unfinished, "crm at 127.0.0.1 cannot be reached"),
            ("postgresql+psycopg://reader@127.0.0.1:1/crm?shoe=5", Misconfigured, "does not understand"),
            ("nosuch://reader@h/crm", Misconfigured, '"nosuch" is not installed'),
            ("snowflake://reader@h/crm", Misconfigured, '"pip install snowflake-sqlalchemy"'),
            ("mysql+pymysql://reader@h/crm", Misconfigured, '"pip install pymysql"'),
            ("mssql+pyodbc://reader@h/crm", Misconfigured, '"pip install pyodbc"'),
            ("postgresql+psycopg2://reader@h/crm", Misconfigured, '"pip install psycopg2-binary"'),
            ("sqlite+aiosqlite:///crm.db", Misconfigured, "asynchronous"),
            ("sqlite://crm.db", Misconfigured, "is not understood"),
            ("postgresql+psycopg://reader@h:port/crm", Misconfigured, "is not understood"),
        ],
    )
    async def test_fails_in_one_sentence(self, url: str, kind: type[ConnectorError], what: str) -> None:
        error = await refusal(SqlQuery(url, QUERY, PASSWORD))
        assert type(error) is kind
        assert what in str(error)

    async def test_with_another_user_is_unauthorized(self, postgres_server: postgres.Server) -> None:
        url = postgres_server.url("postgres").replace("postgres@", "stranger@")
        error = await refusal(SqlQuery(url, QUERY, PASSWORD))
        assert type(error) is Unauthorized
        assert "the database postgres refuses the user" in str(error)

    async def test_to_a_database_that_is_not_there_is_a_fault_of_the_settings(
        self, postgres_server: postgres.Server
    ) -> None:
        error = await refusal(SqlQuery(postgres_server.url("crmm"), QUERY, PASSWORD))
        assert type(error) is Misconfigured
        assert "the database crmm does not exist" in str(error)

    def test_does_not_show_the_password_of_a_source(self) -> None:
        assert PASSWORD not in repr(SqlQuery("sqlite:///crm.db", QUERY, PASSWORD))


class TestChanges:
    async def test_full_readings_are_wanted_only_with_a_column_that_tells_changes(self, crm: Crm) -> None:
        day = timedelta(days=1)
        assert (await crm.source(full_every=day).verify()).full_every is None
        query = "SELECT id AS member_id, version FROM people"
        assert (await crm.source(query, changed_since="version", full_every=day).verify()).full_every == day

    async def test_are_read_from_the_greatest_value_on_with_its_ties(self, crm: Crm) -> None:
        crm.add(*({"id": f"M{each}", "version": version} for each, version in enumerate([5, 2**40, None, 2**40, 7])))
        query = "SELECT id AS member_id, version AS \"Version\" FROM people ORDER BY id; -- ':x' 100%"
        roll = await crm.source(query.replace("; --", " --"), changed_since="VERSION").verify()
        everything, position = await taken(roll)
        assert ids(everything) == ["M0", "M1", "M2", "M3", "M4"]
        assert position == f"int:{2**40}"
        crm.add({"id": "M5", "version": 2**41}, {"id": "M6", "version": None})
        changed, position = await taken(roll, position)
        assert ids(changed) == ["M1", "M3", "M5"]
        assert position == f"int:{2**41}"

    @pytest.mark.parametrize("kind", ["TIMESTAMP", "TIMESTAMPTZ"])
    async def test_by_moments_come_again_for_five_minutes(self, crm: Crm, kind: str) -> None:
        if crm.url.startswith("sqlite"):
            kind = "TEXT"
        crm.execute(f"CREATE TABLE moments (id TEXT, at {kind})")
        # in the hour that Vienna has twice, where the server is
        night = ["00:10:00", "00:20:00", "00:50:00", "01:05:01", "01:10:00"]
        zone = "" if kind != "TIMESTAMPTZ" else "+00"
        for each, time in enumerate(night):
            crm.execute(f"INSERT INTO moments VALUES ('M{each}', '2026-10-25 {time}{zone}')")
        roll = await crm.source("SELECT id AS member_id, at FROM moments", changed_since="at").verify()
        _, position = await taken(roll)
        changed, again = await taken(roll, position)
        assert ids(changed) == ["M3", "M4"]
        assert again == position

    async def test_by_days_come_with_the_whole_day(self, crm: Crm) -> None:
        crm.add(*({"id": f"M{each}", "until": f"2026-11-2{each}"} for each in range(4)))
        if crm.url.startswith("sqlite"):
            return
        roll = await crm.source("SELECT id AS member_id, until FROM people", changed_since="until").verify()
        _, position = await taken(roll)
        assert position == "date:2026-11-23"
        assert ids((await taken(roll, position))[0]) == ["M3"]

    async def test_from_a_position_that_is_not_understood_are_everything(self, crm: Crm) -> None:
        crm.add({"id": "M1", "version": 1}, {"id": "M2", "version": 2})
        roll = await crm.source("SELECT id AS member_id, version FROM people", changed_since="version").verify()
        assert ids((await taken(roll, "moon:full"))[0]) == ["M1", "M2"]

    async def test_by_a_column_that_has_no_order_have_no_position(self, crm: Crm) -> None:
        crm.add({"id": "M1", "level": "GOLD"})
        roll = await crm.source("SELECT id AS member_id, level AS tier FROM people", changed_since="tier").verify()
        assert (await taken(roll))[1] == ""
