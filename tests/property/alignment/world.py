"""A story told: what happens between the passes, what happens in them, and what must hold after each."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from inspect import isawaitable
from pathlib import Path
from typing import Any, Literal

from connector.errors import ConnectorError, Refused, Unfinished
from connector.jobs import align as alignment
from connector.jobs.properties import read_properties
from tests.integration.alignment.hotel import DELETE, SET_UP, Hotel, guest, membership, opened
from tests.property.alignment.account import Account, Link
from tests.property.alignment.fate import End, Fate, Killed, MortalDatabase, MortalLine
from tests.property.alignment.people import CHANGES, REMOVALS, Operator, Reception
from tests.property.alignment.scheme import NAMES, Scheme
from tests.property.alignment.witness import Event, Witness
from tests.unit.http.memory import HandClock

DAY = 24 * 3600.0
STRANGER = "ms-zoe"  # a membership that the scheme never knew
Outcome = Literal["whole", "part", "lost", "failed", "refused", "cut"]
Step = tuple[Any, ...]  # the name of a method of Scheme, Reception or Operator, and what it is given


@dataclass(frozen=True)
class Turn:
    """Some things that happen, and a pass after them.

    ``end`` cuts the pass; ``meanwhile`` is what staff do at its n-th request; ``confirm``: a person confirms the plan.
    """

    steps: tuple[Step, ...] = ()
    end: End | None = None
    meanwhile: tuple[int, Step] | None = None
    confirm: bool = False


class EvenClock(HandClock):
    """Every wait takes a second, so that a story goes the same way each time."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await super().sleep(1.0)


