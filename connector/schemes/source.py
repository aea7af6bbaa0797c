"""What every source of members can do, whatever it reads: a file, an API, a database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from connector.domain.members import BadLine, Member


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some members, and records that cannot be read.

    ``position`` is from where a later reading may ask for changes only, in the source's own terms; that of the last
    chunk counts, and "" means that the source cannot tell.
    """

    records: list[Member | BadLine]
    position: str = ""


class Roll(Protocol):
    """The members of a scheme, found complete as far as can be told before they are taken."""

    @property
    def columns(self) -> frozenset[str]:
        """What the scheme owns of a membership: names of ``members.OWNABLE``."""
        ...

    @property
    def programs(self) -> frozenset[str]:
        """Codes of the partner programs in which the scheme knows its members' numbers."""
        ...

    @property
    def mark(self) -> str:
        """What two rolls with the same members share; "" when only taking them can tell."""
        ...

    @property
    def meaning(self) -> str:
        """By what changes are found and read: where it differs, they do not suffice. It may hold an address with a key.

        "" where changes cannot be asked for.
        """
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """One sentence for each thing that a person should know."""
        ...

    @property
    def full_every(self) -> timedelta | None:
        """How long changes suffice before everything has to be taken again; None when it takes everything always."""
        ...

    def take(self, since: str, size: int) -> AsyncIterator[Chunk]:
        """Yield the members in chunks of about ``size``: all, or those changed since a position.

        A member id that comes twice in one reading is a BadLine at its second place. Raises Unfinished when it turns
        out that the roll is not whole: nothing of it may be applied before the iterator has ended.
        """
        ...


class Source(Protocol):
    """Where members come from."""

    async def verify(self) -> Roll:
        """Look at the source before anything else is done; raises Unfinished, or Retryable, unless it can be read."""
        ...
