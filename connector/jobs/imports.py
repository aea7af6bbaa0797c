"""Stays for which somebody else gave a partner's miles, as before this connector came: they earn nothing here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.corrections import standing
from connector.domain.ledger import UNSENT, State
from connector.domain.numbers import without_payment_cards
from connector.jobs.contracts import partner_called
from connector.jobs.runner import Runner
from connector.store import elsewhere, ledger, stays
from connector.store.resolutions import Signature

_NOT_SENT = UNSENT | {State.SHADOW, State.TEST}


@dataclass(frozen=True, slots=True)
class Credited:
    """One line of a file: a stay by its number, id or channel number, and the miles that were given, if it says so."""

    line: int
    reservation: str
    miles: int | None = None


@dataclass(slots=True)
class Imported:
    """How many stays are marked now and how many were before; of each line that was not taken a sentence."""

    marked: int = 0
    before: int = 0
    refused: list[str] = field(default_factory=list)


async def import_credits(runner: Runner, partner: str, lines: Sequence[Credited], signature: Signature) -> Imported:
    """Mark stays as credited elsewhere; an award of ours that is not sent yet is taken back by the next decision.

    A line that names no stay, several, or one whose miles were sent from here is not taken. Raises Misconfigured for
    a partner that is none.
    """
    partnership = partner_called(partner, runner.partnerships)
    # in the turn of the job, nobody decides a stay meanwhile
    async with runner.turn("stays"), runner.chain.database.write() as connection:
        found, imported = await _found(connection, lines)
        known = await elsewhere.partners_of(connection, list(found))
        sent = await _sent_by_us(connection, partnership.name, list(found))
        imported.refused += [_sent(line, partnership.name) for each, line in found.items() if each in sent]
        new = [each for each in found if each not in sent and partnership.name not in known.get(each, ())]
        imported.marked, imported.before = len(new), len(found) - len(sent) - len(new)
        await elsewhere.mark(connection, partnership.name, {each: found[each].miles for each in new}, signature)
    return imported


async def _found(connection: AsyncConnection, lines: Sequence[Credited]) -> tuple[dict[str, Credited], Imported]:
    """Return the lines by reservation, and what became of those that name none or several."""
    found: dict[str, Credited] = {}
    imported = Imported()
    named = await stays.find_each(connection, [each.reservation for each in lines])
    for each in lines:
        ids = named.get(each.reservation, [])
        if len(ids) == 1:
            found.setdefault(ids[0], each)
            continue
        why = f"names {len(ids)} reservations; expected the id of one" if ids else "is no reservation that was read"
        imported.refused.append(f"line {each.line}: {without_payment_cards(each.reservation)!r} {why}")
    return found, imported


async def _sent_by_us(connection: AsyncConnection, partner: str, reservation_ids: Sequence[str]) -> set[str]:
    awards = await ledger.awards_of(connection, partner, reservation_ids)
    messages = await ledger.messages_of(connection, [award.id for award, _ in awards.values()])
    return {
        reservation_id
        for (reservation_id, _), (award, _) in awards.items()
        if any(each.state not in _NOT_SENT for each in standing(messages.get(award.id, [])))
    }


def _sent(credited: Credited, partner: str) -> str:
    return f"line {credited.line}: {credited.reservation!r} was sent to {partner} from here"
