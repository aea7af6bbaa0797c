"""Cases on the table: each becomes a stay as Mews would tell it, and is decided by the configured contracts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from connector.domain.contract import Contract
from connector.domain.decision import Decision, decide
from connector.domain.names import Directory, Kind, Named, resolved
from connector.domain.offers import OptIn
from connector.domain.stays import Bill, Holder, Membership, OrderItem, Property, Reservation, Stay
from connector.settings import Settings
from connector.settings.cases import Case, CaseItem

#: A number of each scheme that its partner's documentation prints as an example.
_SAMPLES = {"miles_and_more": "992003669288601", "air_miles": "80085102028"}
_CHECK_IN, _CHECK_OUT = time(15), time(11)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a case comes to at one partner."""

    case: str
    partner: str
    expected: int
    expected_reason: str | None
    decision: Decision

    @property
    def miles(self) -> int:
        """The miles that the contract gives."""
        return self.decision.award.miles if self.decision.award else 0

    @property
    def holds(self) -> bool:
        """Tell whether that is what was expected."""
        reason = self.expected_reason
        return self.miles == self.expected and reason in (None, self.decision.reason)


def verdicts(cases: Sequence[Case], contracts: Sequence[Contract], settings: Settings) -> Iterator[Verdict]:
    """Decide every case for each partner of which it expects something."""
    terms = {each.name: each for each in contracts}
    for case in cases:
        for partner, expected in case.miles.items():
            contract = resolved(terms[partner], Directory(_named(case)))
            stay = _stay(case, contract, settings.chain.time_zone)
            decision = decide(stay, contract, _now(case, contract, stay))
            if asks := decision.asks:
                opt_ins = {offer: OptIn(offer in map(str.lower, case.opted_in)) for offer in asks.offers}
                stay = replace(stay, opt_ins={asks.number: opt_ins})
                decision = decide(stay, contract, _now(case, contract, stay))
            yield Verdict(case.name, partner, expected, case.reason.get(partner), decision)


def _now(case: Case, contract: Contract, stay: Stay) -> datetime:
    """Return when the case is decided: on its day, else when a hold after check-out has passed."""
    if case.decided is not None:
        return _moment(case.decided, time(12), stay.property.time_zone)
    return stay.reservation.departed_at + contract.hold.wait + timedelta(hours=1)


def _stay(case: Case, contract: Contract, time_zone: str) -> Stay:
    place = Property(case.property, case.property, case.property, case.time_zone or time_zone, case.currency)
    start, end = (
        _moment(day, hour, place.time_zone) for day, hour in ((case.arrival, _CHECK_IN), (case.departure, _CHECK_OUT))
    )
    left = _moment(case.left or case.departure, _CHECK_OUT, place.time_zone)
    reservation = Reservation(
        id="case",
        number="case",
        property_id=place.id,
        service_id="case",
        state="Processed",
        account_id="case",
        account_type=case.owner,
        scheduled_start=start,
        scheduled_end=end,
        created=_moment(case.booked or case.arrival, time(0), place.time_zone),
        updated=left,
        actual_start=start,
        actual_end=left,
        rate_id=_rate(case),
        segment_id=case.segment,
        agency_id=case.agency,
        company_id=case.company,
        block_id=case.block,
        origin=case.origin,
    )
    return Stay(
        reservation=reservation,
        items=tuple(_item(each, number, case, left) for number, each in enumerate(case.items, start=1)),
        property=place,
        holder=Holder("case", frozenset(case.classifications)),
        memberships=tuple(_memberships(case, contract)),
        rates={(each.from_, each.to): each.rate for each in case.rates},
        source_id=case.source or "",
        bills={each.id: each for each in map(_bill, case.items)},
    )


def _rate(case: Case) -> str:
    return case.rate or "a rate"


def _named(case: Case) -> Iterator[Named]:
    """Yield the rate of the case with its group: a case calls things as the rules do, by names or ids."""
    yield Named(Kind.RATE, _rate(case), frozenset(), case.property, case.rate_group)
    if case.rate_group is not None:
        yield Named(Kind.RATE_GROUP, case.rate_group, frozenset(), case.property)


def _item(item: CaseItem, number: int, case: Case, left: datetime) -> OrderItem:
    some = next((each for each in (item.gross, item.net) if each is not None), Decimal(0))
    return OrderItem(
        id=item.id or f"item {number}",
        reservation_id="case",
        type=item.type,
        state=item.state,
        currency=item.currency or case.currency,
        net=some if item.net is None else item.net,
        gross=some if item.gross is None else item.gross,
        updated=left,
        revenue_type=item.revenue_type,
        category_id=item.category,
        service_id=item.service,
        consumed=left,
        closed=left if item.state == "Closed" else None,
        lowers_id=item.lowers,
        bill_id=_bill(item).id,
    )


def _bill(item: CaseItem) -> Bill:
    account = "case" if item.payer == "guest" else "other"
    return Bill(f"{account} {item.paid}", account, "Closed", "Receipt" if item.paid else "Invoice")


def _memberships(case: Case, contract: Contract) -> Iterator[Membership]:
    """Yield the guest's membership at the partner, and the one in the chain's own program that has the tier."""
    own = contract.tier_program
    if case.member:
        number = case.number or _SAMPLES[contract.number_scheme]
        yield Membership("partner", contract.program_code, number, "Enrolled", True, tier_code=case.tier)
    if case.tier is not None and own is not None and own != contract.program_code:
        yield Membership("own", own, "1", "Enrolled", False, tier_code=case.tier)


def _moment(day: date, hour: time, zone: str) -> datetime:
    return datetime.combine(day, hour, ZoneInfo(zone)).astimezone(UTC)
