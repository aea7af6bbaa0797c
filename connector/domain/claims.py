"""A claim: a guest tells a member number after the stay was decided without one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from connector.domain.contract import Contract
from connector.domain.seat import MEMBERSHIP_REASONS
from connector.domain.stays import Membership, Stay

#: Decisions that a claim can mend: all that the stay lacked was a number that can be paid to.
CLAIMABLE = MEMBERSHIP_REASONS | {"bad_number", "payment_card"}

#: Stands for the id of the membership that an award by claim has not.
CLAIMED = "claim"


def as_claimed(stay: Stay, contract: Contract, number: str) -> Stay:
    """Return the stay as it would be with a membership of this number at the contract's partner.

    Nothing else about it changes, so the same rules decide what it earns.
    """
    claimed = Membership(CLAIMED, contract.program_code, number, "Enrolled", is_primary=True)
    others = [replace(each, is_primary=False) for each in stay.memberships if each.program_code != claimed.program_code]
    return replace(stay, memberships=(*others, claimed))


def is_late(departed: date, today: date, contract: Contract) -> bool:
    """Tell whether a stay departed too long ago to be claimed; both days are the property's."""
    return today - departed > contract.claim_window
