"""What a stay earns one person at one partner, and the messages that say so to the partner."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from connector.domain.ledger import State
from connector.domain.shares import Shares


class Kind(StrEnum):
    """A message either gives miles or takes the same miles back."""

    CREDIT = "credit"
    REVERSAL = "reversal"


_NAMESPACE = uuid.UUID("7a1f6a52-9c6e-5b0e-8f0e-3f2d5d1c4b7a")


def message_key(chain_id: str, root_id: str, partner: str, seat: str, kind: Kind, revision: int) -> uuid.UUID:
    """Return the idempotency key of a message.

    The ingredients never change: another recipe would make the same stay a new message and pay it twice.
    The golden vectors in ``tests/unit/domain/test_awards.py`` hold them.
    """
    return _named(chain_id, root_id, partner, seat, str(kind), str(revision))


def award_id(chain_id: str, root_id: str, partner: str, seat: str) -> str:
    """Return the identity of an award: its stay's root reservation, partner and seat."""
    return str(_named(chain_id, root_id, partner, seat))


def _named(*ingredients: str) -> uuid.UUID:
    return uuid.uuid5(_NAMESPACE, "\x1f".join(ingredients))


@dataclass(frozen=True, slots=True)
class Credit:
    """One credit or reversal as the domain sees it, before a channel writes it down.

    ``miles`` is whole and positive for both kinds. ``value_net`` and ``value_gross`` are the counted business value
    in ``currency``, ``taxes`` its taxes by Mews tax code. ``property_keys`` are the names under which settings may
    know the property: table name, enterprise id, enterprise name. ``composed_at`` freezes the timestamp that the
    bytes carry. With ``grant`` there is no stay: ``reservation_number`` is the grant's reference, the values are 0.
    ``original`` is the partner's own reference of the credit that a reversal takes back (None: it gave none).
    ``shares`` are the miles by offer code (empty: all under the partner's own). ``reverses`` is the key of the credit
    that a reversal takes back.
    """

    key: uuid.UUID
    kind: Kind
    member_number: str
    miles: int
    reservation_id: str
    reservation_number: str
    property_id: str
    property_keys: tuple[str, ...]
    departed_at: datetime
    departure: date
    currency: str
    value_net: Decimal
    value_gross: Decimal
    composed_at: datetime
    taxes: tuple[tuple[str, Decimal], ...] = ()
    description: str = ""
    grant: bool = False
    original: str | None = None
    shares: Shares = ()
    reverses: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Award:
    """What one stay earns one person at one partner; ``miles`` is what it should be, as of ``revision``.

    ``unit`` is the partner's unit of account when the award was made: its reversal is in the same unit.
    """

    id: str
    partner: str
    root_id: str
    seat: str
    program_code: str
    membership_id: str
    member_number: str
    property_id: str
    departure: date
    unit: str
    miles: int
    revision: int


@dataclass(frozen=True, slots=True)
class Message:
    """One credit or reversal on its way: what it says, where it stands, when it is due.

    ``mark`` is what the partner's books were before the first send; ``absences`` is how often they were read since
    the last one without showing it. ``account`` names under which of our accounts at the partner it goes ("" is the
    partner's own), the reversal of a credit under that of the credit. ``reference`` is what the partner calls it.
    """

    key: str
    award_id: str
    partner: str
    kind: Kind
    revision: int
    miles: int
    state: State
    due_at: datetime
    lane: str
    credit: Credit
    attempts: int = 0
    waits_for: str | None = None
    last_sent_at: datetime | None = None
    reason: str = ""
    mark: str = ""
    absences: int = 0
    account: str = ""
    reference: str = ""
