"""Miles by a person's word: claims of stays without a number, and grants without a stay."""

from __future__ import annotations

from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from connector.domain.operating import Deed
from connector.errors import Misconfigured
from connector.jobs import grants
from connector.jobs.claims import Claim, claim
from connector.store import stays
from connector.web import forms
from connector.web.approvals import Outcome
from connector.web.console import Console, console_of
from connector.web.journal import note
from connector.web.message_file import message_file
from connector.web.outcome import signature, told
from connector.web.pages.messages import propose
from connector.web.rendering import render
from connector.web.roster import Role
from connector.web.routing import Page, visitor

_LONGEST = 9  # digits of a number of miles


async def ask_claim(request: Request) -> Response:
    """Show the form for a claim."""
    partners = [each.name for each in console_of(request).app.runner.partnerships]
    asked = {name: request.query_params.get(name, "") for name in ("stay", "partner")}
    return render(request, "claim.html", partners=partners, asked=asked)


async def take_claim(request: Request) -> Response:
    """Award a stay whose member number was missing."""
    console, given = console_of(request), await forms.fields(request)
    wanted = Claim(*(given.get(name, "") for name in ("stay", "partner", "number")))
    signed = signature(console, visitor(request).person.name, given.get("reason", ""))
    await note(request, visitor(request).person, "claim", f"Claim a stay at {wanted.partner}", wanted.reservation)
    made = await claim(console.app.runner, wanted, signed, above=_above(console))
    how = "was claimed before" if made.again else "is claimed"
    sentence = f"The stay {how}: {made.miles:,} {made.unit} at {made.partner} for {made.member}."
    links = {"Stay": f"/stays/{made.reservation_id}", "Award": f"/awards/{made.award_id}"}
    return told(request, await _settled(request, sentence, made.withheld), notes=[_odd(made.warning)], links=links)


async def ask_grant(request: Request) -> Response:
    """Show the form for a grant."""
    app = console_of(request).app
    async with app.database.read() as connection:
        places = sorted((await stays.properties(connection)).values(), key=lambda each: each.name)
    partners = [each.name for each in app.runner.partnerships if each.channel.capabilities.grants]
    return render(request, "grant.html", partners=partners, places=places)


async def take_grant(request: Request) -> Response:
    """Grant miles without a stay."""
    console, given = console_of(request), await forms.fields(request)
    if not given.get("reason"):
        raise Misconfigured("Reason: is empty; expected why, for the award's history.")
    number, reference, place = (given.get(name, "") for name in ("number", "reference", "property"))
    wish = grants.Wish(number, _miles(given.get("miles", "")), reference, place, _day(given.get("day", "")))
    signed = signature(console, visitor(request).person.name, given["reason"])
    partner = given.get("partner", "")
    text = f"Grant {wish.miles:,} miles at {partner}: {given['reason']}"
    await note(request, visitor(request).person, "grant", text, reference)
    made = await grants.grant(console.app.runner, partner, wish, signed, above=_above(console))
    sentence = (
        f"Granted: {made.miles:,} {made.unit} at {made.partner} for {made.member} on {made.day}, "
        f"reference {made.reference}."
    )
    links = {"Award": f"/awards/{made.award_id}"}
    return told(request, await _settled(request, sentence, made.withheld), notes=[_odd(made.warning)], links=links)


def _above(console: Console) -> int:
    return console.app.settings.web.second_person_above


async def _settled(request: Request, sentence: str, withheld: str) -> Outcome:
    """Return what came of it; a credit that is held back is proposed for release: its number stands in the ledger."""
    found = await message_file(console_of(request).app, withheld) if withheld else None
    if found is None:
        return Outcome(sentence)
    plan = next(each.plan_id for each in found.deeds if each.deed is Deed.RELEASE)
    details = {"key": withheld, "deed": Deed.RELEASE, "plan": plan, "reason": "", "reference": ""}
    proposed = await propose(request, found.line, Deed.RELEASE, details)
    return Outcome(f"{sentence} {proposed.sentence}", proposed.proposal)


def _odd(warning: str) -> str:
    return f"The member number was taken, although {warning}." if warning else ""


def _miles(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST):
        raise Misconfigured("Miles: is no whole number; expected one from 1 on.")
    return int(text)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Misconfigured("Day: is no date; expected one like 2026-12-31.") from None


ROUTES = [
    Page("/claims", ask_claim, role=Role.OPERATE, title="Claim"),
    Page("/claims", take_claim, methods=["POST"], role=Role.OPERATE),
    Page("/grants", ask_grant, role=Role.OPERATE, title="Grant"),
    Page("/grants", take_grant, methods=["POST"], role=Role.OPERATE),
]
