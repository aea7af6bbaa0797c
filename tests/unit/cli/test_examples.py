"""Each command's help ends with an example, and every example is a command that exists."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from connector.cli.app import app
from connector.cli.examples import EXAMPLES

ROOT: Any = get_command(app)


def commands(found: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each command with the words that call it."""
    for name, inner in found.commands.items():
        if hasattr(inner, "commands"):
            yield from commands(inner, f"{path}{name} ")
        elif not inner.hidden:
            yield f"{path}{name}", inner


COMMANDS = dict(commands(ROOT))


def parsed(example: str) -> str:
    """Parse an example as the program would, without running it; return the command that it calls."""
    words = shlex.split(example.partition(" > ")[0])
    found, path, context = ROOT, [], None
    while True:
        context = found.make_context(found.name, words, parent=context)
        if not hasattr(found, "commands"):
            return " ".join(path)
        words = [*context._protected_args, *context.args]
        name = words.pop(0)
        found = found.commands[name]
        path.append(name)


def test_every_command_has_an_example_and_no_other_one_has() -> None:
    assert set(EXAMPLES) == set(COMMANDS)
    assert all(1 <= len(each) <= 2 for each in EXAMPLES.values())


@pytest.mark.parametrize(("name", "example"), [(name, each) for name in EXAMPLES for each in EXAMPLES[name]])
def test_an_example_is_a_command_with_options_that_it_has(name: str, example: str) -> None:
    assert parsed(example) == name


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_the_help_of_a_command_ends_with_its_examples(name: str) -> None:
    shown = COMMANDS[name].epilog.split("\n\n")

    assert shown == ["Examples:", *(f"$ loyalty-connector {each}" for each in EXAMPLES[name])]
