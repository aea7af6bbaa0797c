"""What lists are narrowed by. A word that nothing is called by is a mistake, which an empty list would hide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from connector.domain.ledger import State
from connector.errors import Misconfigured

if TYPE_CHECKING:
    from connector.bootstrap import App

MOST = 2**31 - 1  # what either database takes for a number
Newest = Annotated[int, typer.Option(min=1, max=MOST, help="At most this many, newest first.")]
Oldest = Annotated[int, typer.Option(min=1, max=MOST, help="At most this many, oldest first.")]


def refuse_unknown_state(state: str | None) -> None:
    """Raise Misconfigured for a word that is no state of a message."""
    if state is not None and state not in set(State):
        raise Misconfigured(f"--state: there is no state {state!r}; expected one of: {', '.join(State)}")


def refuse_unknown_reason(reason: str | None) -> None:
    """Raise Misconfigured for a word that is no reason of a case."""
    from connector.domain.remedies import REMEDIES

    if reason is not None and reason not in REMEDIES:
        raise Misconfigured(f"--reason: there is no reason {reason!r}; expected one of: {', '.join(sorted(REMEDIES))}")


async def refuse_unknown_partner(app: App, partner: str | None) -> None:
    """Raise Misconfigured for a partner that neither the settings nor the ledger know: one may have left the former."""
    from connector.jobs.contracts import partner_called
    from connector.store import account

    if partner is None or partner in app.partners:
        return
    async with app.database.read() as connection:
        if not await account.lines(connection, partner, None, 1):
            partner_called(partner, app.runner.partnerships)
