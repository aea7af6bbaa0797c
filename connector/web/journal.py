"""The operator log: who did what on the console."""

from __future__ import annotations

from starlette.requests import Request

from connector.store import deeds
from connector.store.deeds import Deed
from connector.telemetry.redact import scrub
from connector.web.console import console_of
from connector.web.roster import Person


async def note(request: Request, person: Person, action: str, text: str, subject: str = "") -> None:
    """Note a deed, before it is done where it changes something. E-mails and numbers are left out of the text."""
    console = console_of(request)
    deed = Deed(console.now(), person.name, action, subject, scrub(text))
    async with console.app.database.write() as connection:
        await deeds.add(connection, deed)
