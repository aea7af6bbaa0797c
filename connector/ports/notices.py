"""What the watch needs of a way to tell people something."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell: ``event`` is incident.opened, incident.ended, digest or test.

    ``title`` is one line, ``text`` the whole; ``facts`` are for machines. None of them holds personal data.
    """

    event: str
    title: str
    text: str
    at: datetime
    facts: dict[str, str] = field(default_factory=dict)


class Teller(Protocol):
    """A way to tell people; ``name`` is how the settings call it."""

    @property
    def name(self) -> str:
        """How the settings call it."""
        ...

    async def tell(self, notice: Notice) -> None:
        """Tell it once; raises ConnectorError when it may not have arrived."""
        ...
