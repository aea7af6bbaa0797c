"""Going on with a copy of the database after the original was lost.

What the original said since the copy was made is not known here. Whatever it may have said is left to a person, and
listed; what it cannot have said, and what is sent again as the very same bytes under a key, goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.adoption import may_have_been_said
from connector.domain.awards import Message
from connector.domain.ledger import UNSENT, State
from connector.errors import Refused
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.suspending import case
from connector.store import adoption, facts, ledger, retired, suspense
from connector.store.backup import MARK
from connector.store.ledger import Step
from connector.store.resolutions import Signature
from connector.store.state_reading import withdraw

RESTORED = "restored"
_WHY = (
    "it may have been sent before this database was restored from a copy; compare with the partner, then "
    "`ledger release --credited`, or `ledger retry --not-credited`"
)


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was adopted: the last step that the copy knows, and messages by partner.

    ``in_doubt`` were being sent when the copy was made; ``suspended`` may have been sent since.
    """

    last_step: datetime | None
    in_doubt: dict[str, int] = field(default_factory=dict)
    suspended: dict[str, int] = field(default_factory=dict)


async def adopt(
    chain: Chain, partnerships: Sequence[Partnership], signature: Signature, *, unmarked: bool = False
) -> Adopted:
    """Let a copy go on as the database; raises Refused where it bears no mark and ``unmarked`` does not say why.

    Nobody may run a job meanwhile: the caller sees to that.
    """
    rehearsing = [each.name for each in partnerships if each.mode != "live"]
    now = signature.at
    async with chain.database.write() as connection:
        marked = [await facts.read(connection, name) for name in (MARK, retired.MARK)]
        if not unmarked and marked == [None, None]:
            raise Refused(
                "ledger adopt: the database bears no mark of a copy; expected one made by `db backup` or left behind "
                "by `state export --retire`, or --restored where other tools restored it"
            )
        last = await adoption.last_step(connection)
        flying = await adoption.in_state(connection, [State.IN_FLIGHT], [])
        unsent = await adoption.in_state(connection, UNSENT, rehearsing)
        await adoption.doubt_the_open(connection, now, rehearsing)
        at_once = {"due_at": now, "owner": None, "lease_until": None}
        steps = [Step(each, State.IN_DOUBT, "its database was restored from a copy", at_once) for each in flying]
        await ledger.move(connection, steps, signature.by, now)
        as_sent = {"settled_at": now, "last_sent_at": now}
        steps = [Step(each, State.SUSPENDED, f"ledger adopt: {signature.why}", as_sent) for each in unsent]
        await ledger.move(connection, steps, signature.by, now)
        await suspense.open_cases(connection, [case(each, _WHY, RESTORED) for each in unsent], now)
        await adoption.note(connection, signature)
        if left := await retired.read(connection):
            withdraw(Path(left.file), f"at {now:%Y-%m-%d %H:%M} UTC by {signature.by}, who took the database back")
        for name in (MARK, retired.MARK):
            await facts.forget(connection, name)
    return Adopted(last, _by_partner(flying), _by_partner(unsent))


async def catch_up(chain: Chain) -> None:
    """Note that everything until the adoption has been read and decided, once that is so."""
    async with chain.database.read() as connection:
        lost = await adoption.lost_time(connection)
    if lost is not None and not lost.caught_up:
        async with chain.database.write() as connection:
            await adoption.catch_up(connection, lost)


async def kept_back(
    connection: AsyncConnection, partnership: Partnership, messages: Sequence[Message], now: datetime
) -> list[Message]:
    """Return new messages as they are to be stored: what the lost original may have said waits for a person."""
    lost = await adoption.lost_time(connection) if messages and partnership.mode == "live" else None
    if lost is None:
        return list(messages)
    traces = await adoption.traces(connection, {each.award_id for each in messages})
    hold = partnership.contract.hold
    doubtful = {each.award_id for each in messages if may_have_been_said(each, traces[each.award_id], hold, lost)}
    kept = [each for each in messages if each.award_id in doubtful]
    await adoption.doubt(connection, doubtful, lost.until)
    await suspense.open_cases(connection, [case(each, _WHY, RESTORED) for each in kept], now)
    return [
        replace(each, state=State.SUSPENDED, last_sent_at=lost.until) if each.award_id in doubtful else each
        for each in messages
    ]


def _by_partner(messages: Sequence[Message]) -> dict[str, int]:
    return dict(Counter(each.partner for each in messages))
