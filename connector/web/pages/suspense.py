"""What waits for a person: the cases, each with what to do, and what can be done here."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from connector.domain.remedies import remedy
from connector.jobs import resolving
from connector.store import caseload, dossiers, stays, suspense
from connector.store.caseload import Filter
from connector.store.proposals import Details
from connector.web import forms
from connector.web.approvals import Action, carry_out
from connector.web.console import Console, console_of
from connector.web.outcome import checked, signature, told
from connector.web.rendering import render
from connector.web.roster import Role
from connector.web.routing import Page

_MOST = 50
_UNKNOWN = "No open case has this number."
_LARGEST = 2**63 - 1  # of a case's number


async def listing(request: Request) -> Response:
    """Show open cases, filtered."""
    asked = request.query_params
    wanted = Filter(*(asked.get(name, "") for name in ("kind", "reason", "partner", "property")))
    async with console_of(request).app.database.read() as connection:
        page = await caseload.page(connection, wanted, _number(asked.get("after", "0")) or 0, _MOST + 1)
        groups = await caseload.groups(connection)
        places = await stays.properties(connection)
    return render(
        request,
        "suspense.html",
        wanted=wanted,
        cases=page[:_MOST],
        more=len(page) > _MOST,
        groups=groups,
        places=places,
        remedy=remedy,
    )


async def case(request: Request) -> Response:
    """Show one case: what was found, what to do, and the forms for it."""
    number = _number(request.path_params["number"])
    async with console_of(request).app.database.read() as connection:
        found = await suspense.of_id(connection, number) if number is not None else None
        if found is None:
            raise HTTPException(404, _UNKNOWN)
        is_member = found.case.subject_kind == "member"
        people = await dossiers.dossiers(connection, found.case.subject_id) if is_member else []
        places = await stays.properties(connection)
    return render(
        request,
        "case.html",
        found=found,
        people=people,
        places=places,
        remedy=remedy(found.case.reason),
        silence=resolving.silence(found.case),
    )


async def resolve(request: Request) -> Response:
    """Settle a case as seen, or by a link."""
    number, given = _number(request.path_params["number"]), await forms.fields(request)
    if number is None:
        raise HTTPException(404, _UNKNOWN)
    guest, reason = given.get("guest", ""), checked(console_of(request), request, given)
    text = f"Resolve case {number} by a link to guest {guest}" if guest else f"Resolve case {number} as seen"
    details: Details = {"case": number, "guest": guest, "reason": reason}
    outcome = await carry_out(request, RESOLVE, details, text=text, miles=0, subject=f"case {number}")
    return told(request, outcome, links={"Suspense": "/suspense"})


async def _resolve(console: Console, operator: str, details: Details) -> str:
    guest, signed = str(details["guest"]), signature(console, operator, details["reason"])
    found, by = await resolving.resolve(console.app.chain, int(details["case"] or 0), signed, guest or None)
    silence = "" if guest else f" {resolving.silence(found)}"
    return f"Case {details['case']} is resolved by {by.by}: {found.text.removesuffix('.')}.{silence}"


def _number(text: str) -> int | None:
    """Return a case's number as an address has it, None where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= _LARGEST else None


RESOLVE = Action("resolve case", _resolve)
ACTIONS = (RESOLVE,)
ROUTES = [
    Page("/suspense", listing, title="Suspense"),
    Page("/suspense/{number}", case),
    Page("/suspense/{number}/resolve", resolve, methods=["POST"], role=Role.OPERATE),
]
