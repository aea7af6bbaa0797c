"""The second road's beginning: which stays there are, from each property's reservations and order items."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.stays import OrderItem, Reservation
from connector.errors import ConnectorError, Misconfigured, Superseded, Unauthorized
from connector.jobs import companions, deciding, forgetting, linked_orders, names, sources
from connector.jobs import mirror as mirroring
from connector.jobs.bills import read_bills
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.opt_ins import OptIns
from connector.jobs.properties import nothing_read
from connector.jobs.streams import UNREADABLE, Stream, catch_up, unreadable
from connector.mews.client import Mews
from connector.mews.pages import Page
from connector.mews.payloads.records import Bad
from connector.mews.properties import Properties
from connector.mews.stays import Stays
from connector.mews.times import Interval
from connector.store import decisions, suspense
from connector.store import stays as store
from connector.store.rows import batches

_ORDERS = 1000  # whose items Mews takes in one request
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Seen:
    """What a pass over the stays read and decided; ``failed`` names the properties that could not be read.

    ``warnings`` are sentences about rules that name what Mews does not know, ``unheard`` the failures of partners that
    were asked about their members.
    """

    read: int = 0
    decided: int = 0
    warnings: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    unheard: list[ConnectorError] = field(default_factory=list)


async def collect(chain: Chain, partnerships: Sequence[Partnership], unread: Mapping[str, str]) -> Seen:
    """Read what changed at every property and decide what changed stays earn.

    ``unread`` are the properties whose facts could not be read, with the reason, by table, or by id where the others of
    a token go on: without their services nobody can tell whose reservations are whose.

    One property's dead token or fault does not stop the others; its own stays are not decided on half of their facts.
    Memberships are read after the stays: a number that was typed before a check-out must be seen when that is decided.
    Raises Unfinished when no property could be read.
    """
    seen = Seen(failed=dict(unread))
    await _hear(chain)
    for table, token in chain.tokens.items():
        if table in unread:
            continue
        try:
            seen.read += await _read_property(chain, token, partnerships)
        except Superseded:
            raise
        except ConnectorError as error:
            _failed(chain, seen, table, error)
    if seen.failed.keys() >= chain.tokens.keys():
        raise nothing_read(chain, seen.failed)
    seen.read += await mirroring.refresh(chain)
    for table, failure in (await read_bills(chain, partnerships, seen.failed)).items():
        _failed(chain, seen, table, failure)
    await _judge_accounts(chain, partnerships, whole=not seen.failed)
    opt_ins = {each.name: OptIns() for each in partnerships}
    named = await _with_ids(chain, partnerships, seen)
    left = await _left(chain, seen)
    seen.decided = await deciding.decide_all(chain, named, unread={*seen.failed, *left}, opt_ins=opt_ins)
    seen.unheard += [each.fault for each in opt_ins.values() if each.fault is not None]
    return seen


async def _left(chain: Chain, seen: Seen) -> set[str]:
    """Return the properties that no token reads, such as one that was taken out of the settings.

    What is known of their stays grows old, so these wait; a warning names where some do.
    """
    async with chain.database.read() as connection:
        known = await store.properties(connection)
        left = {each.id for each in known.values() if not chain.reads(each) and each.table not in seen.failed}
        waiting = await decisions.undecided_at(connection, left)
    if waiting:
        told = ", ".join(sorted(known[each].name for each in waiting))
        seen.warnings.append(f"stays wait at {told}: no access token reads it; [mews.properties] had one")
        _log.warning("stays wait at a property that no token reads", properties=told)
    return left


async def _judge_accounts(chain: Chain, partnerships: Sequence[Partnership], *, whole: bool) -> None:
    """Raise Misconfigured for an account whose property nobody knows: its miles would go under another contract.

    Only when the ``whole`` chain was read; until then the property may be one that was not seen yet.
    """
    if not whole or not any(each.accounts for each in partnerships):
        return
    async with chain.database.read() as connection:
        places = (await store.properties(connection)).values()
    known = {key for place in places for key in place.keys}
    if faults := [each for one in partnerships for each in one.unknown_properties(known)]:
        raise Misconfigured(*faults)


async def _with_ids(chain: Chain, partnerships: Sequence[Partnership], seen: Seen) -> list[Partnership]:
    """Return the partnerships with ids beside the names in their rules; note the names that mean nothing."""
    async with chain.database.read() as connection:
        found, strangers = await names.with_ids(connection, partnerships)
    seen.warnings += [each.sentence for each in strangers]
    if strangers:
        _log.warning("rules name what Mews does not know", rules=seen.warnings)
    return found


async def _hear(chain: Chain) -> None:
    """Let Mews tell the time once in this process: windows must not end by the clock of this machine."""
    if not any(token.server_time for token in chain.tokens.values()):
        await chain.through(lambda token: Properties(token).enterprises())


def _failed(chain: Chain, seen: Seen, table: str, error: ConnectorError) -> None:
    seen.failed[table] = str(error)
    if isinstance(error, Unauthorized):
        chain.dead.add(table)
    _log.warning("a property could not be read", property=table, error=str(error))


async def _read_property(chain: Chain, token: Mews, partnerships: Sequence[Partnership]) -> int:
    if not chain.serves[token.table]:  # a portfolio whose properties all have tokens of their own
        return 0
    read = 0
    for stream in (await streams(chain, token)).values():
        read += await catch_up(chain, stream, chain.server_now())
    read += await _complete(chain, token)
    read += await sources.read(chain, token, partnerships)
    return read + await companions.read(chain, token, partnerships)


async def streams(chain: Chain, token: Mews) -> Mapping[str, Stream[Any]]:
    """Return the streams of the stays that a token reads, by name."""
    async with chain.database.read() as connection:
        known = await store.services(connection)
    walks = _walks(chain, token, known)
    made: list[Stream[Any]] = [
        Stream("reservations", token.table, walks.begin, walks.reservations, walks.save_reservations),
        Stream("order_items", token.table, walks.begin, walks.items, walks.save_items),
    ]
    return {stream.name: stream for stream in (*made, *linked_orders.streams(chain, token, known))}


def _walks(chain: Chain, token: Mews, known: Mapping[str, str]) -> _Walks:
    begin, places = chain.server_now() - chain.history, chain.serves[token.table]
    if token.table in chain.portfolios:
        return _Walks(chain, Stays(token), known.get, places, begin)
    # the token of one property also knows services that are new there
    return _Walks(chain, Stays(token), lambda service_id: known.get(service_id, places[0]), (), begin)


@dataclass(frozen=True, slots=True)
class _Walks:
    """How the two streams of a token are walked and saved; without ``property_ids`` all that the token sees."""

    chain: Chain
    api: Stays
    property_of: Callable[[str], str | None]
    property_ids: Sequence[str]
    begin: datetime

    def reservations(self, updated: Interval | None, cursor: str | None) -> AsyncIterator[Page[Reservation]]:
        return self.api.reservations(_bounded(updated), self.property_of, property_ids=self.property_ids, cursor=cursor)

    def items(self, updated: Interval | None, cursor: str | None) -> AsyncIterator[Page[OrderItem]]:
        return self.api.order_items(_bounded(updated), property_ids=self.property_ids, cursor=cursor)

    async def save_reservations(
        self, connection: AsyncConnection, reservations: list[Reservation], bad: list[Bad]
    ) -> None:
        """Store reservations; what was stored of one that cannot be read is not paid for as long as that is so."""
        now = self.chain.clock.now()
        reservations = await forgetting.reservations(connection, self.chain.hasher, reservations)
        await store.save_reservations(connection, reservations, self.begin, now)
        ids = [each.id for each in reservations]
        well = await suspense.subjects_with(connection, "reservation", UNREADABLE, ids, partner="")
        await store.make_dirty(connection, [*well, *(each.id for each in bad)])
        await suspense.close_cases(connection, "reservation", well, now, reasons=[UNREADABLE], partner="")

    async def save_items(self, connection: AsyncConnection, items: list[OrderItem], bad: list[Bad]) -> None:
        now = self.chain.clock.now()
        orders = {each.id: each.parent_id for each in bad if each.id and each.parent_id}
        items, orders = await forgetting.items(connection, self.chain.hasher, items, orders)
        await store.save_items(connection, items)
        await store.save_unreadable_items(connection, orders, now)
        ids = [each.id for each in items]
        await suspense.close_cases(connection, "order item", ids, now, reasons=[UNREADABLE])


def _bounded(updated: Interval | None) -> Interval:
    assert updated is not None  # noqa: S101  # the streams of stays begin at a moment
    return updated


async def _complete(chain: Chain, token: Mews) -> int:
    """Fetch the order items of stays that were booked before the item stream begins: some may be older than it.

    Those of the product service orders that are linked to them too.
    """
    walks, read = _walks(chain, token, {}), 0
    while True:
        async with chain.database.read() as connection:
            missing = await store.without_items(connection, chain.serves[token.table], _ORDERS)
        if not missing:
            return read
        linked = await linked_orders.read(chain, token, missing)
        for orders in (missing, *batches(linked, _ORDERS)):
            read += await _fetch(chain, walks, orders)
        async with chain.database.write() as connection:
            await store.items_are_complete(connection, missing)


async def _fetch(chain: Chain, walks: _Walks, order_ids: Sequence[str]) -> int:
    read = 0
    async for page in walks.api.order_items_of(order_ids):
        async with chain.database.write() as connection:
            await walks.save_items(connection, page.records, page.bad)
            await suspense.open_cases(connection, [unreadable(each) for each in page.bad], chain.clock.now())
        read += len(page.records)
    return read
