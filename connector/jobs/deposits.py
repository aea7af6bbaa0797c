"""Miles to points: what partners told of is handed to the scheme, each deposit once, in the order of their arrival.

What cannot be handed over is a case, looked at again by every pass: the scheme may know the member by then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from connector.domain.deposits import BAD_REVERSAL, FAULTY, NO_MEMBER, Doubt, Judge, Kept
from connector.jobs.chain import Chain
from connector.jobs.contracts import Deposits, Partnership
from connector.store import deposits as store
from connector.store import members, suspense
from connector.store.suspense import Case

KIND = "deposit"
_CHUNK = 500
_REASONS = (FAULTY, NO_MEMBER, BAD_REVERSAL)


async def hand_over(chain: Chain, partnership: Partnership) -> int:
    """Write what the scheme was not told yet to its file; return how many deposits that were.

    Raises Unfinished when the file cannot be written: what it did not take is offered by the next pass.
    """
    place, name, now = partnership.deposits, partnership.name, chain.clock.now()
    if place is None:
        return 0
    after, done = 0, 0
    while page := await _page(chain, name, after):
        ready, cases = await _judged(chain, place, name, page)
        if ready:
            await asyncio.to_thread(place.file.append, ready)  # it reads the whole file
        async with chain.database.write() as connection:
            await store.handed(connection, [each.number for each in ready], now)
            await suspense.open_cases(connection, cases, now)
        after, done = page[-1].number, done + len(ready)
    async with chain.database.write() as connection:
        await suspense.close_stale(connection, KIND, _REASONS, now, partner=name)
    return done


async def _page(chain: Chain, partner: str, after: int) -> list[Kept]:
    async with chain.database.read() as connection:
        return await store.waiting(connection, partner, after, _CHUNK)


async def _judged(chain: Chain, place: Deposits, partner: str, page: Sequence[Kept]) -> tuple[list[Kept], list[Case]]:
    """Return what is to be handed over, and the cases of what is not."""
    reverted = {each.deposit.reverts for each in page if each.deposit.reverts}
    words = {each.deposit.member for each in page if not each.deposit.fault}
    async with chain.database.read() as connection:
        judge = Judge(
            members=await members.known(connection, words) if place.members_are_known else None,
            reverted=await store.named(connection, partner, reverted),
            reversals=await store.first_reversals(connection, partner, reverted),
        )
    ready: list[Kept] = []
    cases: list[Case] = []
    for each in page:
        doubt = judge.doubt(each)
        if doubt is not None:
            cases.append(_case(each, doubt, partner))
        elif _is_next(each, judge, ready):
            ready.append(each)
    return ready, cases


def _is_next(kept: Kept, judge: Judge, ready: Sequence[Kept]) -> bool:
    """Tell whether a deposit may be handed over now: a reversal waits for what it takes back."""
    if not kept.deposit.reverts:
        return True
    given = judge.reverted[kept.deposit.reverts]
    return given.handed or any(each.number == given.number for each in ready)


def _case(kept: Kept, doubt: Doubt, partner: str) -> Case:
    return Case(KIND, kept.deposit.reference, doubt.reason, doubt.text, partner)
