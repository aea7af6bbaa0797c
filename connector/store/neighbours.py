"""Reservations of the same guest at the same property that lie near each other in time, or are tied to one award."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.stays import Reservation
from connector.store.loyalty import survivors
from connector.store.rows import batches, table
from connector.store.tables import ledger, loyalty, stays

_RESERVATION, _GUEST = table(stays.Reservation), table(loyalty.Guest)
_DECISION = table(stays.Decision)
_CLAIM, _AWARD = table(ledger.Claim), table(ledger.Award)
_PROCESSED = "Processed"
_COMING = ("Confirmed", "Started")  # what is only asked about or was canceled takes no room

Place = tuple[str, str]  # guest and property
Window = tuple[datetime, datetime]


async def around(connection: AsyncConnection, seeds: Sequence[Reservation]) -> dict[str, bool]:
    """Return the reservations that may lie beside one of the seeds, themselves included: id → ever seen checked out.

    Of the same guest, whichever profile it was booked on before a merge; they may be a day too far away.
    """
    heads = await _heads(connection, {each.account_id for each in seeds})
    rows = [row for some in batches(sorted(heads), 5000) for row in await _light(connection, some)]
    wanted = {each.id for each in seeds}
    windows: dict[Place, list[Window]] = {}
    for row in rows:
        if row.id in wanted:
            windows.setdefault((heads[row.account_id], row.property_id), []).append((row.near_from, row.near_until))
    return {
        row.id: row.seen_processed_at is not None
        for row in rows
        if any(row.near_from <= end and row.near_until >= begin for begin, end in windows.get(_place(row, heads), ()))
    }


def _place(row: Any, heads: Mapping[str, str]) -> Place:
    return heads[row.account_id], row.property_id


async def _light(connection: AsyncConnection, accounts: Sequence[str]) -> Sequence[Any]:
    c = _RESERVATION.c
    rows = await connection.execute(
        select(c.id, c.account_id, c.property_id, c.near_from, c.near_until, c.seen_processed_at).where(
            c.account_id.in_(accounts),
            c.near_from.is_not(None),
            or_(c.seen_processed_at.is_not(None), c.state.in_(_COMING)),
        )
    )
    return rows.all()


async def incomplete(connection: AsyncConnection, reservation_ids: Sequence[str]) -> set[str]:
    """Return the checked-out reservations whose order items are not all read yet."""
    c = _RESERVATION.c
    found: set[str] = set()
    for ids in batches(reservation_ids, 5000):
        rows = await connection.execute(
            select(c.id).where(c.id.in_(ids), c.items_complete.is_(False), c.state == _PROCESSED)
        )
        found.update(rows.scalars())
    return found


async def tied(connection: AsyncConnection, partner: str, reservation_ids: Sequence[str]) -> set[str]:
    """Return the reservations that share an award of the partner with one of these, themselves included.

    Also those that counted under the same root when they were decided last.
    """
    claim, decision = _CLAIM.alias(), _DECISION.alias()
    found: set[str] = set()
    for ids in batches(reservation_ids, 5000):
        by_award = (
            select(claim.c.reservation_id)
            .join(_CLAIM, _CLAIM.c.award_id == claim.c.award_id)
            .where(_CLAIM.c.partner == partner, _CLAIM.c.reservation_id.in_(ids))
        )
        by_root = (
            select(decision.c.reservation_id)
            .join(_DECISION, (_DECISION.c.root_id == decision.c.root_id) & (_DECISION.c.partner == decision.c.partner))
            .where(_DECISION.c.partner == partner, _DECISION.c.reservation_id.in_(ids))
        )
        found |= set((await connection.execute(by_award.union(by_root))).scalars())
    return found


async def roots(connection: AsyncConnection, partner: str, reservation_ids: Sequence[str]) -> dict[str, str]:
    """Return the root under which each reservation counted when it was decided last."""
    found: dict[str, str] = {}
    c = _DECISION.c
    for ids in batches(reservation_ids, 5000):
        rows = await connection.execute(
            select(c.reservation_id, c.root_id).where(c.partner == partner, c.reservation_id.in_(ids))
        )
        found.update((row[0], row[1]) for row in rows)
    return found


async def awarded_at(connection: AsyncConnection, award_ids: Collection[str]) -> dict[str, datetime]:
    """Return when each award was made."""
    found: dict[str, datetime] = {}
    for ids in batches(sorted(award_ids), 5000):
        rows = await connection.execute(select(_AWARD.c.id, _AWARD.c.created_at).where(_AWARD.c.id.in_(ids)))
        found.update((row[0], row[1]) for row in rows)
    return found


async def disturb(connection: AsyncConnection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Make dirty what lies beside reservations that are about to be stored anew: where they were and where they come.

    ``rows`` are the values of their columns.
    """
    coming = {row["id"]: row for row in rows}
    known = await _known(connection, list(coming))
    changed = [row for key, row in coming.items() if key not in known or known[key].body != row["body"]]
    windows: dict[Place, Window] = {}
    for row in changed:
        _widen(windows, (row["account_id"], row["property_id"]), row["near_from"], row["near_until"])
        before = known.get(row["id"])
        if before is not None and before.near_from is not None:
            _widen(windows, (before.account_id, before.property_id), before.near_from, before.near_until)
    await _mark(connection, windows)


