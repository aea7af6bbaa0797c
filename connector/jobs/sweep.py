"""The job ``sweep``: what was kept for long enough is removed, in small transactions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from connector.jobs.chain import Chain
from connector.store import purging, retention

Terms = Mapping[str, timedelta | None]
"""How long the records of each rule are kept after they are final; None: they are not removed."""

_CHUNK = 200


async def sweep(chain: Chain, terms: Terms) -> int:
    """Remove what is older than its term; return how many records. A purge that an erasure left open is done too."""
    removed, now = 0, chain.clock.now()
    for rule in retention.RULES:
        term = terms.get(rule.name)
        if term is not None:
            removed += await _sweep(chain, rule, now - term)
    if await purging.is_due(chain.database):
        await purging.purge(chain.database)
    return removed


async def _sweep(chain: Chain, rule: retention.Rule, before: datetime) -> int:
    removed = 0
    while True:
        async with chain.database.write() as connection:
            await purging.overwriting(connection)
            done = await rule.sweep(connection, before, _CHUNK)
        removed += done
        if not done:
            return removed
