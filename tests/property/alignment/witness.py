"""What the connector's requests really changed in Mews, seen at the sandbox: what was done counts, heard of or not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from connector.sandbox.mews.app import PREFIX, operation_of
from connector.sandbox.mews.instants import wire
from connector.sandbox.mews.state import State

ACTIVE = {"New", "Pending", "Enrolled"}
LATE = timedelta(seconds=59)  # the connector reckons with 60
Body = Mapping[str, Any]
Harm = Literal["removal", "change"]


@dataclass(frozen=True, slots=True)
class Event:
    """One membership that a request added, changed or deleted; ``around`` are all that lived before."""

    at: datetime
    id: str
    before: Body | None
    after: Body | None
    around: Mapping[str, Body]

    @property
    def is_add(self) -> bool:
        """Whether it is a new one."""
        return self.before is None

    @property
    def body(self) -> Body:
        """The membership as it was at last."""
        return self.after or self.before or {}

    def harms(self, rank: Callable[[str | None], int | None]) -> Iterator[Harm]:
        """Yield what it took from the guest."""
        before, after = self.before, self.after
        if before is None:
            return
        if before["State"] in ACTIVE and (after is None or after["State"] not in ACTIVE):
            yield "removal"
        if after is not None and (_replaced(before, after) or _lowered(before, after, rank)):
            yield "change"


def _replaced(before: Body, after: Body) -> bool:
    names = ("MembershipNumber", "ProviderMembershipId")
    return any(before.get(name) is not None and before[name] != after.get(name) for name in names)


def _lowered(before: Body, after: Body, rank: Callable[[str | None], int | None]) -> bool:
    old, new = before.get("LoyaltyTierId"), after.get("LoyaltyTierId")
    if old is None or old == new:
        return False
    was, becomes = rank(old), rank(new)
    return becomes is None or (was is not None and becomes < was)


@dataclass
class Witness:
    """An ASGI layer that compares the memberships before and after each write.

    ``secretive``: what is added from now on is in no listing for ``LATE``.
    """

    app: Any
    state: State
    now: Callable[[], datetime]
    events: list[Event] = field(default_factory=list)
    secretive: bool = False
    hidden: dict[str, datetime] = field(default_factory=dict)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection event."""
        operation = operation_of(scope["path"]) if scope["type"] == "http" else ""
        if operation == "loyaltyMemberships/getAll":
            await self.app(scope, receive, _Curtain(send, self._unseen()))
        elif scope["type"] == "http" and scope["path"].startswith(PREFIX + "loyaltyMemberships/"):
            before = self.memberships()
            await self.app(scope, receive, send)
            self._compare(before, self.memberships())
        else:
            await self.app(scope, receive, send)

    def memberships(self) -> dict[str, Body]:
        """Return the living memberships of all programs, by id."""
        every = (record.whole() for record in self.state.walk("LoyaltyMemberships"))
        return {record["Id"]: record for record in every if not record["_Deleted"]}

    def listed(self) -> set[str]:
        """Return those whose update is not one that Mews shows later."""
        now = wire(self.state.now())
        return {id_ for id_, body in self.memberships().items() if body["_UpdatedUtc"] <= now}

    def _compare(self, before: Mapping[str, Body], after: Mapping[str, Body]) -> None:
        for id_ in sorted(before.keys() | after.keys()):
            if before.get(id_) == after.get(id_):
                continue
            self.events.append(Event(self.now(), id_, before.get(id_), after.get(id_), before))
            if self.secretive and id_ not in before:
                self.hidden[id_] = self.now() + LATE

    def _unseen(self) -> set[str]:
        return {id_ for id_, until in self.hidden.items() if self.now() < until}


class _Curtain:
    """Leaves memberships out of an answer."""

    def __init__(self, send: Any, unseen: set[str]) -> None:
        self._send = send
        self._unseen = unseen
        self._start: dict[str, Any] = {}

    async def __call__(self, message: dict[str, Any]) -> None:
        if not self._unseen:
            await self._send(message)
        elif message["type"] == "http.response.start":
            self._start = message
        else:
            await self._answer(message)

    async def _answer(self, message: dict[str, Any]) -> None:
        content = message["body"]
        if self._start["status"] == 200 and content.startswith(b"{"):
            told = json.loads(content)
            told["LoyaltyMemberships"] = [one for one in told["LoyaltyMemberships"] if one["Id"] not in self._unseen]
            content = json.dumps(told).encode()
        headers = [(name, value) for name, value in self._start["headers"] if name != b"content-length"]
        headers.append((b"content-length", str(len(content)).encode()))
        await self._send(self._start | {"headers": headers})
        await self._send(message | {"body": content})
