"""How a check settles a stay: a status, a code that never changes, and a sentence for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connector.errors import Skippable


class Status(StrEnum):
    """Where a stay stands at one partner; a stay in view has exactly one."""

    WAITING = "waiting"
    EXCLUDED = "excluded"
    SUSPENDED = "suspended"
    AWARDED = "awarded"


@dataclass(frozen=True, slots=True)
class Ruling:
    """``due`` is when a waiting stay is to be looked at again at the latest (None: when Mews changes it)."""

    status: Status
    reason: str
    text: str
    due: datetime | None = None


class Suspense(Skippable):
    """A stay that needs a person, met in the middle of a calculation; ``reason`` is its stable code."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


def waiting(reason: str, text: str, due: datetime | None = None) -> Ruling:
    """Return: not yet."""
    return Ruling(Status.WAITING, reason, text, due)


def excluded(reason: str, text: str) -> Ruling:
    """Return: never, as things are."""
    return Ruling(Status.EXCLUDED, reason, text)


def suspended(reason: str, text: str) -> Ruling:
    """Return: a person must look."""
    return Ruling(Status.SUSPENDED, reason, text)
