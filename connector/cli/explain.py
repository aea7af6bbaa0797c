"""``earn explain``: what a reservation earns at each partner, how the number came about, and what was sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.output import AsJson, print_json
from connector.domain import wording
from connector.errors import Misconfigured

if TYPE_CHECKING:
    from connector.bootstrap import App
    from connector.cli.letters.language import Language
    from connector.cli.letters.letter import Program
    from connector.cli.letters.subject import Subject
    from connector.store.account import Account, Line
    from connector.store.decisions import Kept

Found = tuple["list[Kept]", "list[Account]"]
Post = tuple["Subject", "dict[str, Program]"]


def explain(
    context: typer.Context,
    word: Annotated[str, typer.Argument(metavar="RESERVATION", help="Confirmation number, id or channel number.")],
    letter: Annotated[
        str | None, typer.Option(metavar="en|de|fr", help="Write a letter to the guest instead, in this language.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Explain what a reservation earns at each partner, and how the number came about."""
    from connector.cli.session import within

    language = None if letter is None else _language(letter)

    async def work(app: App) -> tuple[Found, Post, dict[str, str]]:
        from connector.cli.letters.letter import Program
        from connector.cli.letters.subject import Subject
        from connector.jobs.lookup import the_one
        from connector.store import account, decisions, names, stays

        programs = {each.name: Program(each.display_name, each.unit) for each in app.runner.partnerships}
        async with app.database.read() as connection:
            reservation_id = await the_one(connection, word, "earn explain")
            kept = await decisions.of(connection, reservation_id)
            accounts = await account.accounts(connection, reservation_id)
            labels = await names.labels(connection)
            (reservation,) = await stays.reservations(connection, [reservation_id])
            place = (await stays.properties(connection))[reservation.property_id]
            return (kept, accounts), (Subject(reservation, place), programs), labels

    (kept, accounts), post, labels = within(context, work)
    if language is not None and (kept or as_json):
        _tell_letters(list(_letters((kept, accounts), post, language)), as_json)
        return
    if as_json:
        print_json([_as_json(each, accounts) for each in kept])
        return
    if not kept:
        typer.echo(f"{word}: not checked out yet, so no partner looks at it")
    for each in sorted(kept, key=lambda one: one.status != "awarded"):
        typer.echo(wording.named("\n".join(_account(each, accounts)), labels))


def _language(word: str) -> Language:
    from connector.cli.letters.languages import LANGUAGES

    if word not in LANGUAGES:
        raise Misconfigured(f"earn explain: no letters are written in {word!r}; expected {', '.join(LANGUAGES)}")
    return LANGUAGES[word]


def _letters(found: Found, post: Post, language: Language) -> Iterator[dict[str, Any]]:
    """Yield a letter for each person who may earn by the stay."""
    from connector.cli.letters.addressees import addressees
    from connector.cli.letters.letter import letter

    for seat, verdicts in addressees(*found).items():
        text = letter(post[0], verdicts, post[1], language)
        yield {"seat": seat, "partners": [each.partner for each in verdicts], "letter": text}


def _tell_letters(letters: Sequence[dict[str, Any]], as_json: bool) -> None:
    """Print letters; several are headed by the seat: what is cut off before they are handed over."""
    if as_json:
        print_json(letters)
        return
    for each in letters:
        heading = f"=== {each['seat']} ===\n" if len(letters) > 1 else ""
        typer.echo(f"{heading}{each['letter']}", nl=len(letters) > 1)


def _as_json(kept: Kept, accounts: Sequence[Account]) -> dict[str, Any]:
    """Return a decision with the awards that it led to, their messages and history."""
    return asdict(kept) | {"awards": [asdict(each) for each in accounts if each.partner == kept.partner]}


def _account(kept: Kept, accounts: Sequence[Account]) -> list[str]:
    """Return a decision in words."""
    due = f", looked at again on {kept.due_at:%Y-%m-%d %H:%M}Z" if kept.due_at else ""
    lines = [f"{kept.partner}: {kept.status}: {kept.text}{due}"]
    lines += [f"  {line}" for line in wording.lines(kept.explanation)]
    own = [each for each in accounts if each.partner == kept.partner]
    return lines + [f"  {_message(line)}" for each in own for line in each.messages]


def _message(line: Line) -> str:
    why = f" ({line.reason})" if line.reason else ""
    return f"{line.kind} {line.revision} of {line.miles} miles to {line.member}: {line.state}{why}"
