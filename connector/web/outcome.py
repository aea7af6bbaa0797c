"""What came of an action: a sentence on a page of its own, and where to go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from connector.jobs.signing import signed
from connector.store.resolutions import Signature
from connector.web.approvals import Outcome
from connector.web.console import Console
from connector.web.rendering import render
from connector.web.routing import visitor

_CALLED = ("Operator", "Reason")


def signature(console: Console, operator: str, why: object = "") -> Signature:
    """Return an operator's signature; raises Misconfigured where the reason holds a payment card."""
    return signed(console.now(), operator, str(why or ""), _CALLED)


def checked(console: Console, request: Request, given: Mapping[str, str]) -> str:
    """Return the reason that a form gives; raises Misconfigured where it must not be kept."""
    reason = given.get("reason", "")
    signature(console, visitor(request).person.name, reason)
    return reason


def told(
    request: Request, outcome: Outcome, *, notes: Sequence[str] = (), links: Mapping[str, str] | None = None
) -> Response:
    """Tell what was done, or that it waits; ``notes`` are further sentences, ``links`` lead on (title → path)."""
    further = {"Proposals": "/proposals"} if outcome.proposal is not None else {}
    kept = [] if outcome.proposal is not None else [each for each in notes if each]
    return render(request, "done.html", outcome=outcome, notes=kept, links=further | dict(links or {}))
