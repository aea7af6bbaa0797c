"""Delivering with every state durable, against a bare httpx loop that posts the same bytes to the same server.

Run as ``python -m tests.benchmarks.delivering [quick|nightly]``; one figure for each channel of the contract suite, in
the quick profile for one form of each.
Each run has a server of its own, in a process of its own, whose books begin empty. Both sides have as many requests
under way, as many as the settings' default, and send one message before they are watched: a daemon imports, connects
and gets its token once.
Where a partner's books only count, both also ask what is counted and add the user before the message; the requests are
counted and must be as many. The bare loop's go through httpx's pool of connections and its jar of cookies, ours do not:
where a message is several requests, ours can be the cheaper way.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from connector.domain.awards import Credit
from connector.http.answer import Answer
from connector.http.breaker import Breaker
from connector.jobs.contracts import Partnership
from connector.jobs.deliver import deliver
from connector.partners.qiibee.books import QiibeeBooks
from connector.settings.pacing import Pacing
from connector.store import ledger
from connector.store.engine import Database
from connector.store.limits import StoredBreakers
from connector.store.migrations import upgrade
from connector.telemetry import logging
from connector.telemetry.clock import SystemClock
from tests.acceptance.filed import credits_for, file, partnership
from tests.acceptance.road import ROOT, say
from tests.benchmarks.contest import Contest, Watch
from tests.campaigns.figures import Figure, Profile, ran
from tests.contract.partner_rehearsal import CHANNELS, Channel
from tests.integration.earning.chain import chain_for
from tests.serving import serving

QUICK = ("uplyft_transaction", "airmiles", "qiibee", "lufthansa")
MESSAGES: Mapping[Profile, int] = {"quick": 400, "nightly": 2000}
BAR = 0.5


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a message."""

    method: str
    path: str
    content: bytes
    headers: Mapping[str, str]

    def request(self, client: httpx.AsyncClient) -> httpx.Request:
        """Write it."""
        return client.build_request(self.method, self.path or "/", content=self.content, headers=dict(self.headers))


def campaign(profile: Profile) -> Iterator[Figure]:
    """Compare the two for every channel."""
    messages = MESSAGES[profile]
    for name in CHANNELS if profile == "nightly" else QUICK:
        yield Contest(
            claim=f"Delivering through {name} with every state durable is at least half as fast as only posting",
            yardstick="a bare httpx loop of equal concurrency with the same bytes",
            module=__spec__.name,
            arguments=[name, str(messages)],
            records=messages,
            bar=BAR,
        ).held(profile)


async def _ours(channel: Channel, url: str, messages: int, folder: Path) -> tuple[Watch, int, int]:
    """Deliver one message, then all others that were filed; return how many were taken, and requests made for these."""
    logging.configure(level="ERROR")
    database, partner = Database(f"sqlite:///{folder}/connector.db"), channel.opened(url, channel.secret)
    clock = SystemClock()
    chain = chain_for(database, clock)
    await upgrade(database)
    first, *others = _credits(partner.name, channel, messages)
    own, breaker = _partnership(partner), Breaker(partner.name, StoredBreakers(database), clock)
    await file(database, chain, partner, [first])
    await deliver(chain, own, breaker)
    await file(database, chain, partner, others)
    before = _requests(partner)
    with Watch() as watch:
        await deliver(chain, own, breaker)
    made = _requests(partner) - before
    async with database.read() as connection:
        states = await ledger.count_by_state(connection)
    await partner.aclose()
    await database.aclose()
    return watch, states.get("credited", 0) + states.get("accepted", 0), made


def _requests(partner: Any) -> int:
    made: int = partner._client.requests
    return made


async def _bare(channel: Channel, url: str, messages: int) -> tuple[Watch, int, int]:
    """Send the same bytes with as many messages under way; return how many were answered well, and requests made."""
    partner = channel.opened(url, channel.secret)
    first, *others = [await _calls(partner, each) for each in _credits(partner.name, channel, messages)]
    concurrency = _partnership(partner).concurrency
    address, limits = partner._client._base_url, httpx.Limits(max_connections=concurrency)  # type: ignore[attr-defined]
    async with httpx.AsyncClient(base_url=address, limits=limits) as client:
        client.headers.update(await _signature(client, partner, first))
        with Watch() as watch:
            waiting = iter(others)
            answered = await asyncio.gather(*(_post(client, waiting) for _ in range(concurrency)))
    await partner.aclose()
    return watch, sum(answered) + 1, sum(map(len, others))


def _partnership(partner: Any) -> Partnership:
    concurrency: int = Pacing.model_fields["concurrency"].default
    return replace(partnership(partner), concurrency=concurrency)


async def _calls(partner: Any, credit: Credit) -> list[Call]:
    """Return the requests of a message, in their order; the books of a channel that counts come first."""
    request = partner.compose(credit)
    own = Call("POST", request.path, request.content, request.headers)
    if partner.books is None or not partner.books.counts:
        return [own]
    recorder = _Recorder()
    books = partner.books
    await QiibeeBooks(replace(books._requests, client=recorder), books._alias).mark(credit)
    return [*recorder.calls, own]


class _Recorder:
    """Takes down what is asked, and answers as a qiibee does that knows nothing of the user yet."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    async def send(self, method: str, path: str, **call: Any) -> Answer:
        self.calls.append(Call(method, path, call["content"], call["headers"]))
        return Answer(200, {}, b'{"transactions": [], "total_tx_count": 0}')


async def _signature(client: httpx.AsyncClient, partner: Any, calls: Sequence[Call]) -> dict[str, str]:
    """Send the first message with the channel's credentials; return the headers that these added."""
    added: dict[str, str] = {}
    for call in calls:
        plain = call.request(client)
        names = set(plain.headers)
        answer = await client.send(plain, auth=partner._client._auth)
        answer.raise_for_status()
        added = {name: value for name, value in answer.request.headers.items() if name not in names}
    return added


async def _post(client: httpx.AsyncClient, waiting: Iterator[Sequence[Call]]) -> int:
    done = 0
    for calls in waiting:
        for call in calls:
            answer = await client.send(call.request(client))
        done += answer.is_success
    return done


def _credits(name: str, channel: Channel, messages: int) -> Sequence[Credit]:
    return credits_for(name, channel.member[:-4], messages)


@contextmanager
def _server(name: str, folder: Path) -> Iterator[str]:
    """Run a channel's server in a process of its own; yield its address."""
    command = [sys.executable, "-m", __spec__.name, "serve", name, str(folder / "partner.db")]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.communicate()


async def _serve(name: str, file: Path) -> None:
    async with serving(CHANNELS[name].server(file)) as url:  # type: ignore[arg-type]
        say(url)
        await asyncio.to_thread(sys.stdin.read)


def _run(side: str, name: str, messages: str) -> None:
    with tempfile.TemporaryDirectory() as scratch, _server(name, Path(scratch)) as url:
        channel = CHANNELS[name]
        work = (
            _ours(channel, url, int(messages), Path(scratch)) if side == "ours" else _bare(channel, url, int(messages))
        )
        watch, done, requests = asyncio.run(work)
    watch.tell(done, requests)


if __name__ == "__main__":
    if sys.argv[1:2] in (["ours"], ["yardstick"]):
        _run(*sys.argv[1:])
    elif sys.argv[1:2] == ["serve"]:
        asyncio.run(_serve(sys.argv[2], Path(sys.argv[3])))
    else:
        sys.exit(ran(campaign, sys.argv[1:]))
