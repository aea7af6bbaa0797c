"""Whose start of a job it is, of several instances: a pass that another one has just done is not done again."""

from __future__ import annotations

from datetime import datetime, timedelta

from connector.jobs.chain import Chain
from connector.jobs.identity import is_dead
from connector.store import runs

_EARLY = 0.2  # of the interval: so much earlier than due a start may come, because starts are spread by chance


async def postponed(chain: Chain, job: str, every: timedelta) -> datetime | None:
    """Return when a job is due that another instance began within the interval and did; None: it is to start now.

    With it, starts of all instances come together at that moment, and whoever is first does the pass. So the next one
    is as punctual when the instance that did the last one is gone. What failed there is tried here at once; a pass
    that began in the future, by a clock that was wrong, is none to wait for.
    """
    if chain.database.is_sqlite:
        return None  # nobody else works
    async with chain.database.read() as connection:
        done = await runs.last_done(connection, job)
    if done is None or done.instance == chain.owner or is_dead(done.instance):
        return None
    due = done.started_at + every
    early = every * _EARLY
    return due if early < due - chain.clock.now() <= every + early else None
