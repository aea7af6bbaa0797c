"""The streams of Mews by name: of what each is read, and by which jobs."""

from __future__ import annotations

from connector.errors import Misconfigured
from connector.jobs import mirror
from connector.jobs.chain import Chain
from connector.jobs.properties import STAY_STREAMS

STREAMS = (*mirror.STREAMS, *STAY_STREAMS)


def jobs_of(stream: str) -> tuple[str, ...]:
    """Return the jobs that read a stream, its owner first: stays are decided on current memberships too."""
    return ("align", "stays") if stream in mirror.STREAMS else ("stays",)


def check(stream: str) -> None:
    """Raise Misconfigured when there is no such stream."""
    if stream not in STREAMS:
        raise Misconfigured(f"there is no stream {stream!r}; expected one of {', '.join(STREAMS)}")


def scopes(chain: Chain, stream: str, table: str | None) -> list[str]:
    """Return the scopes of a stream: the chain, or property tables, all of them unless one is named.

    Raises Misconfigured when a table is named that there is not, or for a stream of the chain.
    """
    check(stream)
    if stream in mirror.STREAMS:
        if table is not None:
            raise Misconfigured(f"{stream}: the stream is read once for the whole chain; expected no --property")
        return [mirror.CHAIN]
    if table is not None and table not in chain.tokens:
        raise Misconfigured(f"there is no property table {table!r}; expected one of {', '.join(chain.tokens)}")
    return [table] if table is not None else list(chain.tokens)
