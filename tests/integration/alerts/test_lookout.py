"""The ping tells others that the watch is kept: after a look that went well, as often as configured, and no more."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from connector.daemon.lookout import Lookout
from connector.errors import Lost


@dataclass
class Post:
    """What an application's watch and ping do, each as long as it is well."""

    looks: bool = True
    answers: bool = True
    pings: list[bool] = field(default_factory=list)

    async def look(self) -> None:
        """Look, or fail as the store may."""
        if not self.looks:
            raise OSError("the store is away")

    async def ping(self) -> None:
        """Be asked for."""
        self.pings.append(self.answers)
        if not self.answers:
            raise Lost("alerts: the ping was answered 503; expected 2xx")


def lookout(post: Post, every: timedelta = timedelta(hours=1)) -> Lookout:
    """Return the lookout of an application with this watch and ping."""
    app: Any = SimpleNamespace(
        watch=post, ping=post, settings=SimpleNamespace(alerts=SimpleNamespace(ping_every=every))
    )
    return Lookout(app)


async def test_it_pings_as_often_as_configured_however_often_it_looks() -> None:
    post = Post()
    looking = lookout(post)
    for _ in range(3):
        await looking.look()

    assert post.pings == [True]


async def test_a_look_that_fails_is_followed_by_no_ping() -> None:
    post = Post(looks=False)
    with pytest.raises(OSError, match="away"):
        await lookout(post).look()

    assert post.pings == []


async def test_a_ping_that_was_not_taken_is_tried_after_the_next_look() -> None:
    post = Post(answers=False)
    looking = lookout(post)
    await looking.look()
    post.answers = True
    await looking.look()

    assert post.pings == [False, True]
