"""Letting a property go on that was paused because a day's miles were far above what is usual."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from connector.errors import Misconfigured, Refused
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.store import pauses, stays
from connector.store.resolutions import Signature


@dataclass(frozen=True, slots=True)
class Resumed:
    """A property that goes on, whatever else it gives on ``day``."""

    partner: str
    property: str
    day: date


async def resume(chain: Chain, partnership: Partnership, word: str, signature: Signature) -> Resumed:
    """Release a property, which settings may call by table, id or name.

    Raises Misconfigured for one that is none, Refused for one that is not paused.
    """
    name, day = partnership.name, partnership.pacing.day(signature.at)
    async with chain.database.write() as connection:
        found = [each for each in (await stays.properties(connection)).values() if word in each.keys]
        if len(found) != 1:
            raise Misconfigured(
                f"ledger release: {len(found)} properties are called {word!r}; expected a table, an id or a name"
            )
        told = {"by": signature.by, "note": signature.why or ""}
        if not await pauses.release(connection, name, found[0].id, day, signature.at, **told):
            raise Refused(f"ledger release: {found[0].table} is not paused at {name}; expected one that is")
    return Resumed(name, found[0].table, day)
