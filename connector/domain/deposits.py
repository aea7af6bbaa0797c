"""Miles that a member exchanged for points of the scheme at a partner: a deposit, and what the scheme is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from connector.domain.numbers import looks_like_payment_card

UNREADABLE = "deposit_unreadable"
CHANGED = "deposit_changed"
FAULTY = "deposit_faulty"
NO_MEMBER = "deposit_no_member"
BAD_REVERSAL = "deposit_bad_reversal"


@dataclass(frozen=True, slots=True)
class Deposit:
    """What a partner told once: ``points`` > 0 for the member, or taken from the member where it ``reverts`` another.

    ``reference`` is the partner's own id of it, ``member`` the id or number by which the scheme knows the member,
    ``token`` what the partner calls the points, ``at`` when it happened there (None: not told readably). ``fault``
    says why nobody can be told of it.
    """

    reference: str
    member: str = field(repr=False)
    points: Decimal
    token: str = ""
    at: datetime | None = None
    reverts: str = ""
    fault: str = ""

    @property
    def kind(self) -> Literal["credit", "reversal"]:
        """Whether points are given or taken back."""
        return "reversal" if self.reverts else "credit"


@dataclass(frozen=True, slots=True)
class Kept:
    """A deposit as it is kept, numbered by the order of arrival; ``handed``: the scheme has been told of it."""

    number: int
    deposit: Deposit
    received_at: datetime
    handed: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why the scheme is not told of a deposit: the reason of the case, and its sentence."""

    reason: str
    text: str


def without_card(deposit: Deposit) -> Deposit:
    """Return the deposit as it may be kept: a payment card in the place of the member is not."""
    if not looks_like_payment_card(deposit.member):
        return deposit
    fault = "its member looks like a payment card number, which is not kept"
    return replace(deposit, member="", fault=deposit.fault or fault)


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges deposits in the order of their arrival.

    ``members`` are those of the deposits' members that the scheme knows (None: there is no scheme to ask);
    ``reverted`` the deposits that reversals name, by reference; ``reversals`` the number of the first reversal of each.
    """

    members: Collection[str] | None
    reverted: Mapping[str, Kept]
    reversals: Mapping[str, int]

    def doubt(self, kept: Kept) -> Doubt | None:
        """Return why the scheme must not be told; None when it may be."""
        deposit = kept.deposit
        if deposit.fault:
            return _doubt(deposit, FAULTY, deposit.fault)
        if self.members is not None and deposit.member not in self.members:
            what = "the scheme knows no such member; it is handed over once the scheme does"
            return _doubt(deposit, NO_MEMBER, what)
        fault = self._bad_reversal(kept) if deposit.reverts else ""
        return _doubt(deposit, BAD_REVERSAL, fault) if fault else None

    def _bad_reversal(self, kept: Kept) -> str:
        back, given = kept.deposit, self.reverted.get(kept.deposit.reverts)
        if given is None:
            return f"what it takes back, {back.reverts}, was never received"
        if given.deposit.reverts:
            return f"what it takes back, {back.reverts}, is a reversal itself"
        if given.deposit.member != back.member:
            return f"what it takes back, {back.reverts}, is another member's"
        if back.points > given.deposit.points:
            return f"it takes back {back.points:f} points of {given.deposit.points:f}"
        if self.reversals[back.reverts] != kept.number:
            return f"{back.reverts} is taken back already"
        return ""


def _doubt(deposit: Deposit, reason: str, what: str) -> Doubt:
    name = "reversal" if deposit.reverts else "deposit"
    return Doubt(reason, f"{name} {deposit.reference} is not handed to the scheme: {what}")
