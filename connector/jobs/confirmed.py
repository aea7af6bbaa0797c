"""Whether what a person confirmed was there to be confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connector.jobs.chain import Chain
from connector.store import harm, launch


async def served(chain: Chain, partners: Sequence[str], plan_id: str, since: datetime) -> bool:
    """Tell whether an id let anything happen from a moment on: harmful changes, or a partner that went live."""
    async with chain.database.read() as connection:
        if await harm.is_applied(connection, plan_id, since):
            return True
        return any([await launch.is_confirmed(connection, each, since) for each in partners])
