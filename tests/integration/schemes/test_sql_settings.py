"""The settings of a query, on their way to the source."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

from connector.bootstrap.parts import Parts
from connector.bootstrap.schemes import source
from connector.schemes.sql_query import SqlQuery
from connector.store.engine import Database
from connector.telemetry import redact
from tests.unit.settings.settings_files import QUERY, SMALL, Files


def test_a_query_comes_as_it_was_set_and_the_logs_know_its_password(tmp_path: Path) -> None:
    text = SMALL + QUERY + 'changed_since = "changed"\nfull_every = "6h"\npartner_numbers = { MM = "miles" }\n'
    settings = Files(tmp_path).load(text, {"LOYALTY_SCHEME__PASSWORD": "geheim-crm"})
    assert settings.scheme is not None
    parts = Parts(settings, Database(settings.database.url), AsyncExitStack())
    assert source(parts, settings.scheme) == SqlQuery(
        url=f"sqlite:///{tmp_path}/crm.db",
        query="SELECT id AS member_id FROM people",
        password="geheim-crm",
        partner_numbers={"MM": "miles"},
        changed_since="changed",
        full_every=timedelta(hours=6),
    )
    assert "geheim-crm" not in redact.scrub("it says geheim-crm")
