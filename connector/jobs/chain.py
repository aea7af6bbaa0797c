"""What every job works with: the chain's tokens, the database, the time."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from connector.domain.loyalty import Guest
from connector.domain.matching import Hasher
from connector.domain.members import Member
from connector.domain.names import Kind
from connector.domain.stays import Property
from connector.jobs.windows import Span
from connector.mews.answers import TokenRefused
from connector.mews.batches import BatchSize
from connector.mews.client import Mews
from connector.ports import Clock, Progress
from connector.store.engine import Database

T = TypeVar("T")
_AHEAD = timedelta(minutes=1)  # more than a slow answer makes this clock seem ahead
_log = structlog.get_logger(__name__)


def _unwatched(what: str, done: int, total: int | None = None) -> None:
    """Work without anybody watching."""


@dataclass(slots=True)
class Chain:
    """One Mews chain: a token per property table (or one portfolio token), and the local database.

    ``portfolios`` are the tables whose token sees several properties. ``owner`` names this process in leases and
    ledger; ``visibility`` is how long Mews may take to show a write; ``batch`` is what Mews takes in one write;
    ``progress`` hears of long work.

    ``dead`` are the tables whose own property cannot be read; ``barred`` those whose token Mews refused for what any
    token of the chain can do. They are two sets, because a token may be allowed the one and not the other. Both are
    tried again when the facts of their properties are read. ``serves`` are the properties whose stays each token reads,
    by table; ``spans`` say how much time of a stream and scope Mews takes in one window. ``asked`` are the kinds of
    which the rules name something.
    """

    database: Database
    clock: Clock
    owner: str
    tokens: Mapping[str, Mews]
    portfolios: frozenset[str]
    hasher: Hasher
    history: timedelta
    visibility: timedelta
    chain_id: str = ""
    dead: set[str] = field(default_factory=set)
    barred: set[str] = field(default_factory=set)
    serves: dict[str, list[str]] = field(default_factory=dict)
    spans: defaultdict[tuple[str, str], Span] = field(default_factory=lambda: defaultdict(Span))
    batch: BatchSize = field(default_factory=BatchSize)
    asked: frozenset[Kind] = frozenset()
    progress: Progress = _unwatched

    async def token(self) -> Mews:
        """Return the token for chain-level work: of those that are not barred the one with most room.

        The log is asked only about the token that seems to be the best, and another one if that turns out to be better.
        """
        living = [token for table, token in self.tokens.items() if table not in self.barred]
        living = living or list(self.tokens.values())
        asked: set[str] = set()
        while True:
            best = max(living, key=_room)
            if len(living) == 1 or best.room is None or best.table in asked:
                return best
            asked.add(best.table)
            await best.available()

    async def through(self, work: Callable[[Mews], Awaitable[T]]) -> T:
        """Do chain-level work by the token with most room, by another if Mews refuses that one.

        Programs, tiers, memberships and guests are the same through each. Raises TokenRefused when none is left.
        """
        while True:
            try:
                return await work(await self.token())
            except TokenRefused as refused:
                self.bar(refused)

    def bar(self, refused: TokenRefused) -> None:
        """Leave a token out of chain-level work; raises ``refused`` when none is left: the next pass tries them all."""
        _log.error("an access token is not accepted", property=refused.table, error=str(refused))
        self.barred.add(refused.table)
        if self.barred >= self.tokens.keys():
            self.barred.clear()
            raise refused

    async def alone(self, work: Callable[[Mews], Awaitable[T]]) -> T:
        """Do what Mews does not state to take a portfolio token for: by a token of one property where there is one."""
        while single := self.single:
            try:
                return await work(single)
            except TokenRefused as refused:
                self.bar(refused)
        return await work(await self.token())

    @property
    def single(self) -> Mews | None:
        """A token of one property that Mews takes for chain-level work, if there is one."""
        tables = (table for table in self.tokens if table not in self.barred | self.portfolios)
        return next((self.tokens[table] for table in tables), None)

    def reads(self, place: Property) -> bool:
        """Tell whether a token reads the stays of a property: one that left the settings may be known from before."""
        return place.id in self.serves.get(place.table, ())

    @property
    def heard(self) -> datetime | None:
        """The latest moment that an answer of Mews told by its clock, None before the first."""
        return max((token.server_time for token in self.tokens.values() if token.server_time is not None), default=None)

    def server_now(self) -> datetime:
        """Return the present by Mews's clock, as its last answer told it: windows of streams end there."""
        heard = [(token.server_time, token) for token in self.tokens.values() if token.server_time is not None]
        return max(heard, key=lambda each: each[0])[1].now() if heard else self.clock.now()

    def safe_now(self) -> datetime:
        """Return the present for what must not come too early: Mews's, where this machine's clock is ahead of it."""
        now, theirs = self.clock.now(), self.server_now()
        return theirs if now - theirs > _AHEAD else now

    def guest_keys(self, guest: Guest) -> Mapping[str, bytes | None]:
        """Return the keyed hashes by which a guest is matched."""
        return {
            "email_key": self.hasher.email_and_name(guest.email, guest.first_name, guest.last_name),
            "name_key": self.hasher.last_name(guest.last_name),
            "loyalty_key": self.hasher.loyalty_code(guest.loyalty_code),
        }

    def member_keys(self, member: Member) -> Mapping[str, bytes | None]:
        """Return the keyed hashes by which a member is matched."""
        return {
            "email_key": self.hasher.email_and_name(member.email, member.first_name, member.last_name),
            "name_key": self.hasher.last_name(member.last_name),
            "loyalty_key": self.hasher.loyalty_code(member.number),
        }


def _room(token: Mews) -> float:
    return math.inf if token.room is None else token.room
