"""Members' numbers at partners that the scheme knows: a missing membership is added, one typed by staff is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from connector.domain.changes import AddPartner
from connector.domain.loyalty import Membership
from connector.domain.numbers import Scheme, Strictness, canonical, check, mask


class Doubt(StrEnum):
    """Why a number from the scheme is not written to Mews."""

    BAD = "bad_partner_number"
    OTHER = "other_partner_number"


@dataclass(frozen=True, slots=True)
class PartnerProgram:
    """A partner's program: how its numbers are checked; ``scheme`` is None where no partner is configured for it."""

    code: str
    scheme: Scheme | None = None
    strictness: Strictness = "warn"


@dataclass(frozen=True, slots=True)
class Known:
    """A number that the scheme knows, and all memberships that the guest has or had in the partner's program."""

    member_id: str
    account_id: str
    number: str = field(repr=False)
    memberships: tuple[Membership, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A number that a person must look at; ``text`` is a sentence that shows of numbers only the end."""

    member_id: str
    doubt: Doubt
    text: str


def judge(known: Known, program: PartnerProgram, program_id: str) -> AddPartner | Question | None:
    """Return what a number from the scheme asks for; None when Mews has it, or when staff deleted it there."""
    living = [each for each in known.memberships if not each.deleted]
    if living:
        return _compared(known, program, living)
    if known.memberships:
        return None
    number, fault = _checked(known.number, program)
    if fault:
        text = f"member {known.member_id}: the scheme's {program.code} number is not written to Mews: {fault}."
        return Question(known.member_id, Doubt.BAD, text)
    return AddPartner(known.account_id, known.member_id, False, {"number": number, "state": "Enrolled"}, program_id)


def _checked(number: str, program: PartnerProgram) -> tuple[str, str]:
    if program.scheme is None:
        return number, ""
    verdict = check(program.scheme, number, program.strictness, accounts=True)
    return verdict.number or number, verdict.fault


def _compared(known: Known, program: PartnerProgram, living: Sequence[Membership]) -> Question | None:
    if any(each.number and canonical(each.number) == canonical(known.number) for each in living):
        return None
    held = ", ".join(mask(each.number) if each.number else "no number" for each in living)
    text = (
        f"member {known.member_id}: the scheme knows the {program.code} number {mask(known.number)}, the guest's "
        f"profile in Mews says {held}; the one in Mews is left as it is. Ask the guest, and correct one of the two."
    )
    return Question(known.member_id, Doubt.OTHER, text)
