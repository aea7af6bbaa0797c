"""Actions on the console: done at once, or by a second person where they are about more miles than one may decide.

A page says what it wants done by an ``Action``. Above ``web.second_person_above`` that is stored, and done when
somebody else with the role approve accepts it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request

from connector.errors import ConnectorError, Refused
from connector.store import proposals
from connector.store.proposals import Details, Proposal
from connector.telemetry.redact import scrub
from connector.web.console import Console, console_of
from connector.web.journal import note
from connector.web.roster import Role
from connector.web.routing import visitor

_LARGEST = 2**63 - 1  # of what databases number
LASTS = timedelta(days=7)  # a proposal that nobody decided until then has expired


@dataclass(frozen=True, slots=True)
class Action:
    """Something that operators do, by a name for the log.

    ``perform`` gets the console, who does it (for the award's history), and the details; it returns a sentence about
    what came of it, and raises ConnectorError when it was not done.
    """

    name: str
    perform: Callable[[Console, str, Details], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A sentence for the operator; ``proposal`` is the number of what waits for a second person."""

    sentence: str
    proposal: int | None = None


async def carry_out(
    request: Request, action: Action, details: Details, *, text: str, miles: int | None = None, subject: str = ""
) -> Outcome:
    """Do an action, or store it for a second person; raises what the action raises.

    ``text`` says what is to be done, ``subject`` about what (a key or id). ``miles`` is None where it cannot be said in
    miles: then it always takes two, if anything does. ``details`` are stored: ids, no names or member numbers.
    """
    if _takes_two(console_of(request), miles):
        return await _propose(request, action, details, text, miles, subject)
    person = visitor(request).person
    await note(request, person, action.name, text, subject)
    return Outcome(await _performed(request, action, details, person.name, subject))


async def accept(request: Request, number: int) -> Outcome:
    """Do what another operator proposed; raises Refused when it cannot be accepted (any more) by this one.

    It is done once at most: one that was interrupted stays accepted, and is looked at by people.
    """
    console, person = console_of(request), visitor(request).person
    found = await proposal(console, number)
    if found.proposed_by == person.name:
        raise Refused("You proposed this yourself; expected another person to accept it.")
    await _decide(console, found, "accepted", person.name)
    await note(request, person, "accept", found.text, _subject(number))
    action = actions(request)[found.action]
    try:
        operator = f"{found.proposed_by}, accepted by {person.name}"
        outcome = await _performed(request, action, found.details, operator, _subject(number))
    except ConnectorError as error:
        await _finish(console, number, "failed", str(error))
        raise
    await _finish(console, number, "done", outcome)
    return Outcome(outcome)


async def decline(request: Request, number: int) -> None:
    """End a proposal without doing it: who proposed it may, and whoever may accept it."""
    console, person = console_of(request), visitor(request).person
    found = await proposal(console, number)
    if found.proposed_by != person.name and not person.role.includes(Role.APPROVE):
        raise HTTPException(403, "Only the person who proposed this, or one with the role approve, may decline it.")
    await _decide(console, found, "declined", person.name)
    await note(request, person, "decline", found.text, _subject(number))


async def proposal(console: Console, number: int) -> Proposal:
    """Return a proposal; raises HTTPException 404 when there is none of this number."""
    found = None
    if number <= _LARGEST:
        async with console.app.database.read() as connection:
            found = await proposals.of_id(connection, number)
    if found is None:
        raise HTTPException(404)
    return found


def actions(request: Request) -> dict[str, Action]:
    """Return the actions of every page by their names."""
    known: dict[str, Action] = request.app.state.actions
    return known


def _takes_two(console: Console, miles: int | None) -> bool:
    limit = console.app.settings.web.second_person_above
    return limit > 0 and (miles is None or miles > limit)


async def _propose(
    request: Request, action: Action, details: Details, text: str, miles: int | None, subject: str
) -> Outcome:
    console, person, now = console_of(request), visitor(request).person, console_of(request).now()
    told = scrub(text)
    async with console.app.database.write() as connection:
        number = await proposals.add(
            connection, action.name, details, text=told, miles=miles, by=person.name, at=now, until=now + LASTS
        )
    await note(request, person, "propose", text, subject or _subject(number))
    return Outcome("This needs a second person: it waits as a proposal until somebody else accepts it.", number)


async def _performed(request: Request, action: Action, details: Details, operator: str, subject: str) -> str:
    try:
        return await action.perform(console_of(request), operator, details)
    except ConnectorError as error:
        await note(request, visitor(request).person, f"{action.name} failed", str(error), subject)
        raise


async def _decide(console: Console, found: Proposal, state: str, by: str) -> None:
    async with console.app.database.write() as connection:
        if not await proposals.decide(connection, found.id, state, by, console.now()):
            raise Refused("This proposal is no longer open; look at what became of it.")


async def _finish(console: Console, number: int, state: str, outcome: str) -> None:
    async with console.app.database.write() as connection:
        await proposals.finish(connection, number, state, scrub(outcome))


def _subject(number: int) -> str:
    return f"proposal {number}"
