"""What members are given at a partner while a transaction decides: as the ledger has it, and what was decided since."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Award
from connector.domain.caps import Given, counts_others
from connector.domain.contract import Contract
from connector.domain.decision import Decision, Frozen, Status
from connector.domain.numbers import check
from connector.domain.stays import Membership
from connector.jobs.contracts import Partnership
from connector.jobs.open_stays import OpenStay
from connector.store import given


@dataclass(frozen=True, slots=True)
class Tally:
    """Departure and miles by member number and award."""

    awards: dict[str, dict[str, tuple[date, int]]] = field(default_factory=dict)

    async def read(
        self,
        connection: AsyncConnection,
        partnership: Partnership,
        batch: Iterable[OpenStay],
        awards: Collection[tuple[Award, Frozen]],
    ) -> None:
        """Take in what the ledger gives the members of a batch, where a cap of their rules asks for it."""
        terms = partnership.contract
        present = terms.fingerprint()
        earlier = any(frozen.fingerprint != present for _, frozen in awards)  # those rules may have caps
        if not counts_others(terms.rules) and not earlier:
            return
        numbers = {award.member_number for award, _ in awards if award.member_number} | set(_numbers(batch, terms))
        live = partnership.mode == "live"
        for number, award, departure, miles in await given.given(connection, terms.name, numbers, live=live):
            self.take(number, award, departure, miles)

    def note(self, award: Award, before: Award | None = None) -> None:
        """Take in what an award gives from now on; ``before`` is what it was."""
        if before is not None:
            self.awards.get(before.member_number, {}).pop(before.id, None)
        self.take(award.member_number, award.id, award.departure, award.miles)

    def take(self, number: str, award: str, departure: date, miles: int) -> None:
        """Take in what a member is given by an award."""
        self.awards.setdefault(number, {})[award] = (departure, miles)

    def draft(self) -> Tally:
        """Return a copy in which the stays of one cluster are counted as they are decided, before their awards are."""
        return Tally({number: dict(awards) for number, awards in self.awards.items()})

    def expect(self, award: Award | None, reservation_id: str, decision: Decision) -> None:
        """Count what a stay is to give, in place of its award; until that is known, the award counts on."""
        earned = decision.award
        if award is not None and decision.status in {Status.AWARDED, Status.EXCLUDED}:
            self.awards.get(award.member_number, {}).pop(award.id, None)
        if earned is not None:
            self.take(earned.member_number, reservation_id, earned.departure, earned.miles)

    def beside(self, award: Award | None) -> Given:
        """Return what is given by all awards but this one."""
        return Given(self.awards, award.id if award else "")


def _numbers(batch: Iterable[OpenStay], terms: Contract) -> Iterator[str]:
    """Yield every number to which the stays may be credited."""
    for each in batch:
        for held in _held(each):
            number = held.number if held.program_code == terms.program_code else None
            found = check(terms.number_scheme, number, terms.number_check, accounts=terms.accounts)
            if found.number is not None:
                yield found.number


def _held(each: OpenStay) -> Iterator[Membership]:
    yield from each.stay.memberships
    for person in (each.others.booker, *each.others.companions):
        yield from person.memberships if person else ()
