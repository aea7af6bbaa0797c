"""Bringing awards to what their stays come to, in an order in which no reservation is given miles twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from connector.domain.awards import Award, Message
from connector.domain.decision import Decision, Earned, Status
from connector.domain.stays import Stay
from connector.jobs.docket import Docket
from connector.jobs.judging import Judge
from connector.jobs.parties import Key, Place
from connector.jobs.reckoning import JOINED, Reckoning, held_back, reckonings
from connector.jobs.seating import Sitting, settled
from connector.jobs.tallies import Tally
from connector.jobs.wholes import Cluster
from connector.store import ledger
from connector.store.ledger import Opening

Revise = Callable[[Stay, Award, Sequence[Message], Decision], Awaitable[Decision]]
Opened = Callable[[Stay, Earned, Sequence[str]], tuple[Opening, Message]]
_OTHERS_EARN = Decision(Status.EXCLUDED, "other_earner", "others earn by this stay by now")


@dataclass(frozen=True, slots=True)
class Settling:
    """A docket being worked off; ``said`` and ``roots`` tell what became of each place, ``opened`` of new awards."""

    known: Docket
    judge: Judge
    tally: Tally
    revise: Revise
    award: Opened
    said: dict[Key, Decision] = field(default_factory=dict)
    roots: dict[str, str] = field(default_factory=dict)
    opened: list[tuple[Opening, Message]] = field(default_factory=list)

    async def settle(self) -> None:
        """Settle the places of those who lost theirs, then cluster by cluster."""
        self.said.update(self.known.before)
        for place in self.known.displaced:
            self.said[place.key] = await self._take_back(place, _OTHERS_EARN)
        for cluster in self.known.clusters:
            draft = self.tally.draft()
            decided = [(whole, await self.judge.decide(whole, self.known, draft)) for whole in cluster.wholes]
            await self._settle(cluster, reckonings(decided))

    async def _settle(self, cluster: Cluster, wanted: Sequence[Reckoning]) -> None:
        """Nothing rises before all that falls has fallen, and the partner gave it back."""
        blocking: Decision | None = None
        for place in cluster.lost:
            after = await self._take_back(place, JOINED)
            if place.sitting.award and not self.known.standings[place.sitting.award.id].is_over:
                blocking = after
        for each in sorted(wanted, key=lambda each: each.change):
            held = blocking if each.change > 0 else None
            after = await self._bring(each, held_back(held, self.judge.now) if held else each.total)
            self._note(each, after, moved=held is None)
            if each.award and each.is_open(self.known.standings[each.award.id]):
                blocking = after

    def _note(self, each: Reckoning, after: Decision, *, moved: bool) -> None:
        self.said.update(each.said(after))
        for reservation in each.reservations:
            self.roots[reservation] = each.root if moved else self.known.roots.get(reservation, reservation)

    async def _take_back(self, place: Place, decision: Decision) -> Decision:
        award = place.sitting.award
        if award is None:
            return decision
        return await self.revise(place.sitting.stay, award, self.known.messages.get(award.id, []), decision)

    async def _bring(self, wanted: Reckoning, total: Decision) -> Decision:
        """Make or revise an award; return what its reservations count as."""
        stay, award = wanted.wholes[0][0].stay, wanted.award
        if award is None:
            return self._open(wanted, total)
        if total.award is not None:
            await ledger.tie(self.judge.connection, award, wanted.fresh)
        return await self.revise(stay, award, self.known.messages.get(award.id, []), total)

    def _open(self, wanted: Reckoning, total: Decision) -> Decision:
        whole = wanted.wholes[0][0]
        lost = [(place.sitting, self.said[place.key]) for place in self.known.beside(whole)]
        decision = settled(Sitting(whole.stay), lost, total)
        if decision.award is not None:
            self.opened.append(self.award(whole.stay, decision.award, wanted.fresh))
            self.tally.note(self.opened[-1][0].award)
        return decision
