"""One message of the ledger, and a person's deeds."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from connector.domain.numbers import without_payment_cards
from connector.domain.operating import BY_PARTNERS_WORD, WANTS_REASON, Deed
from connector.errors import Misconfigured
from connector.jobs.choosing import Choice, Order
from connector.jobs.operating import operate
from connector.store.account import Line
from connector.store.proposals import Details
from connector.web import forms
from connector.web.approvals import Action, Outcome, carry_out
from connector.web.console import Console, console_of
from connector.web.formats import words
from connector.web.message_file import WORDS, message_file
from connector.web.outcome import checked, signature, told
from connector.web.rendering import render
from connector.web.roster import Role
from connector.web.routing import Page

_UNKNOWN = "No message has this key."
#: After which miles move that did not, or are said to have moved.
_MOVE = frozenset({Deed.RELEASE, Deed.RETRY, Deed.RESEND, Deed.CREDITED})


async def show(request: Request) -> Response:
    """Show a message with what may be done to it."""
    found = await message_file(console_of(request).app, request.path_params["key"])
    if found is None:
        raise HTTPException(404, _UNKNOWN)
    return render(request, "message.html", file=found)


async def act(request: Request) -> Response:
    """Do what the person decided, if it is what the page showed."""
    console, key, given = console_of(request), request.path_params["key"], await forms.fields(request)
    deed, reason = _deed(request.path_params["deed"]), checked(console_of(request), request, given)
    if deed in WANTS_REASON and not reason:
        raise Misconfigured("Reason: is empty; expected why, for the award's history.")
    if deed in BY_PARTNERS_WORD and given.get("asked") != "yes":
        raise Misconfigured("The box is not ticked; expected that you asked the partner about this message.")
    reference = given.get("reference", "")
    if without_payment_cards(reference) != reference:
        raise Misconfigured("Reference: holds what looks like a payment card; expected the partner's own reference.")
    found = await message_file(console.app, key)
    if found is None:
        raise HTTPException(404, _UNKNOWN)
    if not given.get("plan"):
        raise Misconfigured("The form is not whole; expected the one on the page of the message.")
    details = {"key": key, "deed": deed, "plan": given["plan"], "reason": reason, "reference": reference}
    outcome = await propose(request, found.line, deed, details)
    return told(request, outcome, links={"Message": f"/messages/{key}", "Suspense": "/suspense"})


async def propose(request: Request, line: Line, deed: Deed, details: Details) -> Outcome:
    """Do a deed, or store it for a second person where it makes more miles move than one may decide."""
    text = f"{WORDS[deed].title}: {_named(line)}"
    miles = line.miles if deed in _MOVE else 0
    return await carry_out(request, DO, details, text=text, miles=miles, subject=line.key)


def _named(line: Line) -> str:
    return f"{line.kind} {line.revision} of {line.miles:,} miles for {line.reservation_number} at {line.partner}"


async def _do(console: Console, operator: str, details: Details) -> str:
    """Carry out a deed. What waited for a second person is done if it is still what was proposed."""
    signed = signature(console, operator, details["reason"])
    choice = Choice([str(details["key"])])
    order = Order(Deed(str(details["deed"])), choice, signed, str(details["reference"]), str(details["plan"]))
    (chosen,) = (await operate(console.app.runner, order)).chosen
    what = f"{chosen.kind.capitalize()} {chosen.revision} of {chosen.miles:,} miles for {chosen.reservation_number}"
    return f"{what} at {chosen.partner} was {words(chosen.before)}, and is {words(chosen.after)} now."


def _deed(text: str) -> Deed:
    try:
        return Deed(text)
    except ValueError:
        raise HTTPException(404, "There is no such action.") from None


DO = Action("decide message", _do)
ACTIONS = (DO,)
ROUTES = [
    Page("/messages/{key}", show),
    Page("/messages/{key}/{deed}", act, methods=["POST"], role=Role.OPERATE),
]
