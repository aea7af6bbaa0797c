"""The award ledger: awards, claims, messages, lanes and their history."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Award, Credit, Kind, Message
from connector.domain.decision import Frozen
from connector.domain.ledger import GIVEN, State, chain_hash, check, detail_digest
from connector.errors import Conflict
from connector.store.codec import decode, encode
from connector.store.rows import among, batches, insert_rows, listed, packed, table, update_rows
from connector.store.rulebook import freeze, thaw
from connector.store.tables import ledger as tables

_AWARD, _CLAIM, _MESSAGE = table(tables.Award), table(tables.Claim), table(tables.Message)
_HISTORY = table(tables.History)

_AWARD_FIELDS = tuple(Award.__dataclass_fields__)
_MESSAGE_FIELDS = tuple(Message.__dataclass_fields__)
MESSAGE_COLUMNS = tuple(_MESSAGE.c[name] for name in _MESSAGE_FIELDS)


@dataclass(frozen=True, slots=True)
class Opening:
    """A new award, what its first decision fixed, and the reservations that it claims."""

    award: Award
    frozen: Frozen
    reservation_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class Step:
    """One transition of a message; ``fields`` are further columns to set, the same names in every step of a call."""

    message: Message
    after: State
    detail: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


def message(row: Any) -> Message:
    """Return the domain's message of a row of ``MESSAGE_COLUMNS``."""
    values = dict(zip(_MESSAGE_FIELDS, row, strict=True))
    values["kind"], values["state"] = Kind(values["kind"]), State(values["state"])
    values["credit"] = decode(Credit, values["credit"])
    return Message(**values)


async def awards_of(
    connection: AsyncConnection, partner: str, reservation_ids: Sequence[str]
) -> dict[tuple[str, str], tuple[Award, Frozen]]:
    """Return the awards that reservations are tied to, by reservation and seat; of erased persons none."""
    columns = [_CLAIM.c.reservation_id, _CLAIM.c.seat, _AWARD.c.frozen, *(_AWARD.c[name] for name in _AWARD_FIELDS)]
    found: dict[tuple[str, str], tuple[Award, Frozen]] = {}
    for ids in batches(reservation_ids, 5000):
        rows = await connection.execute(
            select(*columns)
            .join(_AWARD, _AWARD.c.id == _CLAIM.c.award_id)
            .where(
                _CLAIM.c.partner == partner,
                _AWARD.c.erased_at.is_(None),
                among(connection, _CLAIM.c.reservation_id, ids),
            )
        )
        found.update(((row[0], row[1]), (Award(*row[3:]), thaw(row[2]))) for row in rows)
    return found


async def messages_of(connection: AsyncConnection, award_ids: Sequence[str]) -> dict[str, list[Message]]:
    """Return the messages of awards, by award, oldest revision first."""
    found: dict[str, list[Message]] = {}
    for ids in batches(award_ids, 5000):
        rows = await connection.execute(
            select(*MESSAGE_COLUMNS)
            .where(among(connection, _MESSAGE.c.award_id, ids))
            .order_by(_MESSAGE.c.revision, _MESSAGE.c.kind)
        )
        for row in rows:
            found.setdefault(row.award_id, []).append(message(row))
    return found


async def open_awards(connection: AsyncConnection, openings: Sequence[Opening], now: datetime) -> None:
    """Store new awards and tie their reservations to them; a reservation that is tied already is an IntegrityError."""
    if not openings:
        return
    awards = [
        {name: getattr(each.award, name) for name in _AWARD_FIELDS} | {"frozen": freeze(each.frozen), "created_at": now}
        for each in openings
    ]
    claims = [
        {
            "partner": each.award.partner,
            "seat": each.award.seat,
            "reservation_id": reservation_id,
            "award_id": each.award.id,
        }
        for each in openings
        for reservation_id in each.reservation_ids
    ]
    await insert_rows(connection, tables.Award, awards)
    await insert_rows(connection, tables.Claim, claims)


async def tie(connection: AsyncConnection, award: Award, reservation_ids: Sequence[str]) -> None:
    """Tie further reservations to an award for good; one that is tied already is an IntegrityError."""
    if reservation_ids:
        own = {"partner": award.partner, "seat": award.seat, "award_id": award.id}
        await connection.execute(_CLAIM.insert(), [own | {"reservation_id": each} for each in reservation_ids])


async def revise_award(connection: AsyncConnection, award: Award, frozen: Frozen | None) -> None:
    """Store an award's new miles, number and revision, and what a further rate froze (None: as before)."""
    await connection.execute(
        update(_AWARD)
        .where(_AWARD.c.id == award.id)
        .values(
            miles=award.miles,
            revision=award.revision,
            member_number=award.member_number,
            membership_id=award.membership_id,
            **({"frozen": freeze(frozen)} if frozen else {}),
        )
    )


