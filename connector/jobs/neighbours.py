"""What lies beside the stays that are to be decided: they are decided together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.contract import Contract
from connector.domain.earners import entitled
from connector.jobs.open_stays import OpenStay, open_stays
from connector.store import neighbours as store


async def neighbours(
    connection: AsyncConnection, contract: Contract, batch: Sequence[OpenStay], awarded: Collection[str]
) -> list[OpenStay]:
    """Return what may lie beside the stays of the batch, and what lies beside that, and so on.

    Only for people with a membership at the partner, and for the ``awarded`` reservations: the profiles of companies,
    of agencies and of walk-in guests own thousands of reservations side by side.
    """
    search = _Search(connection, contract, {each.stay.reservation.id for each in batch})
    found: list[OpenStay] = []
    frontier = [each for each in batch if each.stay.reservation.id in awarded or _is_member(each, contract)]
    while frontier:
        frontier = await search.beside(frontier)
        found += frontier
    return found


@dataclass(frozen=True, slots=True)
class _Search:
    connection: AsyncConnection
    contract: Contract
    known: set[str]

    async def beside(self, frontier: Sequence[OpenStay]) -> list[OpenStay]:
        """Return what is not known yet and lies beside these, or is tied to one of their awards."""
        near = await store.around(self.connection, [each.stay.reservation for each in frontier])
        tied = await store.tied(self.connection, self.contract.name, [each.stay.reservation.id for each in frontier])
        new = sorted((near.keys() | tied) - self.known)
        self.known.update(new)
        people = {account for each in frontier for account in _people(each, self.contract)}
        opened = await open_stays(self.connection, new) if new else []
        half = await store.incomplete(self.connection, new)
        return [
            _beside(each, seen=near.get(each.stay.reservation.id, True), half=each.stay.reservation.id in half)
            for each in opened
            if each.stay.reservation.id in tied or people & _people(each, self.contract)
        ]


def _beside(each: OpenStay, *, seen: bool, half: bool) -> OpenStay:
    unreadable = each.unreadable or ("its order items are not read yet" if half else "")
    return replace(each, seen=seen, unreadable=unreadable)


def _people(each: OpenStay, contract: Contract) -> set[str]:
    return {stay.holder.account_id for stay in entitled(each.stay, contract, each.others)}


def _is_member(each: OpenStay, contract: Contract) -> bool:
    sitting = entitled(each.stay, contract, each.others)
    return any(own.program_code == contract.program_code for stay in sitting for own in stay.memberships)
