"""What each access token reaches: properties with their facts, read hourly; the database is tied to their chain."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import structlog

from connector.errors import ConnectorError, Skippable, Unauthorized, Unfinished
from connector.jobs.chain import Chain
from connector.mews.client import Mews
from connector.mews.properties import Properties
from connector.store import facts
from connector.store import stays as store

_STALE = timedelta(hours=1)
_log = structlog.get_logger(__name__)


async def read_properties(chain: Chain) -> dict[str, str]:
    """Read the facts of each property that were not read within the hour, and tie the database to the chain.

    Returns why properties could not be read, by table: a single dead token is remembered, the others go on. Raises
    Unfinished when no property answers.
    """
    async with chain.database.read() as connection:
        read_at = await store.properties_read_at(connection)
        _name_chain(chain, await facts.read(connection, "chain_id") or "")
    failures: dict[str, str] = {}
    for table, token in chain.tokens.items():
        fresh = table in read_at and chain.clock.now() - read_at[table] < _STALE
        if fresh and chain.chain_id and table not in chain.dead:
            continue
        try:
            await _read_facts(chain, token)
            chain.dead.discard(table)
            chain.barred.discard(table)
        except (Unauthorized, Skippable) as error:
            chain.dead.add(table)
            if isinstance(error, Unauthorized):
                chain.barred.add(table)
            failures[table] = str(error)
            _log.error("a property does not answer", property=table, error=str(error))
    if len(chain.dead) == len(chain.tokens):
        raise nothing_read(chain, failures)
    return failures


def nothing_read(chain: Chain, failures: Mapping[str, str]) -> ConnectorError:
    """Return the error of a pass in which no property could be read: a person's business, or worth a try again."""
    kind = Unauthorized if chain.dead >= failures.keys() else Unfinished
    return kind("; ".join(failures.values()))


async def _read_facts(chain: Chain, token: Mews) -> None:
    api = Properties(token)
    services, _bad = await api.services()
    rates, _bad_rates = await api.exchange_rates()
    several = token.table in chain.portfolios
    property_ids = sorted({service.property_id for service in services}) if several else [None]
    for property_id in property_ids:
        found = await api.configuration(property_id)
        own = [s.id for s in services if s.property_id == found.property.id]
        todays = {(r.source, r.target): r.value for r in rates if r.property_id == found.property.id}
        async with chain.database.write() as connection:
            await facts.hold_chain(connection, found.chain_id)
            await store.save_property(connection, found.property, found.chain_id, found.created, own, chain.clock.now())
            await store.save_rates(connection, found.property.id, todays)
        _name_chain(chain, found.chain_id)


def _name_chain(chain: Chain, chain_id: str) -> None:
    """Tell everybody the chain's id: a portfolio token needs it on writes."""
    chain.chain_id = chain_id
    for table in chain.portfolios:
        chain.tokens[table].chain_id = chain_id or None
