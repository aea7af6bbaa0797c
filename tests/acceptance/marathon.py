"""A long delivery over every channel: partners that fail, senders that are killed at any request."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from connector.domain.awards import Credit
from connector.domain.ledger import State
from connector.http.auth import BasicAuth
from connector.http.client import Client
from connector.partners.uplyft import Form, Uplyft
from connector.ports import Partner
from connector.sandbox.fault_layer import FaultLayer
from connector.sandbox.faults import parse
from connector.sandbox.journal import Journal
from connector.sandbox.uplyft import events
from connector.store import ledger
from connector.store.engine import Database
from tests.acceptance.filed import FILED_AT, credits_for, file
from tests.acceptance.senders import AT_REST, KILLED, MORE, Sender, sender
from tests.acceptance.shares import SharedFaults
from tests.acceptance.witness import Witness
from tests.contract.partner_rehearsal import CHANNELS, Channel
from tests.integration.earning.books import Books
from tests.integration.earning.chain import HandClock, chain_for
from tests.serving import serving

FAULTS = ("500", "429", "drop", "lose", "garbage")
BLOCK = 25  # requests, of which each fault happens to one: 20 % go wrong
PER_MEMBER = 5
_MOST_ROUNDS = 1000


def _without_key(url: str, secret: str) -> Partner:
    client = Client(url, name="Uplyft", auth=BasicAuth(events.APP_ID, secret))
    return Uplyft(client, name="miles_and_more", app_id=events.APP_ID, form=Form(unique_id=False))


NO_KEY = "no key"
KEYLESS = ("earn", NO_KEY)  # what went wrong ends with a person
KINDS: dict[str, Channel] = {  # one of those that differ in how they write only
    **{each.operation: each for each in reversed(CHANNELS.values())},
    NO_KEY: replace(CHANNELS["uplyft_transaction"], opened=_without_key),
}


@dataclass(slots=True)
class Marathon:
    """A delivery under way: messages in a ledger, a partner that fails, and senders that live until they are killed."""

    kind: str
    url: str
    database: Database
    journal: Journal
    plan: SharedFaults
    witness: Witness
    senders: Sequence[Sender]
    credits: Sequence[Credit]
    can_prove: bool
    rounds: int = 0
    ends: list[int] = field(default_factory=list)

    async def run(self, kills: int) -> None:
        """Send until everything is at rest, in one life after another of which so many end by a kill.

        A life that ends by itself before its kill leaves less to do for the others: they are the shorter for it.
        """
        while AT_REST not in self.ends[-len(self.senders) :]:
            assert self.rounds < _MOST_ROUNDS
            if (left := kills - self.ends.count(KILLED)) > 0:
                longest = max(1, await self._unsent() // (left + 1))
                self.witness.countdown = self.witness.chance.randint(1, longest)
            await self._round()

    async def _round(self) -> None:
        moment = FILED_AT + self.rounds * timedelta(hours=2)
        self.rounds += 1
        job = {"channel": self.kind, "url": self.url, "database": _url(self.database), "moment": moment.isoformat()}
        self.ends += await asyncio.gather(*(self._life(each, job) for each in self.senders))
        await self.witness.idle()
        assert set(self.ends) <= {AT_REST, MORE, KILLED}

    async def _life(self, sender: Sender, job: dict[str, str]) -> int:
        pid = await sender.start(**job)
        self.witness.pids.append(pid)
        code = await sender.ended()
        self.witness.pids.remove(pid)
        return code

    async def _unsent(self) -> int:
        """Count what is sure to be sent; a doubt may end with a person."""
        async with self.database.read() as connection:
            return (await ledger.count_by_state(connection)).get(State.READY, 0)

    async def states(self) -> dict[str, str]:
        """Return the state of each message by its key."""
        return dict(await Books(self.database).rows("SELECT key, state FROM message"))  # type: ignore[arg-type]

    def faulty(self) -> int:
        """Return how many requests went wrong."""
        return self.plan.fired.total()


def _url(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


@asynccontextmanager
async def marathon(
    kind: str, database: Database, folder: Path, messages: int, *, senders: int = 1, seed: int = 0
) -> AsyncIterator[Marathon]:
    """Serve a partner with faults before a ledger full of messages."""
    channel, chance = KINDS[kind], random.Random(seed)
    faults = [parse(f"here:{channel.operation}={fault}")[1] for fault in FAULTS]
    plan = SharedFaults(channel.operation, faults, block=BLOCK, seed=seed)
    partner = channel.opened("http://127.0.0.1:9", channel.secret)
    credits_ = credits_for(partner.name, channel.member[:-4], messages, PER_MEMBER)
    written = {partner.compose(each).content: each.member_number for each in credits_}
    await file(database, chain_for(database, HandClock()), partner, credits_)
    app = channel.server(folder / "partner.db")
    layer = FaultLayer(app, channel.operation_of, plan)
    crediting = channel.operation.split()[-1]  # its method may stand before it
    witness = Witness(layer, lambda path: channel.operation_of(path) == crediting, written, chance)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serving(witness))  # type: ignore[arg-type]
        parents = [await stack.enter_async_context(sender()) for _ in range(senders)]
        can_prove = partner.capabilities.idempotent or partner.books is not None
        yield Marathon(kind, url, database, app.state.journal, plan, witness, parents, credits_, can_prove)
        await partner.aclose()
