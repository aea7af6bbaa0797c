"""Messages that are sent over a road on which everything goes wrong, and what the partner's books then say."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from connector.domain.ledger import State
from connector.http.breaker import Breaker
from connector.jobs.deliver import deliver
from connector.store import ledger, migrations
from connector.store.engine import Database
from connector.store.integrity import examine
from connector.store.limits import StoredBreakers
from tests.acceptance.filed import FILED_AT, credits_for, file, partnership
from tests.acceptance.marathon import KEYLESS, KINDS
from tests.campaigns.patience import hurried
from tests.campaigns.proxy import Proxy, proxied
from tests.campaigns.troubles import POLITE, mixed
from tests.integration.earning.books import Books
from tests.integration.earning.chain import HandClock, chain_for
from tests.serving import serving

_WAITING = (State.READY, State.IN_FLIGHT, State.IN_DOUBT, State.ACCEPTED)
_MOST_ROUNDS = 400
_PER_MEMBER = 3


@dataclass(frozen=True, slots=True)
class Posted:
    """How a delivery ended: ``troubles`` that were met, messages ``twice`` or ``untrue`` at the partner."""

    kind: str
    messages: int
    credited: int
    suspended: int
    troubles: int
    twice: int
    untrue: int
    faults: int

    @property
    def bar(self) -> str:
        """What must hold: a channel with neither key nor look-up gives at most once, and tells the rest."""
        return "at most once, each doubt a case, 0 untrue" if self.kind in KEYLESS else "all, 0 twice, 0 untrue"

    @property
    def holds(self) -> bool:
        """Tell whether each message is credited once, or, where nothing can prove that, at most once."""
        whole = self.kind in KEYLESS or not self.suspended
        return (
            whole and self.credited + self.suspended == self.messages and not (self.twice or self.untrue or self.faults)
        )


async def posted(kind: str, messages: int, troubles: int, home: Path, seed: int) -> Posted:
    """File messages at one channel and deliver them through so many broken connections, until all are at rest."""
    channel, chance = KINDS[kind], random.Random(f"{seed} {kind}")
    database = Database(f"sqlite:///{home / 'connector.db'}")
    await migrations.upgrade(database)
    partner = channel.opened("http://127.0.0.1:9", channel.secret)
    credits_ = credits_for(partner.name, channel.member[:-4], messages, _PER_MEMBER)
    await file(database, chain_for(database, HandClock()), partner, credits_)
    await partner.aclose()
    app = channel.server(home / "partner.db")
    async with serving(app) as url:
        with proxied(url) as proxy:
            proxy.plan.extend(mixed(troubles, chance))
            proxy.always = POLITE
            await _to_rest(kind, database, proxy)
        ours = {(each.member_number, each.miles): str(each.key) for each in credits_}
        shown = Counter(ours[each["member"], each["miles"]] for each in app.state.journal.credits())
    states = dict(await Books(database).rows("SELECT key, state FROM message"))
    faults = await examine(database)
    await database.aclose()
    credited = {key for key, state in states.items() if state == "credited"}
    return Posted(
        kind=kind,
        messages=messages,
        credited=len(credited),
        suspended=sum(state == "suspended" for state in states.values()),
        troubles=sum(count for words, count in proxy.met.items() if words != POLITE.words),
        twice=sum(count > 1 for count in shown.values()),
        untrue=len(credited - shown.keys()),
        faults=len(faults),
    )


async def _to_rest(kind: str, database: Database, proxy: Proxy) -> None:
    """Deliver pass after pass, two hours apart, until nothing waits and no trouble is left."""
    clock, channel = HandClock(), KINDS[kind]
    clock.moment = FILED_AT
    for _ in range(_MOST_ROUNDS):
        with hurried(0.25):
            partner = channel.opened(proxy.url, channel.secret)
        breaker = Breaker(partner.name, StoredBreakers(database), clock)
        await deliver(chain_for(database, clock), partnership(partner), breaker)
        await partner.aclose()
        async with database.read() as connection:
            counts = await ledger.count_by_state(connection)
        if not any(counts.get(each) for each in _WAITING):
            return
        clock.advance(hours=2)
    raise AssertionError(f"{kind}: not at rest after {_MOST_ROUNDS} passes: {counts}")
