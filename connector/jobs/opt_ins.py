"""What members opted in to, asked for just before a stay is awarded that depends on it.

Nobody is asked about whose stay earns nothing anyway: deciding says of whom it must know what, and decides again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog

from connector.domain.decision import Decision
from connector.domain.offers import OptIn, Unclear
from connector.domain.stays import Stay
from connector.errors import ConnectorError, Permanent, Retryable, Unauthorized
from connector.jobs.contracts import Partnership
from connector.ports import Offering, Offers

_TRIPPED = 3  # calls in a row without an answer after which nobody more is asked about in a pass
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Question:
    """An offer and a member, and through which account the answer is to be fetched."""

    number: str = field(repr=False)
    offer: str
    account: str


@dataclass(slots=True)
class OptIns:
    """What one partner said in a pass: ``known`` by member number and offer; ``fault`` is why not everything was."""

    known: dict[str, dict[str, OptIn | Unclear]] = field(default_factory=dict)
    fault: ConnectorError | None = None
    _open: dict[_Question, set[str]] = field(default_factory=dict)
    _stopped: bool = False
    _failures: int = 0  # in a row

    @property
    def reservations(self) -> set[str]:
        """The reservations that wait for an answer."""
        return {each for stays in self._open.values() for each in stays}

    def note(self, decision: Decision, stay: Stay, reservations: Iterable[str], partnership: Partnership) -> None:
        """Take in what a decision asks."""
        asks, account = decision.asks, partnership.account_of(stay.property.keys)
        for offer in asks.offers if asks else ():
            self._open.setdefault(_Question(asks.number if asks else "", offer, account), set()).update(reservations)

    async def ask(self, partnership: Partnership) -> None:
        """Ask the partner whatever is open; every question gets an answer, be it that none came."""
        questions, self._open = list(self._open), {}
        sources = {each.account: offers_of(each) for each in partnership.by_account()}
        slots = asyncio.Semaphore(partnership.concurrency)

        async def one(question: _Question) -> None:
            async with slots:
                found = await self._answer(partnership.name, sources[question.account], question)
            self.known.setdefault(question.number, {})[question.offer] = found

        async with asyncio.TaskGroup() as group:
            for each in questions:
                group.create_task(one(each))

    async def _answer(self, name: str, source: Offers | None, question: _Question) -> OptIn | Unclear:
        offer = f"whether the member opted in to offer {question.offer}"
        if source is None:
            return Unclear(f"{name} has no table of offers any more, so {offer} cannot be asked for", passing=False)
        if self._stopped:
            return Unclear(f"{name} does not say now {offer}", passing=True)
        try:
            found = await source.opted_in(question.number, question.offer)
        except Unauthorized as fault:
            self._failed(name, fault, stops=True)
        except Permanent as refusal:
            self._failures = 0
            return Unclear(_told(name, offer, refusal), passing=False)
        except Retryable as fault:
            self._failures += 1
            self._failed(name, fault, stops=self._failures >= _TRIPPED or bool(fault.after))
        else:
            self._failures = 0
            return found
        return Unclear(f"{name} does not say now {offer}", passing=True)

    def _failed(self, name: str, fault: ConnectorError, *, stops: bool) -> None:
        if self.fault is None:
            _log.warning("a partner's offers could not be read", partner=name, error=str(fault))
        self.fault = self.fault or fault
        self._stopped |= stops


def _told(name: str, offer: str, refusal: Permanent) -> str:
    """Return a refusal for a case, whose text must not change from pass to pass: what names the request is logged."""
    if refusal.status is None:
        return str(refusal)
    _log.warning("an opt-in cannot be told", partner=name, error=str(refusal))
    return f"{name} does not tell {offer} (HTTP {refusal.status}); ask it, or correct the offer"


def offers_of(partnership: Partnership) -> Offers | None:
    """Return the offers of a partner; None where its channel has none."""
    channel = partnership.channel
    return channel.offers if channel.capabilities.offers and isinstance(channel, Offering) else None
