"""When jobs run, where state is kept, and what the outside sees."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Literal

from pydantic import Field

from connector.settings.addresses import DatabaseAddress
from connector.settings.section import Section
from connector.settings.values import Delay, Every, Secret


class Schedule(Section):
    """When each job runs: an interval, or a time of day in the chain's time zone."""

    align: Every = Field(timedelta(minutes=5), description="Bring Mews in line with the scheme.")
    stays: Every = Field(timedelta(minutes=2), description="Read stays and decide awards.")
    deliver: Every = Field(timedelta(seconds=15), description="Send what is due to the partners.")
    reconcile: Every = Field(
        time(6, 30), description="Compare what was sent with what the partners answered, and close months."
    )


class Reconcile(Section):
    """How the books of the partners' miles are kept."""

    close_after: Delay = Field(
        timedelta(days=10),
        description='How long after its end a month is closed; later changes are adjustments. "never": by hand only.',
    )


class Database(Section):
    """Where cursors and the ledger are kept."""

    url: DatabaseAddress = Field("sqlite:///connector.db", description="SQLite file or PostgreSQL database.")
    password: Secret | None = Field(None, description="Password of the database.")


class Privacy(Section):
    """How identifiers are hidden."""

    hash_key: Secret | None = Field(
        None, description="Key of the hashes of identifiers; made and kept beside the database when absent."
    )


class Logging(Section):
    """What is logged, and how."""

    format: Literal["auto", "json", "console"] = Field("auto", description="auto: console on a terminal, else json.")
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = Field("INFO", description="Least level logged.")
