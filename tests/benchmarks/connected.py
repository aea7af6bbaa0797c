"""A connector on a database of its own, beside a simulated Mews without a limit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from connector.domain.harm import Limits
from connector.domain.matching import Hasher
from connector.http.client import Client
from connector.http.limiter import Unlimited
from connector.jobs.chain import Chain
from connector.jobs.scheme import Road
from connector.mews.client import Mews
from connector.sandbox.mews.tokens import ACCESS_TOKENS, CLIENT_TOKEN
from connector.schemes.csv_file import CsvFile
from connector.schemes.csv_source import CsvSource
from connector.store.engine import Database
from connector.store.migrations import upgrade
from connector.telemetry import logging
from connector.telemetry.clock import SystemClock
from connector.telemetry.garbage import collect_seldom
from tests.integration.alignment.hotel import PROGRAMS

KEY = b"0" * 32


@asynccontextmanager
async def connected(file: Path, url: str) -> AsyncIterator[Chain]:
    """Give a chain of one token with its database, made when absent."""
    logging.configure(level="ERROR")
    collect_seldom()  # as every command does
    database, clock = Database(f"sqlite:///{file}"), SystemClock()
    await upgrade(database)
    token = Mews(
        Client(url, name="Mews"),
        client_token=CLIENT_TOKEN,
        access_token=ACCESS_TOKENS["wien"],
        client_name="Mews Loyalty Connector 1.0.0",
        table="wien",
        limiter=Unlimited(),
        clock=clock,
    )
    yield Chain(
        database=database,
        clock=clock,
        owner="benchmark",
        tokens={"wien": token},
        portfolios=frozenset(),
        hasher=Hasher(KEY),
        history=timedelta(days=90),
        visibility=timedelta(seconds=60),
    )
    await token.aclose()
    await database.aclose()


def road(members: Path) -> Road:
    """Return the first road of a scheme in a file, with no guard in its way."""
    return Road(
        program_code="ALPEN",
        programs=PROGRAMS,
        source=CsvSource(CsvFile(members)),
        mode="snapshot",
        methods=("mews_id", "membership", "loyalty_code", "email_and_name"),
        primary="if_only",
        gone="cancel",
        unknown="keep",
        limits=Limits(10_000_000, 1.0, 1.0),
    )
