"""When jobs run, where state is kept, and what the outside sees."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Literal

from pydantic import Field

from connector.settings.addresses import DatabaseAddress, Listen
from connector.settings.section import Section
from connector.settings.values import Every, Secret


class Schedule(Section):
    """When each job runs: an interval, or a time of day in the chain's time zone."""

    align: Every = Field(timedelta(minutes=5), description="Bring Mews in line with the scheme.")
    stays: Every = Field(timedelta(minutes=2), description="Read stays and decide awards.")
    deliver: Every = Field(timedelta(seconds=15), description="Send what is due to the partners.")
    reconcile: Every = Field(time(6, 30), description="Compare the ledger with the partners.")
    sweep: Every = Field(time(4, 0), description="Clear away what is no longer needed.")


class Database(Section):
    """Where cursors and the ledger are kept."""

    url: DatabaseAddress = Field("sqlite:///connector.db", description="SQLite file or PostgreSQL database.")
    password: Secret | None = Field(None, description="Password of the database.")


class Web(Section):
    """The console, health and metrics."""

    listen: Listen = Field("127.0.0.1:8080", description="Address to listen on.")
    admin_token: Secret | None = Field(None, description="Opens the console; without it the console is closed.")
    webhook_token: Secret | None = Field(None, description="Opens the webhook; without it there is none.")


class Privacy(Section):
    """How identifiers are hidden."""

    hash_key: Secret | None = Field(
        None, description="Key of the hashes of identifiers; made and kept beside the database when absent."
    )


class Logging(Section):
    """What is logged, and how."""

    format: Literal["auto", "json", "console"] = Field("auto", description="auto: console on a terminal, else json.")
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = Field("INFO", description="Least level logged.")
