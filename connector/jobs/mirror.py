"""Keeping the mirror of Mews's loyalty records and guests current. Both roads need it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.loyalty import Guest, Membership, Program
from connector.errors import Unauthorized
from connector.jobs.chain import Chain
from connector.jobs.streams import UNREADABLE, Stream, catch_up, unreadable
from connector.mews.guests import Guests
from connector.mews.loyalty import Loyalty
from connector.mews.pages import Page
from connector.mews.payloads.records import Bad
from connector.mews.times import Interval
from connector.store import cursors, facts, harm, stays, suspense
from connector.store import loyalty as mirror
from connector.store.cursors import Cursor
from connector.store.suspense import Case

CHAIN = "chain"
FULL_LISTING = timedelta(hours=24)  # whether a deletion moves the update time is not documented
_LONGEST_DOUBT = timedelta(days=7)  # of a deletion without an answer
_LISTED = "deleted_memberships_listed"
_PROGRAMS = "programs_with_listed_memberships"
_UNREADABLE = "unreadable_programs"
_MEMBERSHIP = "loyalty membership"
UNREADABLE_MEMBERSHIP = "unreadable_membership"
_log = structlog.get_logger(__name__)


async def refresh(chain: Chain) -> int:
    """Read what changed in Mews's programs, tiers, memberships and guests; return how many records came.

    Any token of the chain serves; one that Mews does not accept is left out as long as there is another.
    """
    while True:
        token = chain.any_token
        try:
            return await _refresh(chain)
        except Unauthorized as error:
            if len(chain.dead) + 1 == len(chain.tokens):
                raise
            chain.dead.add(token.table)
            _log.error("an access token is not accepted", property=token.table, error=str(error))


async def _refresh(chain: Chain) -> int:
    programs, read = await refresh_programs(chain)
    server_now = chain.server_now()
    async with chain.database.read() as connection:
        began = await stays.chain_began(connection) or server_now
    walks = _Walks(chain, [program.id for program in programs])
    if programs:
        await _list_new_programs(chain, walks.program_ids)
        listed = await _list_deletions_daily(chain)
        for name, walk, save in (
            ("memberships", walks.memberships, walks.save_memberships),
            ("deleted_memberships", walks.deleted, walks.save_deleted),
        ):
            read += await catch_up(chain, Stream(name, CHAIN, None, walk, save), server_now)
        await _settle_deletions(chain, listed)
    # guests are listed only with a filter, so even the first read goes window by window
    for name, guests in (("guests", walks.guests), ("deleted_guests", walks.deleted_guests)):
        read += await catch_up(chain, Stream(name, CHAIN, began, guests, walks.save_guests), server_now)
    return read


async def _list_deletions_daily(chain: Chain) -> datetime:
    """Once a day read all deleted memberships again: a deletion may not show up by its time; return since when.

    Also when a deletion of our own is in doubt, and Mews has had the time to show it since the last reading.
    """
    now = chain.clock.now()
    async with chain.database.write() as connection:
        text = await facts.read(connection, _LISTED)
        listed = datetime.fromisoformat(text) if text else None
        if listed is not None and not await _is_due(connection, chain, listed, now):
            return listed
        await cursors.save(connection, Cursor("deleted_memberships", CHAIN), now)
        await facts.write(connection, _LISTED, now.isoformat())
    return now


async def _is_due(connection: AsyncConnection, chain: Chain, listed: datetime, now: datetime) -> bool:
    if now - listed >= FULL_LISTING:
        return True
    doubtful = await harm.doubtful_deletions(connection, listed - chain.visibility)
    return bool(doubtful) and doubtful[-1] + chain.visibility <= now


async def _settle_deletions(chain: Chain, listed: datetime) -> None:
    """Let deletions of our own end that the reading of all of them should show, and does not."""
    start, end = listed - _LONGEST_DOUBT, listed - chain.visibility
    async with chain.database.read() as connection:
        doubtful = await harm.doubtful_deletions(connection, start)
    if doubtful and doubtful[0] <= end:
        async with chain.database.write() as connection:
            await harm.forget_deletions(connection, start, end)


async def list_deletions_again(chain: Chain) -> None:
    """Let the next pass read all deleted memberships: one is missing that the mirror believes alive."""
    async with chain.database.write() as connection:
        await facts.forget(connection, _LISTED)


async def _list_new_programs(chain: Chain, program_ids: Sequence[str]) -> None:
    """Read all memberships again when a program is listed for the first time: its older ones were never asked for."""
    async with chain.database.write() as connection:
        known = await facts.read(connection, _PROGRAMS) or ""
        if set(program_ids) - set(known.split()):
            for stream in ("memberships", "deleted_memberships"):
                await cursors.save(connection, Cursor(stream, CHAIN), chain.clock.now())
            await facts.write(connection, _PROGRAMS, " ".join(program_ids))


async def programs_are_unreadable(connection: AsyncConnection) -> bool:
    """Tell whether the last listing of programs and tiers held one that could not be read."""
    return await facts.read(connection, _UNREADABLE) == "yes"


async def refresh_programs(chain: Chain) -> tuple[list[Program], int]:
    """Read the full, short lists of programs and tiers; return the programs and the number of records."""
    loyalty = Loyalty(chain.any_token)
    programs, bad = await loyalty.programs()
    tiers, bad_tiers = await loyalty.tiers([p.id for p in programs]) if programs else ([], [])
    now = chain.clock.now()
    async with chain.database.write() as connection:
        await mirror.replace_programs(connection, programs, tiers)
        await facts.write(connection, _UNREADABLE, "yes" if bad or bad_tiers else "no")
        await suspense.open_cases(connection, [unreadable(each) for each in bad + bad_tiers], now)
        for kind in ("loyalty program", "loyalty tier"):
            await suspense.close_stale(connection, kind, [UNREADABLE], now)
    return programs, len(programs) + len(tiers)


@dataclass(frozen=True, slots=True)
class _Walks:
    """How each stream is walked and saved."""

    chain: Chain
    program_ids: Sequence[str]

    def memberships(self, updated: Interval | None, cursor: str | None) -> AsyncIterator[Page[Membership]]:
        return Loyalty(self.chain.any_token).memberships(self.program_ids, updated=updated, cursor=cursor)

    def deleted(self, updated: Interval | None, cursor: str | None) -> AsyncIterator[Page[Membership]]:
        return Loyalty(self.chain.any_token).deleted_memberships(self.program_ids, updated=updated, cursor=cursor)

    def guests(self, updated: Interval | None, cursor: str | None) -> AsyncIterator[Page[Guest]]:
        return Guests(self.chain.any_token).updated(_bounded(updated), cursor=cursor)

    def deleted_guests(self, updated: Interval | None, cursor: str | None) -> AsyncIterator[Page[Guest]]:
        return Guests(self.chain.any_token).deleted(_bounded(updated), cursor=cursor)

    async def save_memberships(
        self, connection: AsyncConnection, memberships: list[Membership], bad: list[Bad]
    ) -> None:
        """Store the living memberships of a page."""
        await keep_memberships(connection, memberships, bad, self.chain.clock.now())

    async def save_deleted(self, connection: AsyncConnection, memberships: list[Membership], _bad: list[Bad]) -> None:
        """Store the deleted memberships of a page; an unreadable one of those stands in nobody's way."""
        await keep_memberships(connection, memberships, [], self.chain.clock.now())

    async def save_guests(self, connection: AsyncConnection, guests: list[Guest], _bad: list[Bad]) -> None:
        """Store guests with keyed hashes in place of e-mails and names."""
        await mirror.save_guests(connection, guests, self.chain.guest_keys)
        ids = [guest.id for guest in guests]
        await suspense.close_cases(connection, "guest", ids, self.chain.clock.now(), reasons=[UNREADABLE])