async def append(
    connection: AsyncConnection, messages: Sequence[Message], actor: str, now: datetime, detail: str = ""
) -> None:
    """Store new messages, each with the first line of its history; ``detail`` says there what they come from."""
    if not messages:
        return
    rows = [
        {name: getattr(each, name) for name in _MESSAGE_FIELDS} | {"credit": encode(each.credit), "created_at": now}
        for each in messages
    ]
    await insert_rows(connection, tables.Message, rows)
    await _record(connection, [(each, "", each.state, detail) for each in messages], actor, now)


async def move(connection: AsyncConnection, steps: Sequence[Step], actor: str, now: datetime) -> None:
    """Make transitions, all or none, each with a line of history.

    Raises Conflict when a message no longer is in the state that the step starts from.
    """
    if not steps:
        return
    for step in steps:
        check(step.message.state, step.after)
    rows = [
        {"_key": s.message.key, "_state": s.message.state.value, "state": s.after.value} | dict(s.fields) for s in steps
    ]
    if await update_rows(connection, tables.Message, rows) != len(rows):
        raise Conflict("ledger: a message changed its state meanwhile; the step is not taken")
    await _record(connection, [(s.message, s.message.state, s.after, s.detail) for s in steps], actor, now)


async def _record(
    connection: AsyncConnection, lines: Sequence[tuple[Message, str, str, str]], actor: str, now: datetime
) -> None:
    ends = await _ends(connection, {message.award_id for message, *_ in lines})
    rows = []
    for each, before, after, detail in lines:
        seq, previous = ends.get(each.award_id, (0, ""))
        salt = secrets.token_hex(8) if detail else ""
        digest = detail_digest(salt, detail)
        parts = (each.award_id, str(seq + 1), now.isoformat(), actor, each.key, before, after, digest)
        ends[each.award_id] = (seq + 1, chain_hash(previous, *parts))
        rows.append(
            {
                "award_id": each.award_id,
                "seq": seq + 1,
                "at": now,
                "actor": actor,
                "message_key": each.key,
                "before": before,
                "after": after,
                "detail": detail,
                "salt": salt,
                "digest": digest,
                "hash": ends[each.award_id][1],
            }
        )
    await insert_rows(connection, tables.History, rows)


async def _ends(connection: AsyncConnection, award_ids: set[str]) -> dict[str, tuple[int, str]]:
    """Return the last line of each award's history; nobody else writes the next one before this transaction ends."""
    if connection.dialect.name != "sqlite":  # where a transaction that writes is alone
        awards = select(_AWARD.c.id).where(among(connection, _AWARD.c.id, award_ids)).order_by(_AWARD.c.id)
        # not FOR UPDATE: against the lock that a new message's foreign key takes, two writers would wait for each other
        await connection.execute(awards.with_for_update(key_share=True))
    dialect = connection.dialect.name
    rows = await connection.execute(_last_lines(dialect), {"awards": packed(dialect, award_ids)})
    return {row[0]: (row[1], row[2]) for row in rows}


@cache
def _last_lines(dialect: str) -> Select[str, int, str]:
    last = (
        select(_HISTORY.c.award_id, func.max(_HISTORY.c.seq).label("seq"))
        .where(listed(dialect, _HISTORY.c.award_id, "awards"))
        .group_by(_HISTORY.c.award_id)
        .subquery()
    )
    return select(_HISTORY.c.award_id, _HISTORY.c.seq, _HISTORY.c.hash).join(
        last, (last.c.award_id == _HISTORY.c.award_id) & (last.c.seq == _HISTORY.c.seq)
    )


async def miles_by_partner(connection: AsyncConnection) -> dict[str, int]:
    """Return the miles that each partner gave: credited and accepted, less reversed."""
    signed = case((_MESSAGE.c.kind == Kind.REVERSAL, -_MESSAGE.c.miles), else_=_MESSAGE.c.miles)
    rows = await connection.execute(
        select(_MESSAGE.c.partner, func.sum(signed))
        .where(_MESSAGE.c.state.in_(list(GIVEN)))
        .group_by(_MESSAGE.c.partner)
    )
    return {row[0]: int(row[1]) for row in rows}


async def count_by_state(connection: AsyncConnection, partner: str | None = None) -> dict[str, int]:
    """Return how many messages stand in each state."""
    statement = select(_MESSAGE.c.state, func.count()).group_by(_MESSAGE.c.state)
    if partner is not None:
        statement = statement.where(_MESSAGE.c.partner == partner)
    return {row[0]: int(row[1]) for row in await connection.execute(statement)}
