"""The morning's list: arrivals whose guest has a number that cannot earn, or a question about who they are.

It knows what the connector reads: confirmed reservations with their owner, or the booker where a company owns them and
the contract says so. Companions are read when a stay has ended, so they are not in it; nor is a guest without a
membership, because nothing is wrong with that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain import matching, partner_numbers, seat
from connector.domain.earners import entitled
from connector.domain.ruling import Ruling, Status
from connector.domain.stays import Property
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.open_stays import OpenStay, open_stays
from connector.store import arrivals as store
from connector.store.suspense import Case

DAYS = 3
MOST = 500  # concerns that are told at once
_PAGE = 200
_QUESTIONS = [str(each) for each in (*matching.Doubt, *partner_numbers.Doubt)]
_ID_OF_ALL = ""


@dataclass(frozen=True, slots=True)
class Concern:
    """Something to clear up before a guest arrives; ``case`` is its number in suspense, where it has one."""

    arrives: datetime
    number: str
    reservation_id: str
    property: str
    guest_id: str
    partner: str
    text: str
    case: int | None = None


async def concerns(chain: Chain, partnerships: Sequence[Partnership], days: int = DAYS) -> list[Concern]:
    """Return what is to be cleared up about the arrivals of the next days, by arrival; ``MOST`` at most.

    ``arrives`` is the property's local time.
    """
    found: list[Concern] = []
    now = chain.clock.now()
    last, after = now + timedelta(days=days), (now, _ID_OF_ALL)
    while len(found) < MOST:
        async with chain.database.read() as connection:
            page = await store.arriving(connection, now, last, after, _PAGE)
            found += await _of(connection, [each for _, each in page], partnerships)
        if len(page) < _PAGE:
            break
        after = page[-1]
    return sorted(found, key=lambda each: (each.arrives.astimezone(UTC), each.number, each.partner))[:MOST]


async def _of(connection: AsyncConnection, ids: Sequence[str], partnerships: Sequence[Partnership]) -> list[Concern]:
    stays = await open_stays(connection, ids)
    guests = sorted({each.stay.holder.account_id for each in stays})
    asked = await store.questions(connection, guests, _QUESTIONS)
    return [concern for each in stays for concern in _about(each, partnerships, asked)]


def _about(
    each: OpenStay, partnerships: Sequence[Partnership], asked: Mapping[str, Sequence[tuple[int, Case]]]
) -> Iterator[Concern]:
    reservation, place = each.stay.reservation, each.stay.property
    plain = Concern(
        arrives=_local(reservation.scheduled_start, place),
        number=reservation.number,
        reservation_id=reservation.id,
        property=place.name,
        guest_id=each.stay.holder.account_id,
        partner="",
        text="",
    )
    for partnership in partnerships:
        for guest, text in _numbers(each, partnership):
            yield replace(plain, guest_id=guest, partner=partnership.name, text=text)
    for number, case in asked.get(plain.guest_id, ()):
        yield replace(plain, text=case.text, case=number)


def _numbers(each: OpenStay, partnership: Partnership) -> Iterator[tuple[str, str]]:
    """Yield whose membership would stop this stay at check-out, and why: the same judgement, made earlier."""
    for stay in entitled(each.stay, partnership.contract, each.others):
        taken = seat.take(stay, partnership.contract, _local(stay.reservation.scheduled_end, stay.property).date())
        if not isinstance(taken, Ruling):
            if taken.warning:
                yield stay.holder.account_id, f"member number: {taken.warning}"
        elif taken.status is Status.SUSPENDED:
            yield stay.holder.account_id, taken.text


def _local(moment: datetime, place: Property) -> datetime:
    return moment.astimezone(ZoneInfo(place.time_zone))


def mail(found: Sequence[Concern], days: int = DAYS) -> tuple[str, str]:
    """Return subject and body of the mail to the reception: ids and masked numbers, no names."""
    if not found:
        return "Arrivals: nothing to clear up", f"Nothing is open about the arrivals of the next {days} days.\n"
    subject = f"Arrivals: {len(found)} to clear up"
    lines = [f"Please clear these up before check-in; the arrivals of the next {days} days were looked at."]
    for each in found:
        partner = f" [{each.partner}]" if each.partner else ""
        case = f" (case {each.case})" if each.case else ""
        lines.append(
            f"{each.arrives:%Y-%m-%d %H:%M} {each.property}, reservation {each.number}{partner}: {each.text}{case}"
        )
    return subject, "\n\n".join(lines) + "\n"
