"""``demo``: the main job on a chain with real bookings, from a configuration file to tiers and miles."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from socket import socket
from string import Template
from time import sleep
from typing import TYPE_CHECKING, Annotated, Any
from urllib.request import urlopen

import typer

from connector.cli.new_file import cannot_be_written
from connector.cli.output import say
from connector.errors import Unfinished

if TYPE_CHECKING:
    from connector.sandbox.serve import Sandbox

_NOTHING: Mapping[str, str] = {}
_PORT = 8080
_LEAVES = 8.0  # seconds between two guests who leave
_MAINTENANCE = {"operation": "post", "effect": "status", "status": 503, "headers": {"Retry-After": "20"}}
_PARTNERS = {"miles_and_more": "uplyft", "air_miles": "airmiles"}


def demo(
    once: Annotated[bool, typer.Option("--once", help="Run every job to rest, print the summary, end.")] = False,
    state: Annotated[Path, typer.Option(help="State of sandbox and connector.")] = Path(".loyalty-demo"),
) -> None:
    """Show the main job: a chain on the sandbox, tiers in guest profiles, miles at two partners."""
    from connector.sandbox.serve import Sandbox, SandboxError

    state = state.resolve()
    try:
        state.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_be_written(f"demo: --state {state}", error) from None
    say("Starting the sandbox: Mews with two hotels and real bookings, Uplyft, AIR MILES …")
    try:
        with Sandbox(state / "sandbox", limit="200/30s") as sandbox:
            config = _write_config(state, sandbox)
            if once:
                raise typer.Exit(_show(config, sandbox))
            _stay(config, sandbox)
    except SandboxError as error:
        raise Unfinished(f"demo: {error}") from None


def _write_config(state: Path, sandbox: Sandbox) -> Path:
    template = Template(Path(__file__).with_name("demo.toml").read_text())
    config = state / "connector.toml"
    start = date.today() - timedelta(days=365)  # noqa: DTZ011  # any day about a year ago
    config.write_text(
        template.substitute(sandbox.urls, members=sandbox.members_file, start=start.isoformat()),
        encoding="utf-8",
    )
    return config


def _free_port(wanted: int) -> int:
    """Return the port if nobody listens there, else one that is free."""
    with socket() as probe:
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _show(config: Path, sandbox: Sandbox) -> int:
    """Run the public commands one after another, each shown as a person would type it; return the exit code."""
    for command in (["config", "check"], ["plan"], ["sync"]):
        typer.echo(f"\n$ loyalty-connector {' '.join(command)}")
        if code := _run(config, command).wait():
            return code
    return _compare(config, sandbox)


def _run(
    config: Path, command: list[str], environment: Mapping[str, str] = _NOTHING, **options: Any
) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603  # our own command
        [sys.executable, "-m", "connector", "--config", str(config), *command],
        env=_environment() | dict(environment),
        text=True,
        **options,
    )


def _environment() -> dict[str, str]:
    """Return the environment without settings of the user's own, with the sandbox's secrets."""
    from connector.sandbox.credentials import environment

    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LOYALTY_")}
    return inherited | {"LOYALTY_LOGGING__LEVEL": "WARNING"} | dict(environment())


def _compare(config: Path, sandbox: Sandbox) -> int:
    """Set the ledger's miles beside what the partners hold; return 1 if they differ."""
    ledger = _miles(config)
    held = {partner: _get(sandbox.urls[server], "/_sandbox/totals") for partner, server in _PARTNERS.items()}
    typer.echo("\npartner          ledger   partner holds  credits  sent twice")
    for partner, totals in held.items():
        typer.echo(
            f"{partner:15} {ledger[partner]:>7,} {totals['miles']:>15,} {totals['credits']:>8} "
            f"{totals['duplicates_answered']:>11}"
        )
    typer.echo(f"\nguest profiles as reception sees them: {sandbox.urls['mews']}/guests")
    typer.echo(f"configuration and database: {config.parent}")
    _explain_one(config)
    agreed = all(ledger[partner] == totals["miles"] for partner, totals in held.items())
    if not agreed:
        say("demo: the ledger and a partner disagree about the miles")
    return 0 if agreed else 1


def _miles(config: Path) -> Mapping[str, int]:
    found = _output(config, ["sync", "deliver", "--json"])
    miles: Mapping[str, int] = json.loads(found)["miles"]
    return miles


def _explain_one(config: Path) -> None:
    newest = json.loads(_output(config, ["ledger", "list", "--limit", "1", "--json"]))
    if newest:
        command = ["earn", "explain", newest[0]["reservation_number"]]
        typer.echo(f"\n$ loyalty-connector {' '.join(command)}")
        typer.echo(_output(config, command).rstrip())


def _output(config: Path, command: list[str]) -> str:
    running = _run(config, command, stdout=subprocess.PIPE)
    output, _ = running.communicate()
    return output


def _get(url: str, path: str) -> Any:
    with urlopen(f"{url}{path}", timeout=10) as answer:  # noqa: S310  # our own server on this machine
        return json.load(answer)


def _stay(config: Path, sandbox: Sandbox) -> None:
    """Keep the daemon running, and guests leaving, until the demo is interrupted."""
    from connector.sandbox.guests_leaving import Leaving

    token, listen = _token(config.with_name("admin_token")), f"127.0.0.1:{_free_port(_PORT)}"
    typer.echo("\n$ loyalty-connector run     (Ctrl-C ends the demo)")
    more = {"WEB__LISTEN": listen, "WEB__ADMIN_TOKEN": token, "SCHEDULE__ALIGN": "30s", "SCHEDULE__STAYS": "5s"}
    with _run(config, ["run"], {f"LOYALTY_{name}": value for name, value in more.items()}) as daemon:
        typer.echo(f"\nconsole: http://{listen}/   log in with the token {token}")
        typer.echo(f"guest profiles as reception sees them: {sandbox.urls['mews']}/guests")
        typer.echo(f"every {_LEAVES:.0f} seconds a member checks out; their miles appear at the partners")
        typer.echo(
            "AIR MILES goes into maintenance, and comes back, by (the console tells within a minute, and of its end)"
        )
        faults = f"{sandbox.urls['airmiles']}/_sandbox/faults"
        typer.echo(f"  curl {faults} --json '{json.dumps(_MAINTENANCE)}'")
        typer.echo(f"  curl {faults} --request DELETE")
        leaving = Leaving(sandbox.urls["mews"])
        try:
            while daemon.poll() is None:
                leaving.next()
                sleep(_LEAVES)
        except KeyboardInterrupt:
            daemon.terminate()
            daemon.wait(timeout=15)
    sandbox.check()


def _token(file: Path) -> str:
    """Return the demo's login token, made on its first run."""
    if not file.exists():
        file.touch(0o600)
        file.write_text(secrets.token_urlsafe(9), encoding="ascii")
    return file.read_text(encoding="ascii")
