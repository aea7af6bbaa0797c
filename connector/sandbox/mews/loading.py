"""The first load: one process makes the records and writes their texts, another puts them into the database.

Making and storing cost about the same, so that two cores halve the wait of a first start.
"""

from __future__ import annotations

import gc
import marshal
import multiprocessing
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import islice
from multiprocessing.connection import Connection
from typing import Any

from connector.sandbox.mews.records import Row, take

Entries = Iterable[tuple[str, Mapping[str, Any]]]
Chunk = dict[str, list[Row]]
_CHUNK = 500  # small enough to stay in the processor's cache


def chunks(records: Entries, now: datetime) -> Iterator[Chunk]:
    """Yield the rows of some records at a time, by kind, in the order of arrival; times default to ``now``."""
    entries = iter(records)
    while some := list(islice(entries, _CHUNK)):
        grouped: Chunk = {}
        for kind, record in some:
            grouped.setdefault(kind, []).append(take(kind, record, now).row())
        yield grouped


@contextmanager
def beside(made: Iterator[Chunk]) -> Iterator[Iterator[Chunk]]:
    """Let a forked process draw ``made`` while the caller uses what has arrived; to be called before any thread.

    What is drawn raises ``OSError`` when that process fails, whose own words are then on standard error.
    """
    context = multiprocessing.get_context("fork")
    reading, writing = context.Pipe(duplex=False)
    maker = context.Process(target=_send, args=(made, reading, writing), daemon=True)
    maker.start()
    writing.close()
    try:
        yield _received(reading)
    finally:
        reading.close()  # a maker that is not done finds its pipe broken and ends
        maker.join()


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the garbage collector from searching what is alive or has no cycles: a quarter of a load's time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _send(made: Iterator[Chunk], reading: Connection, writing: Connection) -> None:
    reading.close()  # else the pipe would not break when the reader is killed
    with uncollected(), suppress(BrokenPipeError):
        for chunk in made:
            writing.send_bytes(marshal.dumps(chunk))
        writing.send_bytes(b"")


def _received(reading: Connection) -> Iterator[Chunk]:
    try:
        while message := reading.recv_bytes():
            yield marshal.loads(message)  # noqa: S302 - from our own process
    except EOFError:
        raise OSError("the process that makes the records ended before the last one") from None
