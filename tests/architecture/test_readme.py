"""The README says what the program says: the commands in it exist, and their table is the one of ``--help``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from connector.cli.app import app
from connector.settings import load

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.compile(r"^(?:\$ |.*uv run )loyalty-connector +(.+)$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")


def commands(found: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield each command with the sentence that ``--help`` says about it."""
    if not hasattr(found, "commands"):
        yield " ".join(path), " ".join(found.help.split())
        return
    for name, inner in found.commands.items():
        yield from commands(inner, (*path, name))


COMMANDS = dict(commands(get_command(app)))


def block(name: str) -> str:
    """Return what stands between a marker of this name and the next end."""
    _, marker, rest = README.partition(f"<!-- {name} -->\n")
    assert marker, f"README.md has no block {name!r}"
    return rest.partition("<!-- end -->")[0]


def test_the_table_of_commands_is_that_of_help() -> None:
    rows = [f"| `{name}` | {sentence} |" for name, sentence in COMMANDS.items()]

    assert block("commands").splitlines() == ["| command | does |", "| --- | --- |", *rows]


@pytest.mark.parametrize("words", sorted(set(SHOWN.findall(README))))
def test_a_command_that_is_shown_exists(words: str) -> None:
    assert any(f"{words} ".startswith(f"{name} ") for name in COMMANDS)


def test_the_two_commands_of_the_first_screen_are_as_promised() -> None:
    assert "\npip install uv && uv run loyalty-connector demo\n" in README
    assert "\npip install uv && uv run pytest\n" in README


def test_the_file_of_the_trial_is_a_whole_configuration(tmp_path: Path) -> None:
    file = tmp_path / "connector.toml"
    file.write_text(block("trial").strip().removeprefix("```toml").removesuffix("```"), encoding="utf-8")
    tokens = {"LOYALTY_MEWS__CLIENT_TOKEN": "c", "LOYALTY_MEWS__PROPERTIES__DEMO__ACCESS_TOKEN": "a"}

    assert load(file, tokens).scheme is not None


def test_the_demo_shows_each_command_that_it_runs() -> None:
    shown = re.findall(r"^\$ loyalty-connector (\w+)", block("demo"), re.MULTILINE)

    assert shown == ["config", "plan", "sync", "earn"]


@pytest.mark.parametrize("text", ["README.md", "config/README.md", "connector/README.md"])
def test_every_link_leads_somewhere(text: str) -> None:
    page = ROOT / text
    links = LINK.findall(page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_data_are_attributed() -> None:
    words = ("Antonio", "Almeida", "Nunes", "Data in Brief 22 (2019) 41", "CC BY 4.0")

    assert [word for word in words if word not in README] == []
