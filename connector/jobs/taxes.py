"""Which taxes of a chain a partner's channel cannot name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from connector.domain.contract import Contract
from connector.domain.folio import PURCHASES
from connector.domain.stays import OrderItem
from connector.store import stays, taxes
from connector.store.engine import Database

_PAGE = 2000


@dataclass(slots=True)
class Taxed:
    """Of ``stored`` items that may count at a partner, how many have a tax that is not named, by its code."""

    stored: int = 0
    unnamed: Counter[str] = field(default_factory=Counter)


async def taxed(database: Database, contract: Contract, named: frozenset[str]) -> Taxed:
    """Look at every stored item of a type that some rule counts, at the properties with a location code."""
    found, after, types = Taxed(), "", _types(contract)
    async with database.read() as connection:
        places = {each.id for each in (await stays.properties(connection)).values() if _is_told(each.keys, contract)}
    while True:
        async with database.read() as connection:
            page = await taxes.page(connection, after, _PAGE)
        for place, item in page:
            if place in places and item.type in types:
                _count(item, found, named)
        if len(page) < _PAGE:
            return found
        after = page[-1][1].id


def _types(contract: Contract) -> frozenset[str]:
    return frozenset().union(*((rule.items or PURCHASES) - rule.exclude_items for rule in contract.rules))


def _is_told(keys: tuple[str, ...], contract: Contract) -> bool:
    return contract.location_keys is None or not contract.location_keys.isdisjoint(keys)


def _count(item: OrderItem, found: Taxed, named: frozenset[str]) -> None:
    found.stored += 1
    found.unnamed.update({code for code, amount in item.taxes if amount and code not in named})
