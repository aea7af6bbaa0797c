"""In whose turn the present task works: what a job holds by leases, known to everything that it calls.

A process that was paused may wake when its lease has run out and another process has gone on with the job. So whatever
changes something asks first: a transaction by a lock on the lease (``store.engine``), a request by ``assure``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from connector.errors import Superseded


@dataclass(frozen=True, slots=True)
class Turn:
    """The lease ``name`` of the process ``owner``; ``renew`` extends it and tells whether it still was its own."""

    name: str
    owner: str
    renew: Callable[[], Awaitable[bool]]


_HELD: ContextVar[tuple[Turn, ...]] = ContextVar("turns", default=())


def held() -> tuple[Turn, ...]:
    """Return the turns that the present task works in."""
    return _HELD.get()


@contextmanager
def within(turn: Turn) -> Iterator[None]:
    """Work in a turn, beside those that are held already; tasks that begin meanwhile work in it, too."""
    token = _HELD.set((*_HELD.get(), turn))
    try:
        yield
    finally:
        _HELD.reset(token)


async def assure() -> None:
    """Extend every turn that is held, just before something is sent; raises Superseded when one was taken over."""
    for turn in held():
        if not await turn.renew():
            raise superseded(turn.name)


def superseded(name: str) -> Superseded:
    """Return what ends a job whose turn another process took over."""
    return Superseded(f"{name}: this process stood still for too long; another one has taken over and goes on with it")
