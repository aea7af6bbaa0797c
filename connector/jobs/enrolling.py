"""Offering the scheme the guests who ask to join: memberships in Mews that are New or Pending and nobody's.

A request is remembered before it is sent, and its reference is the membership's id: after a lost answer or a crash the
same question is put again, and a scheme that knows it answers with the member that it made then. What it answers is a
member and its link; the next pass writes the membership like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.enrolment import ASKED_FOR, Applicant, Declined
from connector.domain.loyalty import Guest, Membership
from connector.domain.members import Member
from connector.errors import Unfinished
from connector.jobs.chain import Chain
from connector.jobs.pairing import Scope
from connector.mews.guests import Guests
from connector.ports.turns import assure
from connector.schemes.enrolment import Enroller
from connector.store import alignment as store
from connector.store import enrolments, members, suspense
from connector.store.suspense import Case

NOT_ENROLLED = "not_enrolled"
_MOST = 200  # in one pass: each is a request, and the next pass comes soon
_AGAIN = timedelta(days=1)  # what was refused may be well by then, as an e-mail that was corrected
_PAGE = 2000


async def enrol(chain: Chain, desk: Enroller, scope: Scope) -> str:
    """Ask the scheme about those who were not asked about lately; return why some are left, "" when none is.

    Raises Unauthorized when the scheme does not take our credentials for this.
    """
    if scope.loaded.removals_stopped:
        return ""  # somebody of the scheme cannot be read, and may be one of them
    due = await _due(chain, scope)
    if not due:
        return ""
    guests, _bad = await chain.through(lambda token: Guests(token).named([each.account_id for each in due]))
    people = {guest.id: guest for guest in guests if guest.active}
    asking = [each for each in due if each.account_id in people]
    async with chain.database.write() as connection:
        await enrolments.note(connection, [each.id for each in asking], "asked", chain.clock.now())
    for number, membership in enumerate(asking):
        await assure()
        try:
            answer = await desk.enrol(_applicant(membership, people))
        except Unfinished as fault:
            return f"{len(asking) - number} guests who ask to join wait ({fault})"
        async with chain.database.write() as connection:
            await _Landing(chain, connection, scope, chain.clock.now()).land(membership, answer)
        chain.progress("asking the scheme to enrol", 1, len(asking))
    return ""


async def offers(chain: Chain, desk: Enroller | None, scope: Scope) -> tuple[str, ...]:
    """Return in words whom the next pass would ask about, nothing when nobody."""
    if desk is None or scope.loaded.removals_stopped or not (due := await _due(chain, scope)):
        return ()
    return (f"guests who ask to join: {len(due)} are offered to the scheme by the next `sync align`",)


async def _due(chain: Chain, scope: Scope) -> Sequence[Membership]:
    """Return whom to ask about; cases of memberships that do not ask any more are closed."""
    now, after = chain.clock.now(), ""
    standing: set[str] = set()
    due: list[Membership] = []
    while True:
        async with chain.database.read() as connection:
            page = await store.unknown(
                connection, scope.program_id, scope.loaded.generation, after, _PAGE, states=ASKED_FOR
            )
            known = await enrolments.of(connection, [each.id for each in page])
        standing.update(each.id for each in page)
        due += [each for each in page if _is_due(known.get(each.id), now)]
        if len(page) < _PAGE:
            break
        after = page[-1].id
    async with chain.database.write() as connection:
        gone = await enrolments.forget_refused(connection, standing)
        await suspense.close_cases(connection, "membership", gone, now, reasons=[NOT_ENROLLED])
    return due[:_MOST]


def _is_due(asked: enrolments.Asked | None, now: datetime) -> bool:
    return asked is None or asked.outcome == "asked" or now - asked.at >= _AGAIN


def _applicant(membership: Membership, people: Mapping[str, Guest]) -> Applicant:
    """Return what the scheme is told; an address that a travel agency made up is nobody's."""
    guest = people[membership.account_id]
    email = None if guest.has_ota_email else guest.email
    return Applicant(membership.id, email, guest.first_name, guest.last_name, membership.number)


@dataclass(frozen=True, slots=True)
class _Landing:
    """Storing what the scheme answered, in one transaction."""

    chain: Chain
    connection: AsyncConnection
    scope: Scope
    now: datetime

    async def land(self, membership: Membership, answer: Member | Declined) -> None:
        """Store the member with its link, or a case for a person."""
        if isinstance(answer, Declined):
            await self._refuse(membership, f"the scheme did not take the guest ({answer.why})")
        elif not await enrolments.tie(self.connection, answer.member_id, membership, self.now):
            what = f"by the scheme the guest is member {answer.member_id}, who is or was linked to a guest already"
            await self._refuse(membership, what)
        else:
            await self._take(membership, answer)

    async def _take(self, membership: Membership, answer: Member) -> None:
        generation = self.scope.loaded.generation
        if not await enrolments.is_listed(self.connection, answer.member_id, generation):
            hasher = self.chain.hasher
            await members.save(self.connection, [answer], generation, self.chain.member_keys, hasher.whole)
            await members.save_partner_numbers(self.connection, [answer], self.scope.loaded.roll.programs)
        await enrolments.note(self.connection, [membership.id], "enrolled", self.now, answer.member_id)
        await suspense.close_cases(self.connection, "membership", [membership.id], self.now, reasons=[NOT_ENROLLED])

    async def _refuse(self, membership: Membership, what: str) -> None:
        await enrolments.note(self.connection, [membership.id], "refused", self.now)
        text = (
            f"membership {membership.id}: {what}; correct the guest profile or the scheme, and it is asked again a day "
            "later, or cancel the membership in Mews."
        )
        case = Case("membership", membership.id, NOT_ENROLLED, text)
        await suspense.open_cases(self.connection, [case], self.now)
