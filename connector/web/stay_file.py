"""Everything that is known about one stay, or about an award without one: decisions, reckoning, messages, cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connector.bootstrap import App
from connector.domain import wording
from connector.domain.calendar import arrival, departure
from connector.domain.claims import CLAIMABLE
from connector.domain.stays import Property, Reservation
from connector.store import account, decisions, names, stays, suspense
from connector.store.account import Account
from connector.store.decisions import Kept
from connector.store.suspense import OpenCase


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a reckoning; one of a sum's items lies below it."""

    text: str
    is_item: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided for a partner, how that came about, and the awards that it led to."""

    kept: Kept
    text: str
    lines: tuple[Line, ...]
    awards: tuple[Account, ...]

    @property
    def is_claimable(self) -> bool:
        """Tell whether a claim could mend it: all that the stay lacked was a number."""
        return self.kept.reason in CLAIMABLE and not self.awards


@dataclass(frozen=True, slots=True)
class StayFile:
    """A reservation with all that is known about it."""

    reservation: Reservation
    place: Property
    verdicts: tuple[Verdict, ...]
    cases: tuple[OpenCase, ...]

    @property
    def days(self) -> str:
        """From when to when, by the property's calendar."""
        return f"{arrival(self.reservation, self.place)} – {departure(self.reservation, self.place)}"


async def stay_file(app: App, reservation_id: str) -> StayFile | None:
    """Return what is known about a reservation, None when it is unknown."""
    async with app.database.read() as connection:
        found = await stays.reservations(connection, [reservation_id])
        if not found:
            return None
        places = await stays.properties(connection)
        kept = await decisions.of(connection, reservation_id)
        awards = await account.accounts(connection, reservation_id)
        labels = await names.labels(connection)
        cases = await suspense.about(connection, _subjects(reservation_id, awards))
    verdicts = [_verdict(each, awards, labels) for each in sorted(kept, key=lambda one: one.status != "awarded")]
    return StayFile(found[0], places[found[0].property_id], tuple(verdicts), tuple(cases))


def _subjects(reservation_id: str, awards: Sequence[Account]) -> list[tuple[str, str]]:
    """Return what cases about a stay are about: it, and its messages."""
    keys = [message.key for each in awards for message in each.messages]
    return [("reservation", reservation_id), ("companions", reservation_id), *(("message", key) for key in keys)]


def _verdict(kept: Kept, awards: Sequence[Account], labels: Mapping[str, str]) -> Verdict:
    lines = (wording.named(each, labels) for each in wording.lines(kept.explanation))
    return Verdict(
        kept=kept,
        text=wording.named(kept.text, labels),
        lines=tuple(Line(each.lstrip(), each.startswith("  ")) for each in lines),
        awards=tuple(each for each in awards if each.partner == kept.partner),
    )
