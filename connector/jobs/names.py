"""What rules call by name: read with the facts of the properties, and made ids before a stay is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.names import Directory, Kind, Named, Stranger, asked, resolved, strangers
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.mews.client import Mews
from connector.mews.names import Names
from connector.mews.payloads.properties import Service
from connector.store import names as store
from connector.store import sights

_SLACK = timedelta(minutes=10)  # our clock may not be Mews's


def kinds_of(partnerships: Sequence[Partnership]) -> frozenset[Kind]:
    """Return of which kinds the rules of all partners name something."""
    return asked(rule for each in partnerships for rule in each.contract.rules)


async def read(chain: Chain, token: Mews, services: Sequence[Service]) -> list[Named]:
    """List through a token what the rules name something of: a request for each kind, as long as the list is short."""
    served = [each for each in services if each.property_id in chain.serves[token.table]]
    if not served:
        return []
    places = {service.id: service.property_id for service in served}
    api = Names(token, places.get)
    found = [Named(Kind.SERVICE, each.id, each.names, each.property_id) for each in served]
    for kind in sorted(chain.asked - {Kind.SERVICE}):
        found += await api.of(kind, sorted(places))
    return found


async def save(chain: Chain, connection: AsyncConnection, table: str, named: Sequence[Named]) -> None:
    """Store the names at the properties that a token serves; sources belong to each. A property of which no service
    was told keeps the names that it had.

    What is new since the names were last read may have been on a stay that was decided meanwhile without it: such stays
    are decided again.
    """
    before = (await sights.load(connection, [table])).get(table)
    told = {each.property_id for each in named if each.kind is Kind.SERVICE}
    changed = set()
    for kind in sorted(chain.asked):
        for place in told.intersection(chain.serves[table]):
            own = [each for each in named if each.kind is kind and each.property_id in (place, "")]
            new = await store.replace(connection, kind, place, own)
            if new and before is not None and kind in before.kinds:
                changed.add(place)
    if changed and before is not None:
        await store.decide_again(connection, sorted(changed), before.at - _SLACK)


async def with_ids(
    connection: AsyncConnection, partnerships: Sequence[Partnership]
) -> tuple[list[Partnership], list[Stranger]]:
    """Return the partnerships with ids beside the names in their rules, and the names that mean nothing."""
    directory = Directory(await store.every(connection, kinds_of(partnerships)))
    found = [replace(each, contract=resolved(each.contract, directory)) for each in partnerships]
    return found, [each for one in partnerships for each in strangers(one.contract, directory)]
