"""The member number of an award when the membership changed after it: the present one, or why it is not clear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from connector.domain import numbers
from connector.domain.contract import Contract
from connector.domain.decision import Frozen
from connector.domain.loyalty import ACTIVE_STATES, Membership
from connector.domain.ruling import Ruling, suspended


def renumbered(
    frozen: Frozen, contract: Contract, held: Membership | None, others: Sequence[Membership], today: date
) -> Frozen | Ruling:
    """Return the terms of an award with the number that its membership has now.

    ``held`` is that membership as Mews shows it (None: unknown there), ``others`` are the living ones that the same
    profile has in the program. One that ended, or vanished without another in its place, keeps the number by which the
    stay was earned. So does one whose number was cleared. Another profile's membership never takes its place,
    be the two profiles merged by now.
    """
    found = _present(frozen, held, others, today)
    if isinstance(found, Ruling):
        return found
    if found is None or not numbers.canonical(found.number or ""):
        return frozen
    if numbers.canonical(found.number or "") == frozen.member_number:
        return replace(frozen, membership_id=found.id)
    if numbers.looks_like_payment_card(found.number or ""):
        return suspended("payment_card", f"the changed number of the membership in {contract.program_code} looks "
                         "like a payment card")  # fmt: skip
    verdict = numbers.check(contract.number_scheme, found.number, contract.number_check, accounts=contract.accounts)
    if verdict.number is None:
        return suspended("bad_number", f"changed member number in {contract.program_code}: {verdict.fault}")
    # what the person of the former number opted in to says nothing about this one
    return replace(frozen, membership_id=found.id, member_number=verdict.number, opt_ins={})


def _present(
    frozen: Frozen, held: Membership | None, others: Sequence[Membership], today: date
) -> Membership | Ruling | None:
    candidates = () if held is None else tuple(others) if held.deleted else (held,)
    active = [
        each
        for each in candidates
        if each.state in ACTIVE_STATES and (each.expires_on is None or each.expires_on >= today)
    ]
    same = [each for each in active if numbers.canonical(each.number or "") == frozen.member_number]
    if same or len(active) <= 1:
        return next(iter(same or active), None)
    return suspended("two_memberships", f"the membership was deleted, and {len(active)} took its place")
