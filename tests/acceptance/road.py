"""The whole road as a user drives it: a sandbox on loopback, a configuration, and the public commands."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from string import Template
from typing import Any
from urllib.request import urlopen

from connector.sandbox.credentials import environment

TEMPLATE = Path(__file__).parents[2] / "connector" / "cli" / "demo.toml"
ROOT = Path(__file__).parents[2]
PARTNERS = {"miles_and_more": "uplyft", "air_miles": "airmiles"}
WRITES = re.compile(r"/(add|update|delete)$")


def variables() -> dict[str, str]:
    """Return the environment of a command: none of the user's settings, the sandbox's secrets."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LOYALTY_")}
    return inherited | {"LOYALTY_LOGGING__LEVEL": "ERROR"} | dict(environment())


def days_ago(days: int) -> str:
    """Return a day in the past as TOML writes it."""
    return (date.today() - timedelta(days=days)).isoformat()  # noqa: DTZ011  # any day near it


@dataclass(frozen=True)
class Done:
    """A command that ended."""

    code: int
    output: str
    errors: str

    @property
    def json(self) -> Any:
        """Return what it printed with ``--json``."""
        return json.loads(self.output, parse_float=Decimal)


@dataclass(frozen=True)
class Road:
    """A configuration file, its database beside it, and the addresses of the servers that it names."""

    config: Path
    urls: dict[str, str]

    @classmethod
    def written(
        cls,
        home: Path,
        urls: dict[str, str],
        members: Path,
        *,
        starts: Mapping[str, str] | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> Road:
        """Write the demo's configuration, without its request limit.

        ``starts`` are days by partner; ``extra`` are lines to add to tables, by the table's name.
        """
        home.mkdir(parents=True, exist_ok=True)
        text = Template(TEMPLATE.read_text()).substitute(urls, members=members, start=days_ago(365))
        for partner, start in (starts or {}).items():
            text = re.sub(rf"(?s)(\[partners\.{partner}\]\n.*?start = )\S+", rf"\g<1>{start}", text, count=1)
        text = text.replace("[mews.properties.wien]", "[mews.limits]\nrequests = 100000\n[mews.properties.wien]")
        for table, lines in (extra or {}).items():
            assert f"[{table}]\n" in text
            text = text.replace(f"[{table}]\n", f"[{table}]\n{lines}\n", 1)
        config = home / "connector.toml"
        config.write_text(text, encoding="utf-8")
        return cls(config, urls)

    @property
    def database(self) -> Path:
        """The connector's database."""
        return self.config.with_name("connector.db")

    def command(self, *words: str) -> list[str]:
        """Return the command line."""
        return [sys.executable, "-m", "connector", "--config", str(self.config), *words]

    def run(self, *words: str, timeout: float = 240) -> Done:
        """Run a command to its end."""
        done = subprocess.run(
            self.command(*words),
            env=variables(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def sync(self, *words: str) -> Any:
        """Run every job to rest, which must succeed, and return the summary."""
        done = self.run("sync", "--json", *words)
        assert done.code == 0, (done.output, done.errors)
        return done.json

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Look into the connector's database."""
        return rows(self.database, sql)

    def write(self, sql: str) -> None:
        """Change the connector's database while no command runs."""
        connection = sqlite3.connect(self.database)
        try:
            with connection:
                connection.execute(sql)
        finally:
            connection.close()


def rows(database: Path, sql: str) -> list[tuple[Any, ...]]:
    """Read from an SQLite file and leave no connection open."""
    connection = sqlite3.connect(database)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def get(url: str) -> Any:
    """Return the JSON of a control endpoint of the sandbox."""
    with urlopen(url, timeout=60) as answer:
        return json.load(answer, parse_float=Decimal)


def records(state: Path, kind: str, holding: str = "") -> Iterator[dict[str, Any]]:
    """Yield every record of a kind that the simulated Mews has in its file; numbers are exact.

    The file is read while no server runs. ``holding`` leaves out records in whose text these words do not stand.
    """
    connection = sqlite3.connect(state / "mews.db")
    try:
        for body, side, deleted in connection.execute(f'SELECT body, side, deleted FROM "{kind}"'):
            if holding in body:
                record = json.loads(body, parse_float=Decimal)
                yield {**record, **json.loads(side), "_Deleted": deleted is not None}
    finally:
        connection.close()


def shown(mews: str, kind: str) -> Iterator[dict[str, Any]]:
    """Yield every record of a kind that a running Mews tells."""
    with urlopen(f"{mews}/_sandbox/records?kind={kind}", timeout=60) as answer:
        for line in answer:
            yield json.loads(line)


def mews_writes(mews: str) -> dict[str, int]:
    """Return the calls since Mews's start that would change something, by operation."""
    stats = get(f"{mews}/_sandbox/stats")
    return {name: count["calls"] for name, count in stats.items() if WRITES.search(name) and count["calls"]}


def credits_at(urls: dict[str, str], partner: str) -> list[dict[str, Any]]:
    """Return every effect at a partner: ``key, member, miles, kind, at, reference, detail``."""
    found: list[dict[str, Any]] = get(f"{urls[PARTNERS[partner]]}/_sandbox/credits")
    return found


def repeated(values: list[Any]) -> list[Any]:
    """Return what stands there more than once."""
    return [value for value, count in Counter(values).items() if count > 1]


def say(text: str) -> None:
    """Tell a figure or a seed; pytest shows it when the test fails."""
    sys.stdout.write(f"{text}\n")
