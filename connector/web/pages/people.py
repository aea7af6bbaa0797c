"""Members and guests: who is whom, and a person's word about it."""

from __future__ import annotations

from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from connector.store import dossiers, links
from connector.store.links import Outcome
from connector.store.proposals import Details
from connector.web import forms
from connector.web.approvals import Action, carry_out
from connector.web.console import Console, console_of
from connector.web.outcome import checked, signature, told
from connector.web.rendering import render
from connector.web.roster import Role
from connector.web.routing import Page


async def show(request: Request) -> Response:
    """Show a member or a guest with the memberships, the tie between them, and the open cases."""
    async with console_of(request).app.database.read() as connection:
        found = await dossiers.dossiers(connection, request.path_params["id"])
    if not found:
        raise HTTPException(404, "Nobody is known by this id.")
    return render(request, "people.html", people=found)


async def link(request: Request) -> Response:
    """Tie a member to a guest by hand."""
    given = await forms.fields(request)
    member, guest = request.path_params["id"], given.get("guest", "")
    details = {"member": member, "guest": guest, "reason": checked(console_of(request), request, given)}
    text = f"Link member {member} to guest {guest}"
    outcome = await carry_out(request, LINK, details, text=text, miles=0, subject=member)
    return told(request, outcome, links={f"Member {member}": f"/members/{quote(member)}"})


async def unlink(request: Request) -> Response:
    """End a member's tie by hand."""
    given = await forms.fields(request)
    member = request.path_params["id"]
    details = {"member": member, "reason": checked(console_of(request), request, given)}
    outcome = await carry_out(request, UNLINK, details, text=f"Unlink member {member}", miles=0, subject=member)
    return told(request, outcome, links={f"Member {member}": f"/members/{quote(member)}"})


async def _link(console: Console, operator: str, details: Details) -> str:
    signed = signature(console, operator, details["reason"])
    async with console.app.database.write() as connection:
        return _said(await links.link(connection, str(details["member"]), str(details["guest"]), signed))


async def _unlink(console: Console, operator: str, details: Details) -> str:
    signed = signature(console, operator, details["reason"])
    async with console.app.database.write() as connection:
        return _said(await links.unlink(connection, str(details["member"]), signed))


def _said(outcome: Outcome) -> str:
    left = f" Membership {outcome.left_behind} stays on the guest of before; cancel it in Mews if it is not theirs."
    return f"{outcome.sentence}.{left if outcome.left_behind else ''}"


LINK, UNLINK = Action("link member", _link), Action("unlink member", _unlink)
ACTIONS = (LINK, UNLINK)
ROUTES = [
    Page("/members/{id:any}", show),
    Page("/guests/{id:any}", show),
    Page("/members/{id:any}/link", link, methods=["POST"], role=Role.OPERATE),
    Page("/members/{id:any}/unlink", unlink, methods=["POST"], role=Role.OPERATE),
]
