"""Any life that messages can have: what the ledger promises holds after every step of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Kind, Message
from connector.domain.ledger import OPEN_LANE, TRANSITIONS, State
from connector.ports import PartnerRequest
from connector.store import ledger, outbox
from connector.store.engine import Database
from connector.store.integrity import examine
from connector.store.ledger import Step
from tests.conftest import MakeUrl
from tests.integration.store.makers import FROZEN, HOUR, NOW, PARTNER, award, message

ROOTS = ("r1", "r2", "r3")
landings = sorted(TRANSITIONS[State.IN_FLIGHT] | {State.IN_DOUBT})


class Lives(RuleBasedStateMachine):
    """Three stays of two members; messages are written, claimed, sent, settled, abandoned and withdrawn."""

    make_url: MakeUrl

    @initialize()
    def open(self) -> None:
        self.runner = asyncio.Runner()
        self.database = Database(self.make_url())
        self.revisions = dict.fromkeys(ROOTS, 0)
        self.bytes: dict[str, set[bytes]] = {}
        self.attempts = 0
        self._write(self._open_awards)

    async def _open_awards(self, connection: AsyncConnection) -> None:
        for root in ROOTS:
            await ledger.open_awards(connection, [ledger.Opening(award(root), FROZEN, [root])], NOW)

    def _write(self, do: Callable[[AsyncConnection], Awaitable[Any]]) -> Any:
        async def run() -> Any:
            async with self.database.write() as connection:
                return await do(connection)

        return self.runner.run(run())

    def _messages(self, *states: State) -> list[Message]:
        found = self._write(lambda c: ledger.messages_of(c, [award(root).id for root in ROOTS]))
        return [each for messages in found.values() for each in messages if each.state in states]

    @rule(root=st.sampled_from(ROOTS), kind=st.sampled_from(Kind), member=st.sampled_from("ab"))
    def write(self, root: str, kind: Kind, member: str) -> None:
        self.revisions[root] += 1
        new = message(root, kind, self.revisions[root], number=member)
        self._write(lambda c: ledger.append(c, [new], "test", NOW))

    @rule(limit=st.integers(1, 4))
    def claim(self, limit: int) -> None:
        self._write(lambda c: self._claim(c, limit))

    async def _claim(self, connection: AsyncConnection, limit: int) -> None:
        """Claim as a delivery does: lanes first, stored bytes before new ones."""
        due = await outbox.due(connection, PARTNER, NOW, limit)
        held = await outbox.take_lanes(connection, due, NOW)
        stored = await outbox.requests_of(connection, [each.key for each in held])
        for each in held:
            self.attempts += 1
            request = stored.get(each.key) or PartnerRequest("/events", f"attempt {self.attempts}".encode())
            self.bytes.setdefault(each.key, set()).add(request.content)
            fields = {"path": "/events", "headers": "{}", "content": request.content, "lease_until": NOW + HOUR}
            await ledger.move(connection, [Step(each, State.IN_FLIGHT, "", fields)], "test", NOW)

    @precondition(lambda self: self._messages(State.IN_FLIGHT))
    @rule(data=st.data(), after=st.sampled_from(landings))
    def settle(self, data: st.DataObject, after: State) -> None:
        flying = data.draw(st.sampled_from(self._messages(State.IN_FLIGHT)))
        self._write(lambda c: self._land(c, flying, after))

    async def _land(self, connection: AsyncConnection, flying: Message, after: State) -> None:
        await ledger.move(connection, [Step(flying, after, "answer")], "test", NOW)
        if after is not State.IN_DOUBT:
            await outbox.leave_lanes(connection, [flying.key])

    @rule()
    def sender_dies(self) -> None:
        async def find(connection: AsyncConnection) -> None:
            left = await outbox.abandoned(connection, NOW + HOUR, NOW + 9 * HOUR)
            await ledger.move(connection, [Step(each, State.IN_DOUBT, "died") for each in left], "test", NOW)

        self._write(find)

    @precondition(lambda self: self._messages(State.READY))
    @rule(data=st.data(), after=st.sampled_from([State.VOID, State.SUPERSEDED]))
    def withdraw(self, data: st.DataObject, after: State) -> None:
        unsent = data.draw(st.sampled_from(self._messages(State.READY)))
        self._write(lambda c: ledger.move(c, [Step(unsent, after, "a reason")], "person", NOW))

    @invariant()
    def a_key_is_only_ever_sent_with_the_same_bytes(self) -> None:
        assert all(len(contents) == 1 for contents in self.bytes.values())

    @invariant()
    def a_member_has_one_message_under_way(self) -> None:
        lanes = [each.lane for each in self._messages(*OPEN_LANE)]
        assert len(lanes) == len(set(lanes))

    @invariant()
    def the_history_verifies(self) -> None:
        assert self.runner.run(examine(self.database)) == []

    def teardown(self) -> None:
        self.runner.run(self.database.aclose())
        self.runner.close()


def test_the_promises_of_the_ledger_hold_in_any_life(make_url: MakeUrl) -> None:
    class Here(Lives):
        pass

    Here.make_url = staticmethod(make_url)  # type: ignore[assignment]
    run_state_machine_as_test(Here, settings=settings(max_examples=8, stateful_step_count=20, deadline=None))
