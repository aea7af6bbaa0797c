"""What each access token reaches: properties with their facts, read hourly; the database is tied to their chain.

Nothing is stored before all tokens were compared: two chains in one database could not be told apart again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.access import Reach, faults, served_by
from connector.errors import ConnectorError, Misconfigured, Refused, Skippable, Unauthorized, Unfinished
from connector.jobs import mirror as mirroring
from connector.jobs import names
from connector.jobs.chain import Chain
from connector.mews.client import Mews
from connector.mews.payloads.properties import Configuration, ExchangeRate, Service
from connector.mews.properties import Properties
from connector.store import cursors, facts, sights
from connector.store import stays as store
from connector.store.sights import Sight

RESERVATIONS, PRODUCT_ORDERS = "reservations", "product_orders"
STAY_STREAMS = (RESERVATIONS, "order_items", PRODUCT_ORDERS, "bills")
_STALE = timedelta(hours=1)
_log = structlog.get_logger(__name__)


async def read_properties(chain: Chain) -> dict[str, str]:
    """Read what each token reaches, unless that was done within the hour, and tie the database to the chain.

    Returns why properties could not be read, by table: a single dead token is remembered, the others go on. A property
    among several of one token whose facts are not whole stands there by its id. Raises Misconfigured when the tokens do
    not belong together, Unfinished when no property answers.
    """
    async with chain.database.read() as connection:
        stored = await sights.load(connection, chain.tokens.keys())
        _name_chain(chain, await facts.read(connection, "chain_id") or "")
    known = {table: sight for table, sight in stored.items() if sight.token == chain.tokens[table].digest}
    due = [table for table in chain.tokens if _is_due(chain, table, known.get(table))]
    failures: dict[str, str] = {}
    reaches = {table: Reach(sight.chain_of, table in chain.portfolios) for table, sight in known.items()}
    seen = await _look(chain, due, failures)
    reaches |= seen
    if found := faults(reaches):
        raise Misconfigured(*found)
    chain.serves = {table: served_by(table, reaches) for table in reaches}
    for table, reach in seen.items():
        await _try_facts(chain, table, reach, failures)
    if failures.keys() >= chain.tokens.keys():
        raise nothing_read(chain, failures)
    return failures


def _is_due(chain: Chain, table: str, sight: Sight | None) -> bool:
    if sight is None or table in chain.dead or not chain.chain_id:
        return True
    return not chain.asked <= sight.kinds or chain.clock.now() - sight.at >= _STALE


async def _look(chain: Chain, tables: Sequence[str], failures: dict[str, str]) -> dict[str, Reach]:
    """Ask each token which properties it sees; one that does not answer is among the failures."""
    seen = {}
    for table in tables:
        try:
            seen[table] = await _reach(chain, table)
        except (Unauthorized, Skippable) as error:
            _failed(chain, table, error, failures)
    return seen


async def _reach(chain: Chain, table: str) -> Reach:
    every, _bad = await Properties(chain.tokens[table]).enterprises()
    if not every:
        raise Skippable(f"mews.properties.{table}: its access token sees no property; expected at least one")
    return Reach({each.id: each.chain_id for each in every}, table in chain.portfolios)


async def _try_facts(chain: Chain, table: str, reach: Reach, failures: dict[str, str]) -> None:
    try:
        aside = await _read_facts(chain, chain.tokens[table], reach)
    except Unauthorized as error:
        _failed(chain, table, error, failures)
        return
    chain.dead.discard(table)
    chain.barred.discard(table)
    if aside:
        await _set_aside(chain, table, aside, failures)


async def _set_aside(chain: Chain, table: str, aside: Mapping[str, str], failures: dict[str, str]) -> None:
    """Let properties wait, and their table with them when it has no other.

    Nothing is read of those whose facts were never whole: their stays are asked for from the beginning once they are.
    """
    for property_id, fault in aside.items():
        _log.error("a property is set aside", property=property_id, error=fault)
    others = len(aside) < len(chain.serves[table])
    failures.update(aside if others else {table: "; ".join(aside.values())})
    async with chain.database.read() as connection:
        known = await store.properties(connection)
    chain.serves[table] = [each for each in chain.serves[table] if each in known or each not in aside]


def _failed(chain: Chain, table: str, error: ConnectorError, failures: dict[str, str]) -> None:
    chain.dead.add(table)
    if isinstance(error, Unauthorized):
        chain.barred.add(table)
    failures[table] = str(error)
    _log.error("a property does not answer", property=table, error=str(error))


def nothing_read(chain: Chain, failures: Mapping[str, str]) -> ConnectorError:
    """Return the error of a pass in which no property could be read: a person's business, or worth a try again."""
    kind = Unauthorized if chain.dead >= chain.tokens.keys() else Unfinished
    return kind("; ".join(failures.values()))


