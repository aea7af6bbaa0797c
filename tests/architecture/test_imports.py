"""Imports go one way, and each library has its place."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "connector"

PLACES = {
    "aiosqlite": {"store"},
    "alembic": {"store"},
    "apscheduler": {"daemon"},
    "babel": {"settings"},
    "graphql": {"sandbox"},
    "httpx": {"http"},
    "jinja2": {"sandbox", "web"},
    "markupsafe": {"web"},
    "msgspec": {"mews"},
    "opentelemetry": {"telemetry"},
    "prometheus_client": {"telemetry"},
    "pydantic": {"bootstrap", "settings"},
    "pydantic_core": {"settings"},
    "pydantic_settings": {"settings"},
    "rich": {"cli"},
    "sqlalchemy": {"jobs", "schemes", "store"},
    "sqlmodel": {"store"},
    "starlette": {"sandbox", "web"},
    "structlog": {"daemon", "http", "jobs", "telemetry", "web"},
    "typer": {"__main__", "cli"},
    "uvicorn": {"sandbox", "web"},
    "websockets": {"mews"},
}


def imports(file: Path) -> Iterator[tuple[str, str]]:
    """Yield each absolute import of a file, as module and imported name."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.module, alias.name) for alias in node.names)


def part(file: Path) -> str:
    """Return the part of the package that a file belongs to."""
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_the_contracts_of_import_linter_are_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)

    assert lint_imports(no_cache=True) == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_each_library_is_imported_only_in_its_place() -> None:
    places = defaultdict(set)
    for file in PACKAGE.rglob("*.py"):
        for module, _ in imports(file):
            library = module.partition(".")[0]
            if library not in sys.stdlib_module_names | {"connector", "_typeshed"}:
                places[library].add(part(file))

    assert {name: found - PLACES.get(name, set()) for name, found in places.items()} == {name: set() for name in places}


def test_every_dependency_that_has_a_place_is_used() -> None:
    used = {module.partition(".")[0] for file in PACKAGE.rglob("*.py") for module, _ in imports(file)}

    assert set(PLACES) - used == set()


def test_jobs_know_no_more_of_the_database_than_its_connection() -> None:
    names = {
        name
        for file in (PACKAGE / "jobs").glob("*.py")
        for module, name in imports(file)
        if module.startswith("sqlalchemy")
    }

    assert names <= {"AsyncConnection"}


def test_tables_never_leave_the_store() -> None:
    seen = {
        str(file.relative_to(ROOT))
        for file in PACKAGE.rglob("*.py")
        for module, name in imports(file)
        if f"{module}.{name}".startswith("connector.store.tables") and part(file) != "store"
    }

    assert seen == set()


def test_the_domain_asks_no_clock() -> None:
    clocks = {"now", "today", "utcnow", "time", "monotonic"}
    asked = [
        f"{file.name}:{node.lineno}"
        for file in (PACKAGE / "domain").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in clocks
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date", "time"}
    ]

    assert asked == []
