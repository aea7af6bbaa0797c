"""``config``: write, check, describe and show the configuration."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.new_file import new_file
from connector.errors import Misconfigured

if TYPE_CHECKING:
    from connector.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Write, check, describe and show the configuration.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def init(
    context: typer.Context,
    path: Annotated[Path | None, typer.Argument(help="Where to write it.", show_default="connector.toml")] = None,
) -> None:
    """Write a commented configuration file; an existing one is never overwritten."""
    from connector.settings import example, find

    file = find(path or context.obj.config, os.environ)
    _write(file, example())
    typer.echo(f'{file}: written; edit it, then run "loyalty-connector --config {file} config check"')


def _write(file: Path, text: str) -> None:
    if file.exists():
        raise Misconfigured(f"{file}: exists already; expected a path where there is no file")
    with new_file(file, "config init", replaces=False, mode=0o666) as new:  # it holds no secret
        new.write(text)


@app.command()
def check(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Option("--cases", help="A TOML file of stays and the miles that they should earn.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Validate the configuration without reaching any system."""
    from connector.settings import load, notes, warnings

    settings = load(context.obj.config, os.environ)
    if file is not None:
        _check_cases(settings, file, as_json)
        return
    if as_json:
        _print({"file": str(settings.file), "warnings": warnings(settings), "notes": notes(settings)})
        return
    for text in warnings(settings):
        typer.echo(f"warning: {text}")
    for text in notes(settings):
        typer.echo(f"note: {text}")
    typer.echo(f"{settings.file}: ok")


def _check_cases(settings: Settings, file: Path, as_json: bool) -> None:
    from connector.cli import cases

    found = cases.decided(settings, file)
    if as_json:
        _print({"file": str(file), "cases": cases.as_json(found)})
    else:
        cases.tell(found)
    cases.refuse(found, file)


@app.command()
def schema() -> None:
    """Print the JSON Schema of the configuration file."""
    from connector.settings import json_schema

    _print(json_schema())


@app.command()
def show(context: typer.Context, as_json: AsJson = False) -> None:
    """Print every effective value with its source; of secrets only whether they are set."""
    from connector.settings import load, rows

    found = list(rows(load(context.obj.config, os.environ)))
    if as_json:
        _print({row.key: {"value": row.value, "source": row.source} for row in found})
        return
    for row in found:
        value = "absent" if row.value is None else json.dumps(row.value, ensure_ascii=False)
        typer.echo(f"{row.key} = {value}  ({row.source})")


def _print(data: dict[str, Any]) -> None:
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False))
