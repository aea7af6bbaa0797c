"""``config`` as a person runs it, below a root command that carries ``--config``."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner, Result

from connector.cli.config import app
from connector.errors import Misconfigured
from connector.settings import example, secret_files

SECRETS = {
    "LOYALTY_MEWS__CLIENT_TOKEN": "geheim-1",
    "LOYALTY_MEWS__PROPERTIES__WIEN__ACCESS_TOKEN": "geheim-2",
    "LOYALTY_MEWS__PROPERTIES__MONTREAL__ACCESS_TOKEN": "geheim-3",
    "LOYALTY_PARTNERS__MILES_AND_MORE__APP_ID": "geheim-4",
    "LOYALTY_PARTNERS__MILES_AND_MORE__APP_SECRET": "geheim-5",
    "LOYALTY_PARTNERS__AIR_MILES__CLIENT_ID": "geheim-6",
    "LOYALTY_PARTNERS__AIR_MILES__CLIENT_SECRET": "geheim-7",
}
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the commands in a directory of their own, with the secrets of the example in the environment."""
    for name in [name for name in os.environ if name.upper().startswith("LOYALTY_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setattr(secret_files, "SHARED", tmp_path / "no" / "run" / "secrets")
    monkeypatch.chdir(tmp_path)
    root = typer.Typer()
    root.add_typer(app, name="config")

    @root.callback()
    def carry(context: typer.Context, config: Path | None = None) -> None:
        context.obj = SimpleNamespace(config=config)

    return lambda *arguments: CliRunner().invoke(root, arguments, env=SECRETS)


def lines_of(result: Result) -> tuple[str, ...]:
    """Return what the root command would print before it exits with 2."""
    assert isinstance(result.exception, Misconfigured)
    return result.exception.faults


class TestInit:
    def test_writes_the_commented_file(self, run: Run, tmp_path: Path) -> None:
        result = run("config", "init")
        assert result.exit_code == 0
        assert (tmp_path / "connector.toml").read_text(encoding="utf-8") == example()
        assert "config check" in result.stdout

    def test_writes_where_it_is_told(self, run: Run, tmp_path: Path) -> None:
        assert run("config", "init", "other.toml").exit_code == 0
        assert run("--config", "third.toml", "config", "init").exit_code == 0
        assert {path.name for path in tmp_path.iterdir()} == {"other.toml", "third.toml"}

    def test_never_overwrites(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "connector.toml").write_text("mine")
        (line,) = lines_of(run("config", "init"))
        assert line.endswith("connector.toml: exists already; expected a path where there is no file")
        assert (tmp_path / "connector.toml").read_text() == "mine"

    def test_says_when_it_cannot_write(self, run: Run) -> None:
        (line,) = lines_of(run("config", "init", "no/such/directory/connector.toml"))
        assert "cannot be written" in line


class TestCheck:
    def test_passes_what_init_wrote(self, run: Run, tmp_path: Path) -> None:
        run("config", "init")
        result = run("config", "check")
        assert result.exit_code == 0
        assert result.stdout == f"{tmp_path}/connector.toml: ok\n"

    def test_prints_warnings_and_notes_before_its_verdict(self, run: Run, tmp_path: Path) -> None:
        text = example().replace('hold = "settled"', 'hold = "none"').replace('mode = "shadow"', 'mode = "live"')
        (tmp_path / "connector.toml").write_text(text.replace('which = "primary"\n', ""), encoding="utf-8")
        lines = run("config", "check").stdout.splitlines()
        assert lines[0].startswith("warning: connector.toml: mews.platform_address: ")
        assert lines[1].startswith('warning: connector.toml: partners.miles_and_more.hold: "none"')
        assert lines[2] == (
            'note: connector.toml: partners.miles_and_more: left at the default: which ("primary"); '
            "compare with the partner contract"
        )
        assert lines[-1].endswith(": ok")

    def test_prints_the_same_as_json(self, run: Run, tmp_path: Path) -> None:
        run("config", "init")
        found = json.loads(run("config", "check", "--json").stdout)
        assert found == {"file": f"{tmp_path}/connector.toml", "warnings": [], "notes": []}

    def test_reports_every_fault(self, run: Run, tmp_path: Path) -> None:
        text = example().replace('per = "20.00"', 'per = "abc"').replace("requests = 200", "requests = 0")
        (tmp_path / "connector.toml").write_text(text, encoding="utf-8")
        assert lines_of(run("config", "check")) == (
            "connector.toml: mews.limits.requests: 0 is too small; expected more than 0",
            'connector.toml: partners.air_miles.earn[0].per: "abc" is not an amount; expected digits like "20.00"',
        )

    def test_reports_a_missing_file(self, run: Run) -> None:
        (line,) = lines_of(run("--config", "nowhere.toml", "config", "check"))
        assert "nowhere.toml: does not exist" in line


class TestSchema:
    def test_is_json(self, run: Run) -> None:
        assert json.loads(run("config", "schema").stdout)["$schema"].startswith("https://json-schema.org/")


class TestShow:
    def test_prints_values_with_their_sources(self, run: Run) -> None:
        run("config", "init")
        text = run("config", "show").stdout
        assert 'chain.name = "Alpenglow Hotels"  (file)\n' in text
        assert 'mews.client_token = "set"  (environment LOYALTY_MEWS__CLIENT_TOKEN)\n' in text
        assert "partners.air_miles.start = absent  (default)\n" in text

    def test_prints_the_same_as_json(self, run: Run) -> None:
        run("config", "init")
        found = json.loads(run("config", "show", "--json").stdout)
        assert found["schedule.align"] == {"value": "5m", "source": "file"}
        assert found["privacy.hash_key"] == {"value": "missing", "source": "default"}

    def test_never_prints_a_secret(self, run: Run) -> None:
        run("config", "init")
        text = run("config", "show").stdout + run("config", "show", "--json").stdout
        assert "geheim" not in text