def _widen(windows: dict[Place, Window], place: Place, begin: datetime, end: datetime) -> None:
    first, last = windows.get(place, (begin, end))
    windows[place] = min(first, begin), max(last, end)


async def _known(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, Any]:
    c = _RESERVATION.c
    found: dict[str, Any] = {}
    for some in batches(ids, 5000):
        rows = await connection.execute(
            select(c.id, c.account_id, c.property_id, c.near_from, c.near_until, c.body).where(c.id.in_(some))
        )
        found.update((row.id, row) for row in rows)
    return found


async def _mark(connection: AsyncConnection, windows: Mapping[Place, Window]) -> None:
    heads = await _heads(connection, {account for account, _ in windows})
    profiles: dict[str, list[str]] = {}
    for account, head in heads.items():
        profiles.setdefault(head, []).append(account)
    clean = await _clean(connection, sorted(heads))
    values = [
        {"_account": profile, "_property": property_id, "_begin": begin, "_end": end}
        for (account, property_id), (begin, end) in windows.items()
        for profile in profiles[heads[account]]
        if profile in clean
    ]
    c = _RESERVATION.c
    statement = update(_RESERVATION).where(
        c.account_id == bindparam("_account"),
        c.property_id == bindparam("_property"),
        c.near_from <= bindparam("_end"),
        c.near_until >= bindparam("_begin"),
        c.seen_processed_at.is_not(None),
        c.dirty.is_(False),
    )
    if values:
        await connection.execute(statement.values(dirty=True), values)


async def _clean(connection: AsyncConnection, accounts: Sequence[str]) -> set[str]:
    """Return the accounts that have a stay which is not dirty: at a first reading nobody has."""
    c = _RESERVATION.c
    found: set[str] = set()
    for some in batches(accounts, 5000):
        own = c.account_id.in_(some), c.seen_processed_at.is_not(None), c.dirty.is_(False)
        rows = await connection.execute(select(c.account_id).where(*own).distinct())
        found.update(rows.scalars())
    return found


async def disturb_merged(connection: AsyncConnection, targets: Mapping[str, str]) -> None:
    """Make the stays of profiles dirty that are about to be merged into others: profile → target.

    What lies beside them is found when they are decided.
    """
    for some in batches(sorted(targets), 5000):
        rows = await connection.execute(select(_GUEST.c.id, _GUEST.c.merge_target_id).where(_GUEST.c.id.in_(some)))
        known = {row[0]: row[1] for row in rows}
        new = [each for each in some if known.get(each) != targets[each]]
        c = _RESERVATION.c
        own = c.account_id.in_(new), c.seen_processed_at.is_not(None), c.dirty.is_(False)
        await connection.execute(update(_RESERVATION).where(*own).values(dirty=True))


async def _heads(connection: AsyncConnection, accounts: Collection[str]) -> dict[str, str]:
    """Return the profile that lives for these profiles and all that were merged into the same ones."""
    living = await survivors(connection, sorted(accounts))
    heads = {living.get(each, each): living.get(each, each) for each in accounts}
    frontier = list(heads)
    while frontier:
        found: list[str] = []
        for some in batches(frontier, 5000):
            rows = await connection.execute(
                select(_GUEST.c.id, _GUEST.c.merge_target_id).where(_GUEST.c.merge_target_id.in_(some))
            )
            for profile, target in rows:
                if profile not in heads:
                    heads[profile] = heads[target]
                    found.append(profile)
        frontier = found
    return heads
