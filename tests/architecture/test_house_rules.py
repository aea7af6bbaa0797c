"""What every file of the project keeps to, as far as a program can tell."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "connector"
FILES = sorted(PACKAGE.rglob("*.py"))
TEXTS = {".py", ".md", ".toml", ".html", ".json", ".mako", ""}

LONGEST = 250
LONGER = {
    "store/migrations/versions/0001_first.py",  # generated once, never edited again
}
NAMES_OF_NOTHING = {"base", "common", "helpers", "manager", "misc", "models", "utils"}
MAY_CATCH_EVERYTHING = {"__main__.py", "jobs/runner.py"}


def name(file: Path) -> str:
    """Return how this test calls a file of the package."""
    return file.relative_to(PACKAGE).as_posix()


def catches_everything(handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler takes every error and does not pass it on."""
    caught = {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)} if handler.type else {"all"}
    passes_on = isinstance(handler.body[-1], ast.Raise)
    return bool(caught & {"all", "Exception", "BaseException"}) and not passes_on


def written_by_people() -> list[Path]:
    """Return the text files of the project, wherever they lie."""
    places = ("connector", "config", "tests", ".ci")
    found = [file for place in places for file in (ROOT / place).rglob("*") if file.is_file()]
    found += [ROOT / each for each in ("README.md", "CHANGELOG.md", "Dockerfile", "justfile", "pyproject.toml")]
    return [file for file in found if file.suffix in TEXTS and "__pycache__" not in file.parts]


def test_a_file_that_grows_too_long_is_split_by_noun() -> None:
    long = {name(file) for file in FILES if len(file.read_text(encoding="utf-8").splitlines()) > LONGEST}

    assert long <= LONGER


def test_a_file_is_named_after_a_thing() -> None:
    assert [name(file) for file in FILES if file.stem in NAMES_OF_NOTHING or file.parent.name in NAMES_OF_NOTHING] == []


def test_only_the_job_runner_and_the_command_catch_everything() -> None:
    catching = {
        name(file)
        for file in FILES
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.ExceptHandler) and catches_everything(node)
    }

    assert catching == MAY_CATCH_EVERYTHING


def test_nothing_but_the_command_line_prints() -> None:
    printing = {
        name(file)
        for file in FILES
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }

    assert {each for each in printing if not each.startswith("cli/")} == set()


def test_nothing_is_left_to_do_later() -> None:
    mark = re.compile("TO" r"DO\b|FIX" r"ME\b|\bXX" r"X\b")
    marked = [file for file in written_by_people() if mark.search(file.read_text(encoding="utf-8"))]

    assert marked == []


@pytest.mark.skipif(len(ROOT.parts) < 3, reason="a checkout at the top of a disk has no telling path")
def test_no_file_knows_where_it_was_written() -> None:
    telling = [file for file in written_by_people() if f"{ROOT}/" in file.read_text(encoding="utf-8")]

    assert telling == []