async def _read_facts(chain: Chain, token: Mews, reach: Reach) -> dict[str, str]:
    """Read the facts of the properties that the token serves; return what is wrong with those of which one is missing.

    What the token reaches is remembered when all are stored, so that otherwise the next pass looks again.
    """
    _name_chain(chain, reach.chains[0])
    api = Properties(token)
    services, _bad = await api.services()
    rates, _bad_rates = await api.exchange_rates()
    named = await names.read(chain, token, services)
    aside: dict[str, str] = {}
    for property_id in chain.serves[token.table]:
        try:
            found = await api.configuration(property_id if reach.portfolio else None)
        except Skippable as fault:
            aside[property_id] = f"{fault}; property {property_id} waits until Mews tells it"
            continue
        async with chain.database.write() as connection:
            await facts.hold_chain(connection, found.chain_id)
            await _save(chain, connection, found, services, rates)
    async with chain.database.write() as connection:
        await facts.hold_chain(connection, reach.chains[0])
        await names.save(chain, connection, token.table, named)
        if not aside:
            sight = Sight(chain.clock.now(), token.digest, reach.chain_of, chain.asked)
            await sights.save(connection, token.table, sight)
    return aside


async def _save(
    chain: Chain,
    connection: AsyncConnection,
    found: Configuration,
    services: Sequence[Service],
    rates: Sequence[ExchangeRate],
) -> None:
    place = found.property
    known = (await store.properties(connection)).get(place.id)
    if known is None or known.table != place.table:  # its older stays were never asked for by this token
        for stream in STAY_STREAMS:
            await cursors.forget(connection, stream, place.table)
    began = await store.chain_began(connection)
    if known is None and began is not None and found.created < began:  # guests were read from there on
        for stream in mirroring.GUESTS:
            await cursors.forget(connection, stream, mirroring.CHAIN)
    own = [service.id for service in services if service.property_id == place.id]
    if set(own) - (await store.services(connection)).keys():  # what belongs to a new service was never asked for
        await cursors.forget(connection, PRODUCT_ORDERS, place.table)
        if place.table in chain.portfolios:  # or was not known to be of this property
            await cursors.forget(connection, RESERVATIONS, place.table)
    todays = {(rate.source, rate.target): rate.value for rate in rates if rate.property_id == place.id}
    await store.save_property(connection, place, found.chain_id, found.created, own, chain.clock.now())
    await store.save_rates(connection, place.id, todays)


async def recall_chain(chain: Chain) -> None:
    """Tell the chain its id as it is stored, without reaching Mews; raises Refused when Mews was never read."""
    async with chain.database.read() as connection:
        chain_id = await facts.read(connection, "chain_id")
    if chain_id is None:
        raise Refused("database: Mews was never read into it; expected a first `sync`")
    _name_chain(chain, chain_id)


def _name_chain(chain: Chain, chain_id: str) -> None:
    """Tell everybody the chain's id: a portfolio token needs it on writes."""
    chain.chain_id = chain_id
    for table in chain.portfolios:
        chain.tokens[table].chain_id = chain_id or None
