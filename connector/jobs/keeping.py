"""Decisions as they are kept, and the cases of those that wait for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.decision import Decision, Status
from connector.store import decisions, suspense
from connector.store.suspense import Case


async def keep(
    connection: AsyncConnection, partner: str, kept: Sequence[tuple[str, str, Decision]], now: datetime
) -> None:
    """Store decisions, each of a reservation under its root; open a case for what is suspended, close those of others.

    Several reservations that are one stay are one case.
    """
    await decisions.save(connection, partner, kept, now)
    waiting: dict[str, tuple[str, Decision]] = {}
    for reservation, root, decision in kept:
        if decision.status is Status.SUSPENDED and (root not in waiting or reservation == root):
            waiting[root] = reservation, decision
    cases = [
        Case("reservation", each, decision.reason, f"reservation {each}: {decision.text}", partner)
        for each, decision in waiting.values()
    ]
    ids = [reservation for reservation, _, _ in kept]
    await suspense.replace_cases(connection, "reservation", ids, cases, now, partner)
