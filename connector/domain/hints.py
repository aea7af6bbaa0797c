"""What Mews said changed: never more than "look there now", for whoever polls finds it all the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["reservation", "customer"]
KINDS: tuple[Kind, ...] = ("reservation", "customer")


@dataclass(frozen=True, slots=True)
class Hint:
    """Something of a kind changed; an empty ``id`` says that anything may have, after a time without hearing.

    ``place`` is where that was: the id of a property, or the settings table of the token that heard it.
    """

    kind: Kind
    id: str
    place: str
