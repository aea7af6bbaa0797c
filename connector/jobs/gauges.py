"""What the store tells the metrics, looked at when they are asked for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from connector import __version__
from connector.domain.ledger import FINAL
from connector.jobs.chain import Chain
from connector.jobs.overview import Overview, overview
from connector.jobs.runner import Runner
from connector.store import migrations
from connector.telemetry import metrics

FRESH = 5.0  # seconds for which a look counts
_SHARE = 20  # and so many times as long as it took, so that a large ledger is not read all the time


@dataclass(slots=True)
class Gauges:
    """Shows the state of the store in the metrics, and remembers how fresh that is."""

    _until: float = 0.0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def refresh(self, runner: Runner) -> None:
        """Look at the store unless that was done just now; who asks meanwhile waits for the same look."""
        async with self._turn:
            began = monotonic()
            if began >= self._until:
                async with runner.chain.database.read() as connection:
                    found = await overview(connection)
                took = monotonic() - began
                self._until = began + max(FRESH, _SHARE * took)
                _show(found, runner.chain.clock.now())
            _show_tokens(runner.chain)


def _show(found: Overview, now: datetime) -> None:
    jobs = found.jobs.items()
    metrics.show(
        metrics.LAST_SUCCESS,
        {(name,): each.ok.ended_at.timestamp() for name, each in jobs if each.ok and each.ok.ended_at},
    )
    metrics.show(
        metrics.RUNNING,
        {(name,): (now - each.last.started_at).total_seconds() for name, each in jobs if not each.last.ended_at},
    )
    metrics.show(metrics.MESSAGES, {(each.partner, each.state): each.count for each in found.queue})
    metrics.show(
        metrics.OLDEST,
        {
            (each.partner, each.state): (now - each.oldest).total_seconds()
            for each in found.queue
            if each.state not in FINAL
        },
    )
    metrics.show(metrics.MILES, {(partner,): miles for partner, miles in found.miles.items()})
    metrics.show(metrics.CASES, {(kind,): count for kind, count in found.cases.items()})
    metrics.show(
        metrics.LAG,
        {(each.stream, each.scope): (now - each.watermark).total_seconds() for each in found.cursors if each.watermark},
    )
    metrics.show(metrics.CIRCUIT, {(partner,): int(at is not None) for partner, at in found.circuits.items()})
    metrics.show(metrics.HARM, {(): int(found.plan is not None)})
    metrics.show(metrics.BUILD, {(__version__, migrations.HEAD): 1})


def _show_tokens(chain: Chain) -> None:
    """Show what the limiters of this process know; asking the log would cost a query for each token."""
    tokens = chain.tokens.items()
    metrics.show(metrics.LIMIT, {(table,): each.limit for table, each in tokens if each.limit is not None})
    metrics.show(metrics.ROOM, {(table,): each.room for table, each in tokens if each.room is not None})