async def keep_memberships(
    connection: AsyncConnection, memberships: Sequence[Membership], bad: Sequence[Bad], now: datetime
) -> None:
    """Store memberships; a guest with an unreadable one is left alone by both roads until that one is readable."""
    await mirror.save_memberships(connection, memberships, now)
    ids = [membership.id for membership in memberships]
    well = await suspense.subjects_with(connection, _MEMBERSHIP, UNREADABLE, ids)
    guests = [membership.account_id for membership in memberships if membership.id in well]
    await suspense.close_cases(connection, _MEMBERSHIP, well, now, reasons=[UNREADABLE])
    await suspense.close_cases(connection, "guest", guests, now, reasons=[UNREADABLE_MEMBERSHIP])
    cases = [_left_alone(each) for each in bad if each.parent_id]
    await suspense.open_cases(connection, [*cases, *map(unreadable, bad)], now)


def _left_alone(bad: Bad) -> Case:
    text = (
        f"guest {bad.parent_id}: a membership of this guest cannot be read ({bad.text}), so the guest's memberships "
        "stay as they are and stays earn nothing; correct it in Mews, or report this line."
    )
    return Case("guest", bad.parent_id, UNREADABLE_MEMBERSHIP, text)


def _bounded(updated: Interval | None) -> Interval:
    assert updated is not None  # noqa: S101  # the guest streams begin at a moment
    return updated
