"""What the simulator says by itself: the WebSocket's messages, and the general webhook's calls.

Whoever listens with a token hears of the reservations of its properties when they change. The webhook is sent when
``/_sandbox/webhook`` is told an address, with all that changed since it was sent before.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from connector.sandbox.connections import TRANSPORT
from connector.sandbox.mews import access
from connector.sandbox.mews.records import Record, text
from connector.sandbox.mews.refusals import Refused
from connector.sandbox.mews.state import State

PATH = "/ws/connector"
_COOKIES = re.compile(r"ClientToken=(?P<client>[^;\s]+); ?AccessToken=(?P<access>[^;\s]+)")
_WEBHOOK = {"Reservations": "ServiceOrderUpdated", "Customers": "CustomerUpdated"}
_NOBODY = "00000000-0000-0000-0000-000000000000"  # an integration
_REMEMBERED = 10_000  # changes for the webhook


@dataclass(slots=True, eq=False)
class Ear:
    """Somebody who listens: what waits to be sent to them, and the properties whose changes they hear of."""

    socket: WebSocket
    enterprises: frozenset[str]
    loop: asyncio.AbstractEventLoop
    waiting: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    def tell(self, message: str) -> None:
        """Send a text as soon as possible; changes may be made in another thread."""
        self.loop.call_soon_threadsafe(self.waiting.put_nowait, message)

    def cut(self) -> None:
        """Break the connection, as a failing network would."""
        self.loop.call_soon_threadsafe(self.socket.scope["state"][TRANSPORT].abort)


@dataclass(frozen=True, slots=True)
class Events:
    """Who listens, and what the webhook was not told of yet."""

    state: State
    ears: set[Ear] = field(default_factory=set)
    changes: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def changed(self, kind: str, records: Iterable[Record], *, added: bool) -> None:
        """Hear that records changed."""
        if kind not in _WEBHOOK:
            return
        names = [_WEBHOOK[kind]]
        if added and kind == "Customers":
            names.insert(0, "CustomerAdded")
        for record in records:
            self.changes.extend({"Discriminator": name, "Value": {"Id": record.id}} for name in names)
            if kind == "Reservations" and self.ears:
                self._tell(record)

    def _tell(self, record: Record) -> None:
        service = self.state.named("Services", [str(record.body.get("ServiceId"))])
        owner = next((each.body.get("EnterpriseId") for each in service.values()), None)
        shown = ("Id", "State", "StartUtc", "EndUtc", "AssignedResourceId")
        told = {
            "Type": "Reservation",
            **{name: record.body[name] for name in shown if name in record.body},
            "StartUtc": record.body.get("ScheduledStartUtc"),
            "EndUtc": record.body.get("ScheduledEndUtc"),
        }
        for ear in self.ears:
            if owner in ear.enterprises:
                ear.tell(text({"Events": [told]}))

    def say(self, message: str) -> int:
        """Send a text, whatever it is, to all who listen; return how many that are."""
        for ear in self.ears:
            ear.tell(message)
        return len(self.ears)

    def cut(self) -> int:
        """Break every connection; return how many that were."""
        for ear in self.ears:
            ear.cut()
        return len(self.ears)

    def call(self) -> dict[str, Any]:
        """Return the body of the webhook's next call, with all that it was not told of."""
        events = list(self.changes)
        self.changes.clear()
        enterprise = next((each.id for each in self.state.every("Enterprises")), _NOBODY)
        return {"EnterpriseId": enterprise, "IntegrationId": _NOBODY, "Events": events}


async def listen(socket: WebSocket) -> None:
    """Serve the WebSocket; 401 for wrong tokens or cookies that are written in another way."""
    events: Events = socket.app.state.events
    try:
        seen = _admitted(events.state, socket.headers)
    except Refused as refusal:
        await socket.send_denial_response(Response(refusal.message, refusal.status))
        return
    await socket.accept()
    ear = Ear(socket, seen, asyncio.get_running_loop())
    events.ears.add(ear)
    speaking = asyncio.ensure_future(_speak(ear))
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        pass
    finally:
        events.ears.discard(ear)
        speaking.cancel()


async def _speak(ear: Ear) -> None:
    while True:
        await ear.socket.send_text(await ear.waiting.get())


def _admitted(state: State, headers: Mapping[str, str]) -> frozenset[str]:
    found = _COOKIES.fullmatch(headers.get("cookie", ""))
    if found is None:
        raise Refused("The cookies ClientToken and AccessToken are expected.", 401)
    token = access.authenticate({"ClientToken": found["client"], "AccessToken": found["access"]})
    return frozenset(access.authorize(state, token, "reservations/getAll", {}).enterprises)
