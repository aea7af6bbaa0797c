"""The plan: what would change in Mews, what a first live delivery would send, and a person's word for either."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from connector.bootstrap import App
from connector.domain.launch import Launch
from connector.errors import Misconfigured, Refused
from connector.jobs import going_live
from connector.jobs.contracts import partner_called
from connector.jobs.resuming import resume
from connector.store import harm, outlooks, pending
from connector.store.proposals import Details
from connector.web import forms
from connector.web.approvals import Action, carry_out
from connector.web.console import Console, console_of
from connector.web.journal import note
from connector.web.outcome import checked, signature, told
from connector.web.rendering import render
from connector.web.roster import Role
from connector.web.routing import Page, visitor


async def show(request: Request) -> Response:
    """Show the plan that was last computed, the one that waits for a person, and who goes live."""
    console = console_of(request)
    async with console.app.database.read() as connection:
        outlook = await outlooks.load(connection)
        waiting = await pending.load(connection)
        asked = [each.plan_id for each in (outlook, waiting) if each is not None and each.plan_id]
        confirmed = {each for each in asked if await harm.is_confirmed(connection, each)}
    return render(
        request,
        "plan.html",
        has_scheme=console.app.runner.road is not None,
        busy=console.planner.since if console.planner.is_busy else None,
        outlook=outlook,
        waiting=waiting,
        confirmed=confirmed,
        launches=await _launches(console.app),
    )


async def compute(request: Request) -> Response:
    """Compute the plan anew."""
    console = console_of(request)
    await note(request, visitor(request).person, "compute plan", "Compute the plan.")
    await console.planner.compute(console.app, visitor(request).person.name)
    return RedirectResponse("/plan", status_code=303)


async def confirm(request: Request) -> Response:
    """Take a person's word that exactly this plan may be applied; it cannot be said in miles."""
    plan_id = (await forms.fields(request)).get("plan", "")
    text = f"Confirm plan {plan_id}"
    outcome = await carry_out(request, CONFIRM, {"plan": plan_id}, text=text, subject=f"plan {plan_id}")
    return told(request, outcome, links={"Plan": "/plan"})


async def _confirm(console: Console, operator: str, details: Details) -> str:
    plan_id, signed = str(details["plan"]), signature(console, operator)
    async with console.app.database.write() as connection:
        known = (await outlooks.load(connection), await pending.load(connection))
        if not plan_id or plan_id not in {each.plan_id for each in known if each is not None}:
            raise Refused("The plan is another by now; look at it again before you confirm it.")
        await harm.confirm(connection, plan_id, signed.by, signed.at)
    return (
        f"Plan {plan_id} is confirmed by {signed.by}. The next pass applies exactly this; if anything about it changes "
        "before, your word is void."
    )


async def go_live(request: Request) -> Response:
    """Let a partner go live, if what is due is what the person saw."""
    console, given = console_of(request), await forms.fields(request)
    partnership = partner_called(given.get("partner", ""), console.app.runner.partnerships)
    reason, plan_id = checked(console, request, given), given.get("plan", "")
    due = await going_live.look(console.app.chain, partnership)
    details = {"partner": partnership.name, "plan": plan_id, "reason": reason}
    text = f"Go live: {due.sentence}"
    outcome = await carry_out(request, GO_LIVE, details, text=text, miles=due.miles, subject=partnership.name)
    return told(request, outcome, links={"Overview": "/"})


async def _go_live(console: Console, operator: str, details: Details) -> str:
    app, signed = console.app, signature(console, operator, details["reason"])
    partnership = partner_called(str(details["partner"]), app.runner.partnerships)
    found = await going_live.go_live(app.chain, partnership, str(details["plan"]), signed)
    return f"{found.partner} goes live with the next delivery; {found.sentence}."


async def release(request: Request) -> Response:
    """Let a property go on that gave far more miles than usual; how many it will give is not known."""
    given = await forms.fields(request)
    partner, place = given.get("partner", ""), given.get("property", "")
    details = {"partner": partner, "property": place, "reason": checked(console_of(request), request, given)}
    outcome = await carry_out(request, RELEASE, details, text=f"Let {place} go on at {partner}", subject=place)
    return told(request, outcome, links={"Suspense": "/suspense"})


async def _release(console: Console, operator: str, details: Details) -> str:
    app, signed = console.app, signature(console, operator, details["reason"])
    partnership = partner_called(str(details["partner"]), app.runner.partnerships)
    found = await resume(app.chain, partnership, str(details["property"]), signed)
    return f"{found.partner}: {found.property} goes on, whatever else it gives on {found.day}."


async def _launches(app: App) -> Sequence[Launch]:
    """Return what each partner that is set live, and was not before, would be sent."""
    found = []
    for each in app.runner.partnerships:
        try:
            found.append(await going_live.look(app.chain, each))
        except (Refused, Misconfigured):  # it wants no confirmation
            continue
    return found


CONFIRM, GO_LIVE = Action("confirm plan", _confirm), Action("go live", _go_live)
RELEASE = Action("release property", _release)
ACTIONS = (CONFIRM, GO_LIVE, RELEASE)
ROUTES = [
    Page("/plan", show, title="Plan"),
    Page("/plan/compute", compute, methods=["POST"], role=Role.OPERATE),
    Page("/plan/confirm", confirm, methods=["POST"], role=Role.APPROVE),
    Page("/launches", go_live, methods=["POST"], role=Role.APPROVE),
    Page("/pauses/release", release, methods=["POST"], role=Role.OPERATE),
]
