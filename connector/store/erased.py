"""Who was erased, as keyed hashes: what Mews or the scheme tell of them again is not stored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.matching import Hasher
from connector.domain.stays import BOOKER, OWNER
from connector.store.rows import batches, table, upsert
from connector.store.tables import ledger
from connector.store.tables.people import Erased

GUEST, MEMBER, STAY, REQUEST = "guest", "member", "stay", "request"
_ERASED, _AWARD, _CLAIM = table(Erased), table(ledger.Award), table(ledger.Claim)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Register:
    """The erased ids among those of some records, of one kind."""

    ids: frozenset[str] = frozenset()

    def without(self, records: Iterable[T], id_of: Callable[[T], str]) -> list[T]:
        """Return the records of others."""
        return [each for each in records if id_of(each) not in self.ids]


async def among(connection: AsyncConnection, hasher: Hasher, kind: str, ids: Iterable[str]) -> Register:
    """Return which of these ids were erased. Where nobody was, nothing is hashed."""
    if not await anybody(connection):
        return Register()
    key_of = {hasher.erased(kind, each): each for each in ids}
    found: set[str] = set()
    for keys in batches(list(key_of), 5000):
        rows = await connection.execute(select(_ERASED.c.key).where(_ERASED.c.key.in_(keys)))
        found.update(key_of[bytes(key)] for key in rows.scalars())
    return Register(frozenset(found))


async def anybody(connection: AsyncConnection) -> bool:
    """Tell whether anybody was ever erased."""
    return bool((await connection.execute(select(exists().where(_ERASED.c.key.is_not(None))))).scalar())


async def remember(connection: AsyncConnection, keys: Iterable[bytes], now: datetime) -> None:
    """Note keyed hashes of ids that were erased."""
    await upsert(connection, Erased, [{"key": key, "erased_at": now} for key in keys], keep=("erased_at",))


async def awarded(connection: AsyncConnection, partner: str, roots: Collection[str]) -> set[str]:
    """Return which of these roots have an award at a partner of which nobody knows any more whose it was."""
    found: set[str] = set()
    for some in batches(list(roots), 5000):
        rows = await connection.execute(
            select(_AWARD.c.root_id).where(
                _AWARD.c.partner == partner, _AWARD.c.root_id.in_(some), _AWARD.c.erased_at.is_not(None)
            )
        )
        found.update(rows.scalars())
    return found


async def partners_of(connection: AsyncConnection, reservation_ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return at which partners the one award of a reservation is of somebody who was erased, by reservation.

    Of several companions each has an award of their own: that one of them was erased concerns no other.
    """
    found: dict[str, set[str]] = {}
    for ids in batches(list(reservation_ids), 5000):
        rows = await connection.execute(
            select(_CLAIM.c.reservation_id, _CLAIM.c.partner)
            .join(_AWARD, _AWARD.c.id == _CLAIM.c.award_id)
            .where(
                _CLAIM.c.reservation_id.in_(ids), _AWARD.c.erased_at.is_not(None), _CLAIM.c.seat.in_((OWNER, BOOKER))
            )
        )
        for reservation_id, partner in rows:
            found.setdefault(reservation_id, set()).add(partner)
    return {reservation_id: frozenset(partners) for reservation_id, partners in found.items()}
