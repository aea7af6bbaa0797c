"""Who earns: the membership to which the miles of a stay go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from connector.domain import numbers
from connector.domain.contract import Contract
from connector.domain.ruling import Ruling, excluded, suspended, waiting
from connector.domain.stays import BOOKER, NOBODY, OWNER, Membership, Stay

LOOK_AGAIN = timedelta(hours=1)  # the next pass of alignment writes it, unless something is wrong
_EARNING_STATES = frozenset({"Enrolled", "New", "Pending"})

#: Exclusions judged when the hold ends and not undone by a membership that appears later: that takes a claim.
MEMBERSHIP_REASONS = frozenset({"no_membership", "membership_not_active", "membership_expired", "not_primary"})


@dataclass(frozen=True, slots=True)
class Seat:
    """The membership that earns, with its canonical number; ``warning`` is what is odd about the number."""

    membership_id: str
    number: str
    warning: str = ""


def take(stay: Stay, contract: Contract, day: date) -> Seat | Ruling:
    """Return who earns, judged on ``day`` (property-local), or why nobody does."""
    if stay.seat == NOBODY:
        return excluded("no_earner", "a company owns the reservation, and no guest is known who could earn instead")
    membership = _membership(stay, contract, day)
    if isinstance(membership, Ruling):
        return membership
    if contract.which == "primary" and (ruling := _outranked(membership, stay, contract, day)):
        return ruling
    return _numbered(membership, contract)


def awaited(stay: Stay, contract: Contract, now: datetime) -> Ruling | None:
    """Return that a person who has no membership yet gets one: the scheme knows the number, alignment has to write it.

    None where it knows none, or when that took longer than a folio may take to be settled.
    """
    end = stay.reservation.departed_at + contract.settle_timeout
    if contract.program_code not in stay.holder.promised or now >= end:
        return None
    text = f"the scheme knows a number of {_person(stay)} in {contract.program_code} that is not in Mews yet"
    return waiting("number_not_written", text, min(now + LOOK_AGAIN, end))


def tier(stay: Stay, contract: Contract, day: date) -> str | None:
    """Return the tier code of the person's one active membership in the contract's tier program."""
    active = _active(stay.memberships, {contract.tier_program or ""}, day)
    return active[0].tier_code if len(active) == 1 else None


def _person(stay: Stay) -> str:
    return {OWNER: "the owner", BOOKER: "the booker"}.get(stay.seat, "the companion")


def _membership(stay: Stay, contract: Contract, day: date) -> Membership | Ruling:
    program = contract.program_code
    own = [each for each in stay.memberships if each.program_code == program]
    standing = [each for each in own if each.state in _EARNING_STATES]
    active = _active(own, {program}, day)
    if not own:
        return excluded("no_membership", f"{_person(stay)} has no membership in {program}")
    if not standing:
        return excluded("membership_not_active", f"the membership in {program} is not active")
    if not active:
        return excluded("membership_expired", f"the membership in {program} expired before {day}")
    if len(active) > 1:
        return suspended("two_memberships", f"{_person(stay)} has {len(active)} memberships in {program}")
    return active[0]


def _active(held: Sequence[Membership], programs: Collection[str], day: date) -> list[Membership]:
    return [
        each
        for each in held
        if each.program_code in programs
        and each.state in _EARNING_STATES
        and (each.expires is None or each.expires >= day)
    ]


def _outranked(membership: Membership, stay: Stay, contract: Contract, day: date) -> Ruling | None:
    rivals = _active(stay.memberships, contract.competing | {contract.program_code}, day)
    flagged = [each for each in rivals if each.is_primary]
    if len(rivals) == 1 or flagged == [membership]:
        return None
    if len(flagged) == 1:
        return excluded("not_primary", f"{_person(stay)}'s primary membership is in {flagged[0].program_code}")
    text = f"{len(flagged)} of {_person(stay)}'s {len(rivals)} partner memberships are flagged primary, 1 was expected"
    return suspended("primary_unclear", text)


def _numbered(membership: Membership, contract: Contract) -> Seat | Ruling:
    if numbers.looks_like_payment_card(membership.number or ""):
        text = f"the number of the membership in {contract.program_code} looks like a payment card"
        return suspended("payment_card", text)
    found = numbers.check(contract.number_scheme, membership.number, contract.number_check, accounts=contract.accounts)
    if found.number is None:
        return suspended("bad_number", f"member number in {contract.program_code}: {found.fault}")
    return Seat(membership.id, found.number, found.warning)
