"""Who pays: the bills of stays, read where some partner's contract asks for them.

The bills of a stay are read each time that it is decided, because a payment changes neither reservation nor order item.
What changes later comes by the bill's own update time, from a property's own token: it is not documented that a
portfolio token may read bills.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.stays import Bill
from connector.errors import ConnectorError, Permanent, Superseded
from connector.jobs import forgetting
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.streams import UNREADABLE, Stream, catch_up, unreadable
from connector.jobs.windows import OVERLAP
from connector.mews.answers import TokenRefused
from connector.mews.client import Mews
from connector.mews.pages import Page
from connector.mews.payloads.records import Bad
from connector.mews.stays import Stays
from connector.mews.times import Interval
from connector.store import bills as store
from connector.store import decisions, rulebook, suspense
from connector.store import stays as mirror

STREAM = "bills"
_CHUNK = 500
_ASKED = 1000  # bills that Mews takes in one request


async def read_bills(
    chain: Chain, partnerships: Sequence[Partnership], unread: Collection[str]
) -> dict[str, ConnectorError]:
    """Read the bills of all stays to be decided; return the failure of each property table that could not be read.

    ``unread`` names the tables that are left out. A bill that a token may not read is stored with that as its fault:
    the stays that need it wait for a person, the others go on.
    """
    names = await _asking(chain, partnerships)
    failed: dict[str, ConnectorError] = {}
    for table, places in chain.serves.items():
        if names and places and table not in unread:
            try:
                await _Reading(chain, chain.tokens[table], frozenset(places)).read(names)
            except Superseded:
                raise
            except ConnectorError as error:
                failed[table] = error
    return failed


async def _asking(chain: Chain, partnerships: Sequence[Partnership]) -> list[str]:
    """Return the partners whose contract asks for bills, or once did so that awards are frozen by it."""
    async with chain.database.read() as connection:
        return [
            each.name
            for each in partnerships
            if each.contract.asks_for_bills or await rulebook.ever_asked_who_pays(connection, each.name)
        ]


def stream(chain: Chain, token: Mews) -> Stream[Bill]:
    """Return the stream of a property's bills; it begins now, for older ones are read when a stay needs them."""

    def pages(updated: Interval | None, cursor: str | None) -> AsyncIterator[Page[Bill]]:
        assert updated is not None  # noqa: S101  # the stream begins at a moment
        return Stays(token).bills(updated, cursor)

    async def save(connection: AsyncConnection, bills: list[Bill], bad: list[Bad]) -> None:
        theirs = await forgetting.bills(connection, chain.hasher, bills)
        await store.save_known(connection, [*theirs, *_unusable(bad)])
        await _close_cases(chain, connection, bills)

    return Stream(STREAM, token.table, chain.server_now() - OVERLAP, pages, save)


def _unusable(bad: Sequence[Bad]) -> list[Bill]:
    return [Bill.unread(each.id, f"see the case of bill {each.id}") for each in bad if each.id]


async def _close_cases(chain: Chain, connection: AsyncConnection, bills: Sequence[Bill]) -> None:
    ids = [each.id for each in bills]
    await suspense.close_cases(connection, "bill", ids, chain.clock.now(), reasons=[UNREADABLE])


@dataclass(frozen=True, slots=True)
class _Reading:
    """The bills of one token's properties."""

    chain: Chain
    token: Mews
    places: frozenset[str]

    async def read(self, names: Sequence[str]) -> None:
        """Read what changed since the last time, then what the stays to be decided for these partners stand on."""
        if not self._is_portfolio:
            with suppress(TokenRefused):  # what follows says so of each bill
                await catch_up(self.chain, stream(self.chain, self.token), self.chain.server_now())
        async for ids in self._wanted(names):
            await self._ask(ids)

    @property
    def _is_portfolio(self) -> bool:
        return self.token.table in self.chain.portfolios

    async def _wanted(self, names: Sequence[str]) -> AsyncIterator[list[str]]:
        """Yield the bills that stays to be decided stand on, as many at a time as Mews takes."""
        wanted: set[str] = set()
        after, now = "", self.chain.clock.now()
        while True:
            async with self.chain.database.read() as connection:
                ids = await decisions.to_decide(connection, names, now, after, _CHUNK)
                pairs = await self._pairs(connection, ids)
            if not ids:
                break
            async with self.chain.database.write() as connection:
                await store.tie(connection, sorted(pairs))
            after = ids[-1]
            wanted.update(bill for bill, _ in pairs)
            while len(wanted) > _ASKED:
                yield _take(wanted)
        if wanted:
            yield _take(wanted)

    async def _pairs(self, connection: AsyncConnection, ids: Sequence[str]) -> set[tuple[str, str]]:
        """Return (bill, reservation) for the stays that this token's properties have."""
        here = [each.id for each in await mirror.reservations(connection, ids) if each.property_id in self.places]
        items = await mirror.items_of(connection, here)
        return {(item.bill_id, stay) for stay, own in items.items() for item in own if item and item.bill_id}

    async def _ask(self, ids: Sequence[str]) -> None:
        """Read bills; one that the token may not see, or that cannot be read, is stored with that as its fault."""
        bills: list[Bill] = []
        bad: list[Bad] = []
        try:
            async for page in Stays(self.token).bills_of(ids):
                bills += page.records
                bad += page.bad
            fault = self._barred if self._is_portfolio else ""
        except Permanent as refused:
            if not self._is_portfolio and not isinstance(refused, TokenRefused):
                raise
            fault = self._barred
        told = {each.id for each in bills} | {each.id for each in bad}
        hidden = [Bill.unread(each, fault) for each in ids if fault and each not in told]
        async with self.chain.database.write() as connection:
            theirs = await forgetting.bills(connection, self.chain.hasher, bills)
            await store.save(connection, [*theirs, *_unusable(bad), *hidden])
            await suspense.open_cases(connection, [unreadable(each) for each in bad], self.chain.clock.now())
            await _close_cases(self.chain, connection, bills)

    @property
    def _barred(self) -> str:
        table = f"[mews.properties.{self.token.table}]"
        if self._is_portfolio:
            return f"the portfolio token of {table} shows none of them; give their property an access token of its own"
        return f"the access token of {table} may not do bills/getAll; let the integration do it"


def _take(wanted: set[str]) -> list[str]:
    taken = sorted(wanted)[:_ASKED]
    wanted.difference_update(taken)
    return taken
