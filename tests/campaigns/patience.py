"""Less patience than the product has, so that a campaign need not wait a minute for each server that is silent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from connector.http import retry
from connector.http.client import Client, Timeouts


@contextmanager
def hurried(seconds: float) -> Iterator[None]:
    """Let every request of this process wait so long at most for a word, and its repetition hardly at all."""
    times = {"timeouts": Timeouts(connect=seconds, read=seconds, write=seconds), "deadline": 3 * seconds}
    requests = {**(Client.__init__.__kwdefaults__ or {}), **times}
    again = {**(retry.send.__kwdefaults__ or {}), "jitter": lambda wait: min(wait, 0.02)}
    with (
        patch.object(Client.__init__, "__kwdefaults__", requests),
        patch.object(retry.send, "__kwdefaults__", again),
    ):
        yield
