"""From a file, the environment and secret files to settings, or to every fault at once."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pydantic import ValidationError

from connector.errors import Misconfigured
from connector.settings import connection_checks, crosschecks, environment, faults, secret_files, toml_file
from connector.settings.addresses import anchored_database
from connector.settings.document import Settings
from connector.settings.environment import Given
from connector.settings.faults import Fault
from connector.settings.keys import Tables, key, paths, put
from connector.settings.shape import Leaf, leaves, unreadable

_SLACK = timedelta(days=5)


@dataclass(slots=True)
class _Reading:
    """One reading of the configuration: its tables, where each value came from, and what is wrong so far."""

    file: Path
    tables: Tables
    environ: Mapping[str, str]
    sources: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    def open_to_the_model(self) -> Tables:
        """Return the tables without root keys that the library would take for its own parameters."""
        ours = [name for name in self.tables if name.startswith("_")]
        self.faults.extend(Fault((name,), faults.unknown((name,), self.tables)) for name in ours)
        return {name: copy.deepcopy(table) for name, table in self.tables.items() if name not in ours}

    def place(self, fault: Fault) -> str:
        source = "" if fault.of_file else self.sources.get(key(fault.path), "")
        name = source.removeprefix("environment ")
        return name if name != source else f"{self.file.name}: {key(fault.path)}"

    def lines(self) -> list[str]:
        return [*(f"{self.place(fault)}: {fault.text}" for fault in self.faults), *self.others]


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read the configuration: ``path``, else LOYALTY_CONFIG, else ./connector.toml.

    Raises Misconfigured with one sentence per fault (where, what, what was expected), all of them at once.
    """
    file = toml_file.find(path, environ)
    reading = _Reading(file, toml_file.read(file), environ)
    known = list(leaves(Settings, reading.tables))
    reading.sources.update((key(one), "file") for one in paths(reading.tables))
    reading.faults.extend(faults.secrets_in(reading.tables, known))
    _fill(reading, known)
    settings = _validated(reading)
    _judge_names(reading, known)
    if settings is None or reading.faults or reading.others:
        raise Misconfigured(*reading.lines())
    return _finished(settings, reading, known)


def _fill(reading: _Reading, known: list[Leaf]) -> None:
    """Put in what the environment and the secret files give; the environment wins."""
    for one in (*_from_files(reading, known), *environment.given(reading.environ, known)):
        put(reading.tables, one.path, one.value)
        reading.sources[key(one.path)] = one.source


def _from_files(reading: _Reading, known: list[Leaf]) -> list[Given]:
    try:
        return list(secret_files.given(secret_files.directory(reading.environ), known))
    except Misconfigured as error:
        reading.others.extend(error.faults)
        return []


def _validated(reading: _Reading) -> Settings | None:
    settings, refused = None, []
    try:
        settings = Settings.model_validate(_anchored(reading))
    except ValidationError as error:
        refused = list(faults.refused(error, reading.tables))
    told = {fault.path for fault in reading.faults}
    reading.faults.extend(fault for fault in refused if fault.path not in told)
    reading.faults.extend(crosschecks.faults(reading.tables, str(reading.file.parent)))
    return settings


def _anchored(reading: _Reading) -> Tables:
    """Return the tables with relative paths taken from the file's directory."""
    tables, directory = reading.open_to_the_model(), reading.file.parent
    scheme, database = tables.get("scheme"), tables.setdefault("database", {})
    if isinstance(scheme, dict):
        scheme.setdefault("kind", "csv")
        _anchor_source(scheme, directory)
    for partner in _tables(tables.get("partners")):
        for files in _tables({name: partner.get(name) for name in ("exchanges", "deposits")}):
            _anchor_files(files, directory)
    for _, connection in connection_checks.connections(tables):
        _anchor_files(connection, directory)
    if isinstance(database, dict):
        url = database.setdefault("url", Settings.model_fields["database"].default.url)
        database["url"] = anchored_database(url, directory) if isinstance(url, str) else url
    return tables


def _tables(table: object) -> list[Tables]:
    return [each for each in table.values() if isinstance(each, dict)] if isinstance(table, dict) else []


def _anchor_files(table: Tables, directory: Path) -> None:
    for name in ("path", "answers", *connection_checks.FILES):
        if table.get(name) and isinstance(table[name], str):
            table[name] = str(directory / table[name])


def _anchor_source(scheme: Tables, directory: Path) -> None:
    _anchor_files(scheme, directory)
    if isinstance(scheme.get("url"), str):
        scheme["url"] = anchored_database(scheme["url"], directory)


def _judge_names(reading: _Reading, known: list[Leaf]) -> None:
    unjudged = list(unreadable(Settings, reading.tables))
    reading.others.extend(secret_files.absent_directory(reading.environ))
    reading.others.extend(environment.strangers(reading.environ, known, unjudged))


def _finished(settings: Settings, reading: _Reading, known: list[Leaf]) -> Settings:
    if "mews.history" not in reading.sources:
        settings = _with_history(settings)
    settings._file = reading.file
    settings._sources = reading.sources
    settings._warnings = tuple(secret_files.strangers(reading.environ, known))
    return settings


def _with_history(settings: Settings) -> Settings:
    """Read far enough back for the oldest stay that any partner still takes."""
    longest = max((partner.max_age + _SLACK for partner in settings.partners.values()), default=timedelta())
    mews = settings.mews.model_copy(update={"history": max(settings.mews.history, longest)})
    return settings.model_copy(update={"mews": mews})
