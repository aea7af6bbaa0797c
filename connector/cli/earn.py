"""``earn``: why a stay earns what it earns."""

from __future__ import annotations

import typer

from connector.cli.explain import explain
from connector.cli.preview import preview

app = typer.Typer(no_args_is_help=True, help="What stays earn, and why.")


@app.callback()
def earn() -> None:
    """Group the commands."""


app.command()(explain)
app.command()(preview)
