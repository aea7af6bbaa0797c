"""Whether the keys of [mews] fit each other."""

from __future__ import annotations

from collections.abc import Iterator

from connector.settings.faults import Fault
from connector.settings.keys import Tables
from connector.settings.mews import WEBSOCKETS, Mews


def faults(mews: Tables) -> Iterator[Fault]:
    """Yield a fault for a WebSocket whose address nobody told."""
    platform = mews.get("platform_address", Mews.model_fields["platform_address"].default)
    known = not isinstance(platform, str) or platform.rstrip("/") in WEBSOCKETS
    if mews.get("websocket") is True and mews.get("websocket_address") is None and not known:
        what = "is missing, and this platform address has none that is published"
        yield Fault(("mews", "websocket_address"), f'{what}; expected an address like "wss://ws.example.com/ws"')
