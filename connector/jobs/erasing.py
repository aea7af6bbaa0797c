"""Erasing a person: refused while money is under way, done while no job runs, and remembered by keyed hashes only."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.ledger import State
from connector.domain.matching import Hasher
from connector.errors import Refused
from connector.jobs.runner import JOBS, Runner
from connector.store import erased, erasure, persons, purging
from connector.store.persons import Person

_WAYS = {
    State.HELD: "waits for a reversal: let `sync deliver` end that",
    State.READY: "is due: let `sync deliver` send it, or withdraw it with `ledger void`",
    State.IN_FLIGHT: "is being sent: wait for its end",
    State.IN_DOUBT: "has no answer: `sync deliver` resolves it, or `ledger release` by the partner's word",
    State.ACCEPTED: "was taken and not confirmed: `sync deliver` looks for it",
    State.SUSPENDED: "waits for a person: see `suspense list`, then `ledger release`, `retry` or `void`",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What is stored about a person: rows by what they are."""

    rows: dict[str, int]


async def look(runner: Runner, word: str) -> Found:
    """Return what would be erased.

    Raises Misconfigured where nobody is known by the word, Refused where several people are, or a message of the person
    is not decided.
    """
    async with runner.chain.database.read() as connection:
        person = await persons.find(connection, runner.chain.hasher, word)
        await _refuse_undecided(connection, person)
        return Found(await erasure.counts(connection, person))


async def erase(runner: Runner, word: str) -> Found:
    """Erase a person; raises as ``look`` does, and Refused when a job does not end in time."""
    chain = runner.chain
    async with AsyncExitStack() as turns:
        for name in (*JOBS, "grants"):  # nobody reads, decides or sends anything of the person meanwhile
            await turns.enter_async_context(runner.turn(name))
        async with chain.database.write() as connection:
            await purging.overwrite(connection)
            person = await persons.find(connection, chain.hasher, word)
            await _refuse_undecided(connection, person)
            found = Found(await erasure.counts(connection, person))
            now = chain.clock.now()
            await erased.remember(connection, _keys(chain.hasher, person), now)
            await erasure.erase(connection, person, now)
    await purging.purge(chain.database)
    return found


def _keys(hasher: Hasher, person: Person) -> list[bytes]:
    ids = {erased.GUEST: person.accounts, erased.MEMBER: person.members, erased.STAY: person.stays}
    return [hasher.erased(kind, each) for kind, some in ids.items() for each in sorted(some)]


async def _refuse_undecided(connection: AsyncConnection, person: Person) -> None:
    states = await erasure.undecided(connection, person)
    if states:
        told = "; ".join(f"{count} {State(state)} ({_WAYS[State(state)]})" for state, count in sorted(states.items()))
        raise Refused(f"erase: not every message of this person is decided: {told}; expected none, nothing was erased")
