"""``subject export``: what is stored about a person, who gets it, and how long it stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.new_file import new_file
from connector.cli.output import AsJson

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.settings import Settings

app = typer.Typer(no_args_is_help=True, help="A person's data.")


@app.callback()
def subject() -> None:
    """Group the commands."""


@app.command()
def export(
    context: typer.Context,
    word: Annotated[str, typer.Argument(metavar="WORD", help="The person's guest id, member id, or member number.")],
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a file that only you can read.")] = None,
    _as_json: AsJson = True,
) -> None:
    """Write all that is stored about a person as JSON, with its sources, recipients and terms."""
    from connector.cli.session import within

    told = json.dumps(within(context, lambda app: _told(app, word)), indent=2, ensure_ascii=False, default=str)
    if to is None:
        typer.echo(told)
        return
    with new_file(to, "subject export", replaces=False) as file:
        file.write(f"{told}\n")
    typer.echo(f"{to}: written")


async def _told(app: App, word: str) -> dict[str, Any]:
    from connector.store import persons
    from connector.store.disclosure import disclose

    async with app.database.read() as connection:
        person = await persons.find(connection, app.chain.hasher, word)
        stored = await disclose(connection, person)
    return {
        "person": {
            "guests": sorted(person.accounts),
            "members": sorted(person.members),
            "numbers": sorted(person.numbers),
        },
        "stored": stored,
        "sources": _sources(app.settings),
        "recipients": _recipients(app.settings),
        "retention": _retention(app.settings),
    }


def _sources(settings: Settings) -> list[str]:
    told = ["Mews: profiles, memberships, stays and what was charged; e-mail and names are kept as keyed hashes only"]
    told += [f"the loyalty scheme ({settings.scheme.kind}): members and their numbers"] if settings.scheme else []
    return [*told, "operators: links, claims, grants, notes", "this program: decisions, awards, messages"]


def _recipients(settings: Settings) -> list[dict[str, str]]:
    """Return who gets data: partners by their settings, and whom the group names."""
    partners = [
        {"recipient": each.display_name or name, "through": f"{each.channel}, {each.endpoint}", "what": _WHAT}
        for name, each in settings.partners.items()
        if each.mode != "shadow"
    ]
    return partners + [{"recipient": each} for each in settings.privacy.recipients]


_WHAT = "member number, hotel, departure, amounts and miles of stays that earn"


def _retention(settings: Settings) -> dict[str, str]:
    from connector.settings import Retention
    from connector.store.retention import RULES

    terms = settings.privacy.retention
    kept = {rule.name: ", ".join(rule.tables) for rule in RULES}
    return {
        f"{name} ({kept[name]})": "for good" if getattr(terms, name) == "never" else f"{getattr(terms, name).days} days"
        for name in Retention.model_fields
    }
