"""Keeping the mirror of Mews's loyalty records and guests current. Both roads need it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.loyalty import Guest, Membership, Program
from connector.jobs import memberships
from connector.jobs.blocked import look_again
from connector.jobs.chain import Chain
from connector.jobs.streams import UNREADABLE, Stream, catch_up, unreadable
from connector.mews.answers import TokenRefused
from connector.mews.client import Mews
from connector.mews.guests import Guests
from connector.mews.loyalty import Loyalty
from connector.mews.pages import Page
from connector.mews.payloads.records import Bad
from connector.mews.times import Interval
from connector.store import bills, cursors, erased, facts, harm, neighbours, stays, suspense
from connector.store import loyalty as mirror
from connector.store.cursors import Cursor

CHAIN = "chain"
GUESTS = ("guests", "deleted_guests")
MEMBERSHIPS = ("memberships", "deleted_memberships")
STREAMS = (*MEMBERSHIPS, *GUESTS)
FULL_LISTING = timedelta(hours=24)  # whether a deletion moves the update time is not documented
_LONGEST_DOUBT = timedelta(days=7)  # of a deletion without an answer
_LISTED = "deleted_memberships_listed"
_PROGRAMS = "programs_with_listed_memberships"
_UNREADABLE = "unreadable_programs"

T = TypeVar("T")


async def refresh(chain: Chain) -> int:
    """Read what changed in Mews's programs, tiers, memberships and guests; return how many records came.

    Any token of the chain serves; one that Mews does not accept is left out as long as there is another.
    """
    programs, read = await refresh_programs(chain)
    server_now = chain.server_now()
    async with chain.database.read() as connection:
        began = await stays.chain_began(connection) or server_now
    every = streams(chain, [program.id for program in programs], began)
    if programs:
        await _list_new_programs(chain, [program.id for program in programs])
        listed = await _list_deletions_daily(chain)
        for name in MEMBERSHIPS:
            read += await catch_up(chain, every[name], server_now)
        await _settle_deletions(chain, listed)
        await look_again(chain, [program.id for program in programs])
    for name in GUESTS:
        read += await catch_up(chain, every[name], server_now)
    return read


def streams(chain: Chain, program_ids: Sequence[str], began: datetime) -> Mapping[str, Stream[Any]]:
    """Return the streams of the chain, by name; no guest was changed before the chain ``began``.

    Guests are listed only with a filter, so even their first read goes window by window.
    """
    walks = _Walks(chain, program_ids)
    made = (
        Stream("memberships", CHAIN, None, walks.memberships, walks.save_memberships),
        Stream("deleted_memberships", CHAIN, None, walks.deleted, walks.save_deleted, tells=False),
        Stream("guests", CHAIN, began, walks.guests, walks.save_guests),
        Stream("deleted_guests", CHAIN, began, walks.deleted_guests, walks.save_guests),
    )
    return {stream.name: stream for stream in made}


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
    """Read all memberships again when a program is listed that was not before: its older ones were never asked for.

    One that a listing lacks is forgotten, because the streams go on without it.
    """
    async with chain.database.write() as connection:
        known = set((await facts.read(connection, _PROGRAMS) or "").split())
        if known == set(program_ids):
            return
        if set(program_ids) - known:
            for stream in MEMBERSHIPS:
                await cursors.save(connection, Cursor(stream, CHAIN), chain.clock.now())
        await facts.write(connection, _PROGRAMS, " ".join(program_ids))


async def programs_are_unreadable(connection: AsyncConnection) -> bool:
    """Tell whether the last listing of programs and tiers held one that could not be read."""
    return await facts.read(connection, _UNREADABLE) == "yes"


async def refresh_programs(chain: Chain) -> tuple[list[Program], int]:
    """Read the full, short lists of programs and tiers; return the programs and the number of records."""
    programs, bad = await chain.through(lambda token: Loyalty(token).programs())
    ids = [program.id for program in programs]
    tiers, bad_tiers = await chain.through(lambda token: Loyalty(token).tiers(ids)) if ids else ([], [])
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
        return self._walk(
            lambda token, page: Loyalty(token).memberships(self.program_ids, updated=updated, cursor=page), cursor
        )

    def deleted(self, updated: Interval | None, cursor: str | None) -> AsyncIterator[Page[Membership]]:
        return self._walk(
            lambda token, page: Loyalty(token).deleted_memberships(self.program_ids, updated=updated, cursor=page),
            cursor,
        )

    def guests(self, updated: Interval | None, cursor: str | None) -> AsyncIterator[Page[Guest]]:
        return self._walk(lambda token, page: Guests(token).updated(_bounded(updated), cursor=page), cursor)

    def deleted_guests(self, updated: Interval | None, cursor: str | None) -> AsyncIterator[Page[Guest]]:
        return self._walk(lambda token, page: Guests(token).deleted(_bounded(updated), cursor=page), cursor)

    async def _walk(
        self, pages: Callable[[Mews, str | None], AsyncIterator[Page[T]]], cursor: str | None
    ) -> AsyncIterator[Page[T]]:
        """Walk one window by the token with most room; another goes on from the last page when Mews refuses that one.

        If Mews does not take the page mark of another token, the window is read from its first page.
        """
        while True:
            try:
                async for page in pages(await self.chain.token(), cursor):
                    cursor = page.cursor
                    yield page
            except TokenRefused as refused:
                self.chain.bar(refused)
            else:
                return

    async def save_memberships(self, connection: AsyncConnection, found: list[Membership], bad: list[Bad]) -> None:
        """Store the living memberships of a page."""
        await memberships.keep(connection, self.chain, found, bad)

    async def save_deleted(self, connection: AsyncConnection, found: list[Membership], bad: list[Bad]) -> None:
        """Store the deleted memberships of a page."""
        await memberships.keep_deleted(connection, self.chain, found, bad)

    async def save_guests(self, connection: AsyncConnection, guests: list[Guest], _bad: list[Bad]) -> None:
        """Store guests with keyed hashes in place of e-mails and names; the stays of a merged one are decided again."""
        gone = await erased.among(connection, self.chain.hasher, erased.GUEST, [guest.id for guest in guests])
        guests = gone.without(guests, attrgetter("id"))
        merged = {guest.id: guest.merge_target_id for guest in guests if guest.merge_target_id}
        await neighbours.disturb_merged(connection, merged)
        await mirror.save_guests(connection, guests, self.chain.guest_keys)
        await bills.payers_merged(connection, [guest.id for guest in guests if guest.merge_target_id])
        well = await suspense.subjects_with(connection, "guest", UNREADABLE, [guest.id for guest in guests])
        await suspense.close_cases(connection, "guest", well, self.chain.clock.now(), reasons=[UNREADABLE])


def _bounded(updated: Interval | None) -> Interval:
    assert updated is not None  # noqa: S101  # the guest streams begin at a moment
    return updated