@dataclass
class World:
    """A chain, its people, and who watches."""

    hotel: Hotel
    fate: Fate
    witness: Witness
    scheme: Scheme
    reception: Reception
    operator: Operator
    confirmed: set[tuple[str, str]] = field(default_factory=set)
    refused: bool = False
    asked: dict[str, datetime] = field(default_factory=dict)
    harms: dict[str, list[tuple[datetime, str]]] = field(default_factory=lambda: defaultdict(list))

    # -- what happens

    async def tell(self, turn: Turn) -> None:
        """Let a turn happen; what must always hold is looked at after it."""
        for step in turn.steps:
            await self.happen(step)
        await self.go(turn)

    async def happen(self, step: Step) -> None:
        """Let one thing happen."""
        done = self._act(step)
        if isawaitable(done):
            await done

    def _act(self, step: Step) -> Any:
        name, *given = step
        if name == "unseen":
            with self.hotel.unseen():
                return self._act(given[0])
        if name == "hide":
            self.witness.secretive = given[0]
            return None
        (actor,) = (each for each in (self.scheme, self.reception, self.operator) if hasattr(each, name))
        return getattr(actor, name)(*given)

    # -- passes

    async def go(self, turn: Turn = Turn()) -> None:
        """Run a pass that may be cut or fail; that is for the next one."""
        self.hotel.later(1)
        self.scheme.write()
        plan_id = await self._confirm() if turn.confirm else None
        present = self.witness.memberships()
        self.witness.events.clear()
        outcome = await self._pass(turn, plan_id)
        self._judge(events := list(self.witness.events), present)
        await self._nothing_put_back(events)
        if outcome in ("whole", "part", "refused"):
            self.confirmed.clear()
        self._learn(whole=outcome == "whole")
        self.refused = outcome == "refused"
        self.scheme.spoiled = ""

    def _learn(self, *, whole: bool) -> None:
        """Note what the connector knows now: what it asked to delete is clear when Mews had a minute to show it."""
        now = self.hotel.clock.now()
        for body in self.hotel.calls.bodies(DELETE):
            self.asked |= dict.fromkeys(body["LoyaltyMembershipIds"], now)
        if whole:
            self.asked = {id_: at for id_, at in self.asked.items() if now - at < timedelta(seconds=61)}
            self.reception.known |= self.witness.listed()
        self.reception.doubtful = set(self.asked)

    async def _pass(self, turn: Turn, plan_id: str | None) -> Outcome:
        """Run a pass; tell how it ended, "whole" being without anything that disturbed it."""
        meanwhile = turn.meanwhile and (turn.meanwhile[0], self._later(turn.meanwhile[1]))
        self.fate.begin(turn.end, meanwhile)
        self.fate.task = asyncio.ensure_future(self.hotel.align(plan_id))
        try:
            done = await self.fate.task
        except (Killed, asyncio.CancelledError):
            await self.hotel.start()
            return "cut"
        except Refused:
            return "refused"
        except ConnectorError as error:
            self._not_whole(error)
            return "failed"
        finally:
            self.fate.begin(None, None)
        assert not self.scheme.spoiled
        if done.lost:
            return "lost"
        return "part" if done.postponed or done.doubt or turn.meanwhile else "whole"

    def _later(self, step: Step) -> Callable[[], None]:
        return lambda: self._act(step)

    def _not_whole(self, error: ConnectorError) -> None:
        if self.scheme.spoiled:
            assert isinstance(error, Unfinished)
            assert self.hotel.calls.writes() == {}

    async def _confirm(self) -> str | None:
        """Let a person look at the plan, and confirm what it would take."""
        found: set[tuple[str, str]] = set()

        def hear(change: dict[str, Any]) -> None:
            kinds = {"removal" if harm == "removal" else "change" for harm in change["harm"]}
            found.update((change["subject"], kind) for kind in kinds)

        with suppress(ConnectorError):
            await read_properties(self.hotel.chain)
            previewed = await alignment.preview(self.hotel.chain, self.hotel.road, hear)
            self.confirmed = found
            return previewed.plan.plan_id or None
        return None

    # -- what always holds

    def _judge(self, events: list[Event], present: dict[str, Any]) -> None:
        for event in events:
            if event.is_add:
                self._added_once(event, present)
            else:
                assert event.body["LoyaltyProgramId"] == "p-ALPEN", "the partner's memberships are not ours"
            assert event.id != STRANGER or self.hotel.road.unknown != "keep"
            self._weigh(event)
        for kind, limit in (("removal", REMOVALS), ("change", CHANGES)):
            self._within(kind, limit)

    def _added_once(self, event: Event, present: dict[str, Any]) -> None:
        place = ("AccountId", "LoyaltyProgramId")
        same = [one for one in event.around.values() if all(one[key] == event.body[key] for key in place)]
        ours = [one["Id"] for one in same if not one["Id"].startswith(("hand-", "ms-"))]
        assert ours == [], f"{event.body['AccountId']} is given a second membership beside {ours}"
        if event.body["LoyaltyProgramId"] == "p-MM":
            seen = self.reception.known & {one["Id"] for one in same if one["Id"] in present}
            assert not seen, "the partner's membership was there"

    def _weigh(self, event: Event) -> None:
        for kind in event.harms(self._rank):
            if (event.id, kind) in self.confirmed:
                self.confirmed.remove((event.id, kind))
            else:
                self.harms[kind].append((event.at, event.id))

    def _rank(self, tier_id: str | None) -> int | None:
        """Return a tier's rank as the settings have it: Mews's own may be wrong for a while."""
        ranks = {tier.code: tier.ordering for tier in self.operator.tiers}
        ranks |= {tier.formerly: tier.ordering for tier in self.operator.tiers if tier.formerly}
        for record in self.hotel.state.walk("LoyaltyTiers"):
            if record.id == tier_id:
                return ranks.get(record.body["Code"], record.body["Ordering"])
        return None

    def _within(self, kind: str, limit: int) -> None:
        harms = self.harms[kind]
        for end, _ in harms:
            day = {id_ for at, id_ in harms if end - timedelta(days=1) < at <= end}
            assert len(day) <= limit, f"{kind} of {sorted(day)} within a day, and nobody confirmed it"

    async def _nothing_put_back(self, events: list[Event]) -> None:
        adds = {(one.body["AccountId"], one.body["LoyaltyProgramId"]) for one in events if one.is_add}
        for guest_id, program_id, member_id in self.reception.unlinked:
            if (guest_id, program_id) in adds:
                link = (await self._links()).get(member_id)
                back = link is not None and link.guest == guest_id and not link.ended
                assert not back, f"{member_id} is put back on {guest_id}, where staff took it away"

    # -- how it ends

    async def calm(self) -> None:
        """Let quiet days pass, a person confirming what the guard asks about; the last is after a quiet week."""
        self.hotel.faults.clear()
        self.reception.check_out()
        self.witness.secretive = False
        await self.hotel.start()
        for seconds in (61.0, DAY + 1, 7 * DAY, DAY + 1):
            self.hotel.later(seconds)
            await self.go()
            if self.refused:
                await self.go(Turn(confirm=True))

    async def account(self) -> Account:
        """Return what there is now."""
        sql = "SELECT subject_id, reason FROM suspense WHERE subject_kind = 'member' AND (resolved_at IS NULL OR "
        rows = await self.hotel.rows(f"{sql} (resolved_by <> 'connector' AND text NOT LIKE '%by hand%'))")
        cases: dict[str, set[str]] = {}
        for member_id, reason in rows:
            cases.setdefault(member_id, set()).add(reason)
        gone = (one.whole() for one in self.hotel.state.walk("LoyaltyMemberships"))
        deleted = {one["AccountId"] for one in gone if one["_Deleted"] and one["LoyaltyProgramId"] == "p-MM"}
        return Account(self.scheme, self.reception, self.operator, await self._links(), cases, deleted)

    async def _links(self) -> dict[str, Link]:
        rows = await self.hotel.rows("SELECT member_id, account_id, unlinked_at, unlinked_by, cancelled_at FROM link")
        return {row[0]: Link(row[1], *(each is not None for each in row[2:])) for row in rows}


@asynccontextmanager
async def begun(home: Path, url: str, *, owns_state: bool) -> AsyncIterator[World]:
    """A chain of five members and a stranger, before the first pass."""
    fate = Fate()
    database = MortalDatabase(url, fate)
    stranger = membership(STRANGER, "zoe", MembershipNumber="stranger")
    try:
        async with opened(home, database, *SET_UP, *map(guest, (*NAMES, "zoe")), stranger) as hotel:
            hotel.clock = EvenClock()
            witness = Witness(hotel.calls.app, hotel.state, hotel.clock.now)
            hotel.calls.app = MortalLine(witness, fate)
            scheme, reception = Scheme(hotel, owns_state), Reception(hotel)
            operator = Operator(hotel, scheme, reception)
            operator.set_up()
            await hotel.start()
            yield World(hotel, fate, witness, scheme, reception, operator)
    finally:
        await database.aclose()
