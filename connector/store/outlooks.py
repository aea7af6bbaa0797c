"""The plan that a person last had computed, kept so that it can be looked at again, by whoever comes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.store import facts

_NAME = "outlook"


@dataclass(frozen=True, slots=True)
class Outlook:
    """A plan in words: its lines, each with what it is about (add, change, take, note), and the harm guard's word.

    ``fault`` says why it could not be computed; there is nothing else then.
    """

    at: datetime
    by: str
    lines: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    plan_id: str = ""
    allowed: bool = True
    sentence: str = ""
    fault: str = ""


async def save(connection: AsyncConnection, outlook: Outlook) -> None:
    """Keep a plan in place of the one before."""
    await facts.write(connection, _NAME, json.dumps(asdict(outlook) | {"at": outlook.at.isoformat()}))


async def load(connection: AsyncConnection) -> Outlook | None:
    """Return the plan that was last computed, None if none ever was."""
    told = await facts.read(connection, _NAME)
    if told is None:
        return None
    found = json.loads(told)
    found["at"] = datetime.fromisoformat(found["at"])
    found["lines"] = tuple((text, tone) for text, tone in found["lines"])
    return Outlook(**found | {"remarks": tuple(found["remarks"])})
