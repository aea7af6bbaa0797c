"""``sandbox``: Mews and the partners as local servers, to rehearse on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from connector.cli.output import AsJson, print_json
from connector.errors import Misconfigured, Unfinished


def sandbox(
    state: Annotated[Path, typer.Option(help="Directory of the durable state.")] = Path(".loyalty-sandbox"),
    port_base: Annotated[int, typer.Option(help="Port of Mews; the others follow. 0: any free ports.")] = 7700,
    bookings: Annotated[
        Path | None, typer.Option(help="Bookings (CSV, also gzipped) instead of the packaged extract.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First arrival to load.")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last arrival to load.")] = None,
    seed: Annotated[int, typer.Option(help="Names and chances are drawn from it.")] = 1,
    guests_extra: Annotated[int, typer.Option(help="Guests without a booking.")] = 0,
    members_extra: Annotated[int, typer.Option(help="Members whom the hotels do not know.")] = 0,
    limit: Annotated[str, typer.Option(help="Mews's limit per token, such as 200/30s, or off.")] = "200/30s",
    fault: Annotated[
        list[str] | None,
        typer.Option(metavar="SERVER:OPERATION=EFFECT[,times=N]", help="A fault to rehearse; may be repeated."),
    ] = None,
    uplyft_form: Annotated[str, typer.Option(help="createEvent as transaction, flat or both.")] = "both",
    uplyft_unique_id: Annotated[bool, typer.Option(help="Whether createEvent knows uniqueId.")] = True,
    uplyft_duplicate: Annotated[str, typer.Option(help="Answer to a repeated uniqueId: true, false, error.")] = "true",
    airmiles_accept: Annotated[int, typer.Option(help="Status of success: 200 or 202.")] = 200,
    qiibee_users: Annotated[Path | None, typer.Option(help="Users of qiibee (JSON or CSV), loaded once.")] = None,
    qiibee_answers: Annotated[
        str,
        typer.Option(
            metavar="KEY[=VALUE],…",
            help="qiibee's answers: users, total, transactions_total, error (names), wrapped, embedded, newest_first, "
            "beyond=404.",
        ),
    ] = "",
    qiibee_rate: Annotated[str, typer.Option(help="Miles that a point gives at qiibee.")] = "1",
    qiibee_prepaid: Annotated[
        int | None, typer.Option(help="Credits paid to qiibee in advance, one for each mile; without: no end.")
    ] = None,
    qiibee_processing: Annotated[float, typer.Option(help="Seconds until qiibee shows an exchange.")] = 0.0,
    lufthansa_accept: Annotated[int, typer.Option(help="Status of success: 200, 201 or 202.")] = 200,
    lufthansa_uncredit: Annotated[
        str, typer.Option(help="An uncredit stands alone (free) or names its credit's transaction.")
    ] = "free",
    lufthansa_answers: Annotated[
        str, typer.Option(help="Its answers hold the id of the transaction, or are empty.")
    ] = "transaction",
    as_json: AsJson = False,
) -> None:
    """Serve Mews, Uplyft, AIR MILES, qiibee and the Earn service on this machine until interrupted."""
    from connector.sandbox.serve import SandboxError, SandboxOptions, run

    try:
        options = SandboxOptions(
            state=state,
            port_base=port_base,
            bookings=bookings,
            since=since.date() if since else None,
            until=until.date() if until else None,
            seed=seed,
            guests_extra=guests_extra,
            members_extra=members_extra,
            limit=limit,
            faults=tuple(fault or ()),
            uplyft_form=uplyft_form,
            uplyft_unique_id=uplyft_unique_id,
            uplyft_duplicate=uplyft_duplicate,
            airmiles_accept=airmiles_accept,
            qiibee_users=qiibee_users,
            qiibee_answers=qiibee_answers,
            qiibee_rate=qiibee_rate,
            qiibee_prepaid=qiibee_prepaid,
            qiibee_processing=qiibee_processing,
            lufthansa_accept=lufthansa_accept,
            lufthansa_uncredit=lufthansa_uncredit,
            lufthansa_answers=lufthansa_answers,
        )
    except ValueError as error:
        raise Misconfigured(f"sandbox: {error}") from None
    try:
        run(options, lambda urls: _ready(urls, state, as_json))
    except SandboxError as error:
        raise Unfinished(f"sandbox: {error}") from None


def _ready(urls: Mapping[str, str], state: Path, as_json: bool) -> None:
    from connector.sandbox.credentials import environment, of_lufthansa, of_qiibee, of_qiibee_partner
    from connector.sandbox.qiibee.exchange import BRAND_A, BRAND_B

    members, endpoint = str(state / "members.csv"), f"{urls['qiibee']}/api/admin"
    profiles, tokens = f"{urls['lufthansa']}/v1/profiles", f"{urls['lufthansa']}/v1/partners/oauth/token"
    if as_json:
        partner = {"brand_a_token_id": BRAND_A, "brand_b_token_id": BRAND_B, "environment": of_qiibee_partner()}
        qiibee = {"endpoint": endpoint, "environment": of_qiibee(), "partner": partner}
        earn = {"endpoint": profiles, "token_endpoint": tokens, "earn_path": "earn", "environment": of_lufthansa()}
        told = {"urls": dict(urls), "members": members, "environment": environment()}
        print_json({**told, "qiibee": qiibee, "lufthansa": earn})
        return
    for name, url in urls.items():
        typer.echo(f"{name:9} {url}")
    typer.echo(f"guests    {urls['mews']}/guests")
    typer.echo(f"members   {members}")
    _export(environment())
    typer.echo(f'For a scheme with kind = "qiibee" and endpoint = "{endpoint}":')
    _export(of_qiibee())
    brands = f'brand_a_token_id = "{BRAND_A}", brand_b_token_id = "{BRAND_B}"'
    typer.echo(f'For a partner with channel = "qiibee", {brands} and the same endpoint:')
    _export(of_qiibee_partner())
    typer.echo(
        f'For channel = "lufthansa", endpoint = "{profiles}", token_endpoint = "{tokens}" and earn_path = "earn", '
        "instead of Uplyft:"
    )
    _export(of_lufthansa())
    typer.echo("Stop with Ctrl-C.")


def _export(variables: Mapping[str, str]) -> None:
    for name, value in variables.items():
        typer.echo(f"export {name}={value}")
