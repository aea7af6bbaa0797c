"""Whether the instances on one database work by one configuration: each tells the others a digest of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from connector.jobs.chain import Chain
from connector.store import facts

_FACT = "configuration of "
_LATELY = timedelta(minutes=3)  # who has told nothing for so long does not work any more
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Agreement:
    """What one process knows of the others: those whose configuration was another one at the last look."""

    _others: frozenset[str] = frozenset()

    async def look(self, chain: Chain, digest: str) -> None:
        """Tell our digest, and say in the log when somebody's begins to differ and when nobody's does any more."""
        if chain.database.is_sqlite:
            return  # nobody else works
        now, ours = chain.clock.now(), f"{_FACT}{chain.owner}"
        async with chain.database.write() as connection:
            told = [each for each in await facts.beginning(connection, _FACT) if each[0] != ours]
            await facts.write(connection, ours, f"{digest} {now.isoformat()}")
            for name, value in told:
                if _age(value, now) > _LATELY:
                    await facts.forget(connection, name)
        self._tell(frozenset(name.removeprefix(_FACT) for name, value in told if _differs(value, digest, now)))

    def _tell(self, others: frozenset[str]) -> None:
        for each in sorted(others - self._others):
            _log.warning("another instance works by another configuration", instance=each)
        if self._others and not others:
            _log.info("all instances work by one configuration again")
        self._others = others


def _differs(value: str, digest: str, now: datetime) -> bool:
    return not value.startswith(f"{digest} ") and _age(value, now) <= _LATELY


def _age(value: str, now: datetime) -> timedelta:
    return now - datetime.fromisoformat(value.partition(" ")[2])
