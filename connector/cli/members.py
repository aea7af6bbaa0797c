"""``members``: which guest a member is, and a person's word about it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.output import AsJson, print_json
from connector.errors import Misconfigured

if TYPE_CHECKING:
    from datetime import datetime

    from connector.bootstrap import App
    from connector.store.dossiers import Dossier, GuestCard, Held, MemberCard, Tie
    from connector.store.links import Outcome
    from connector.store.resolutions import Signature

app = typer.Typer(no_args_is_help=True, help="Which guest a member of the scheme is.")

MemberId = Annotated[str, typer.Argument(metavar="MEMBER_ID", help="The member's id in the scheme.")]
GuestId = Annotated[str, typer.Argument(metavar="GUEST_ID", help="The id of the guest profile in Mews.")]
Reason = Annotated[str | None, typer.Option(help="Why, without names; it is shown by `members show`.")]


@app.callback()
def members() -> None:
    """Group the commands."""


@app.command()
def show(
    context: typer.Context,
    word: Annotated[
        str, typer.Argument(metavar="WORD", help="A member id, guest id, membership id or membership number.")
    ],
    as_json: AsJson = False,
) -> None:
    """Show a member with the guest, how they were found to be one, their memberships and open cases."""
    from connector.cli.session import within

    async def work(app: App) -> list[Dossier]:
        from connector.store.dossiers import dossiers

        async with app.database.read() as connection:
            return await dossiers(connection, word)

    found = within(context, work)
    if not found:
        raise Misconfigured(
            "members: nothing is known by this word; expected a member id, guest id, membership id or number"
        )
    if as_json:
        print_json([_as_json(each) for each in found])
        return
    for each in found:
        typer.echo("\n".join(_lines(each)))


@app.command()
def link(context: typer.Context, member_id: MemberId, guest_id: GuestId, reason: Reason = None) -> None:
    """Tie a member to a guest by hand; the next alignment writes the membership."""
    from connector.cli.session import within

    async def work(app: App) -> Outcome:
        from connector.store import links

        async with app.database.write() as connection:
            return await links.link(connection, member_id, guest_id, signature(app, reason))

    tell(within(context, work))


@app.command()
def unlink(context: typer.Context, member_id: MemberId, reason: Reason = None) -> None:
    """End a member's link by hand; the membership in Mews stays, and only a person links the member again."""
    from connector.cli.session import within

    async def work(app: App) -> Outcome:
        from connector.store import links

        async with app.database.write() as connection:
            return await links.unlink(connection, member_id, signature(app, reason))

    tell(within(context, work))


def signature(app: App, why: str | None) -> Signature:
    """Return who decides now, and why, without what must not be stored."""
    from connector.cli.operator import operator
    from connector.store.resolutions import Signature
    from connector.telemetry.redact import scrub

    return Signature(operator(), app.chain.clock.now(), scrub(" ".join(why.split())) if why else None)


def tell(outcome: Outcome) -> None:
    """Say what became of a person's word."""
    typer.echo(outcome.sentence)
    if outcome.left_behind:
        typer.echo(
            f"Membership {outcome.left_behind} stays on the guest of before; cancel it in Mews if it is not theirs."
        )


def _as_json(dossier: Dossier) -> dict[str, Any]:
    from connector.cli.suspense import as_listed

    return asdict(dossier) | {"cases": [as_listed(each) for each in dossier.cases]}


def _lines(dossier: Dossier) -> list[str]:
    lines = [_member(dossier.member)] if dossier.member else ["no member of the scheme is tied to this guest"]
    if dossier.link:
        lines += [f"  {line}" for line in _tie(dossier.link)]
    elif dossier.member:
        lines.append("  linked to no guest")
    if dossier.guest:
        lines.append(f"  {_guest(dossier.guest)}")
    lines += [f"  {_membership(each)}" for each in dossier.memberships]
    lines += [f"  candidate guest {each.guest_id}, found by {each.found_by}" for each in dossier.candidates]
    return lines + [f"  case {each.id}, {each.case.reason}: {each.case.text}" for each in dossier.cases]


def _member(card: MemberCard) -> str:
    told = [f"member {card.member_id}", "listed by the scheme" if card.listed else "gone from the scheme"]
    told += [f"tier {card.tier}"] if card.tier else []
    told += [f"{card.points} points"] if card.points is not None else []
    told += [f"number {card.number}"] if card.number else []
    told += [f"expires {card.expires_on}"] if card.expires_on else []
    told += [f"state {card.state}"] if card.state else []
    return ", ".join(told + (["its line cannot be read, so nothing is changed"] if card.protected else []))


def _tie(tie: Tie) -> list[str]:
    ended = tie.unlinked_at is not None
    hand = f" by {tie.linked_by}" if tie.linked_by else ""
    lines = [
        f"{'was linked' if ended else 'linked'} to guest {tie.guest_id}, found by {tie.found_by}, "
        f"{_at(tie.linked_at)}{hand}"
    ]
    if ended:
        lines.append(f"unlinked {_at(tie.unlinked_at)} {_ended_by(tie)}; only `members link` ties the member again")
    return lines + ([f"why: {tie.why}"] if tie.why else [])


def _ended_by(tie: Tie) -> str:
    return f"by {tie.unlinked_by}" if tie.unlinked_by else "by staff, who deleted or moved the membership in Mews"


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"


def _guest(card: GuestCard) -> str:
    if card.merged_into:
        return f"guest {card.guest_id}: merged into guest {card.merged_into}"
    return f"guest {card.guest_id}: {'active' if card.active else 'not active'}"


def _membership(held: Held) -> str:
    told = [f"membership {held.membership_id} of {held.program}: {'deleted' if held.deleted else held.state}"]
    told += [f"tier {held.tier}"] if held.tier else []
    told += [f"{held.points} points"] if held.points is not None else []
    told += [f"number {held.number}"] if held.number else []
    told += [f"first seen {_at(held.number_seen_at)} ({held.number_source})"] if held.number_seen_at else []
    told += [f"expires {held.expires_on}"] if held.expires_on else []
    told += ["with the provider's id"] if held.carries_member_id else []
    return ", ".join(told + (["primary"] if held.is_primary else []))
