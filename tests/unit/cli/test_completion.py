from __future__ import annotations

import pytest
from typer.testing import CliRunner

from connector.cli.app import app


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("led", ["ledger"]), ("ledger rel", ["release"]), ("suspense list --par", ["--partner"])],
)
def test_a_shell_completes_commands_and_options(typed: str, offered: list[str]) -> None:
    words = f"loyalty-connector {typed}"
    asked = {
        "_LOYALTY_CONNECTOR_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }

    done = CliRunner().invoke(app, [], env=asked, prog_name="loyalty-connector")

    assert (done.exit_code, done.stdout.split()) == (0, offered)


def test_the_completion_can_be_installed() -> None:
    assert "--install-completion" in CliRunner().invoke(app, ["--help"]).output
