"""The explanation of a decision, as plain JSON: enough to compute the miles again by hand.

Amounts and fractions are strings. It names accounts by their Mews ids and member numbers masked, nobody by
name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from connector.domain.caps import Cap
from connector.domain.conditions import WEEKDAYS, Facts
from connector.domain.contract import Contract
from connector.domain.earning import Applied, Sum, Value
from connector.domain.factors import EVER_AFTER, EVER_BEFORE
from connector.domain.folio import Entry
from connector.domain.money import plain, told
from connector.domain.numbers import mask
from connector.domain.offers import OptIn
from connector.domain.rules import Rule
from connector.domain.seat import Seat
from connector.domain.shares import Shares
from connector.domain.stays import Stay

Explanation = dict[str, object]


def of_case(stay: Stay, contract: Contract, now: datetime, *, revision: bool) -> Explanation:
    """Say what is decided, and when."""
    return {
        "partner": contract.name,
        "contract": contract.fingerprint(),
        "reservation": stay.reservation.id,
        "property": stay.property.table,
        "decided": now.isoformat(),
        "revision": revision,
    }


def of_parts(facts: Facts) -> list[Explanation]:
    """Say of which reservations the stay is made."""
    return [
        {"reservation": part.stay.reservation.id, "departure": part.departure.isoformat(), "nights": part.nights}
        for part in facts.parts
    ]


def of_membership(seat: Seat) -> Explanation:
    """Say which membership earns."""
    return {"id": seat.membership_id, "number": mask(seat.number), "warning": seat.warning}


def of_objections(rules: Iterable[tuple[Rule, Mapping[str, str]]]) -> list[Explanation]:
    """Say which rules stand, before anything is counted."""
    return [{"name": rule.name, "applies": not against, "against": dict(against)} for rule, against in rules]


def of_hold(contract: Contract, counted: Iterable[Entry], end: datetime | None) -> Explanation:
    """Say for what the stay waits or waited."""
    states = {entry.item.id: entry.item.state for entry in counted}
    return {"kind": contract.hold.kind, "ended": None if end is None else end.isoformat(), "counting": states}


def of_rule(applied: Applied) -> Explanation:
    """Say what one rule counted and gives: miles = quantity × miles each + bonus."""
    rule = applied.rule
    return {
        "name": rule.name,
        "fingerprint": rule.fingerprint(),
        "applies": not applied.against,
        "against": dict(applied.against),
        "basis": rule.basis,
        "amount": rule.amount,
        "currency": applied.currency,
        "items": [_entry(entry, rule.amount) for entry in applied.entries],
        "base": plain(applied.base),
        "per": plain(rule.per),
        "quantity": told(applied.quantity),
        "weekdays": [day for day in WEEKDAYS if day in rule.weekdays],
        "miles_each": plain(rule.miles),
        "bonus": rule.bonus,
        "miles": told(applied.miles),
        **({"offer_code": rule.offer_code} if rule.offer_code else {}),
        **({"offer": rule.offer} if rule.offer else {}),
        **_factors(applied),
        **(_steps(applied) if rule.basis == "spend" and rule.tiers else {}),
    }


def _factors(applied: Applied) -> Explanation:
    """Say which factors the rule has and which of them hold; a rule without any says nothing."""
    rule, found = applied.rule, applied.factors
    bonus = {"tier": found.code, "factor": plain(found.tier)}
    dated = [
        {
            "from": None if first == EVER_BEFORE else first.isoformat(),
            "to": None if last == EVER_AFTER else last.isoformat(),
            "factor": plain(factor),
        }
        for first, last, factor in found.dated
    ]
    return ({"tier_bonus": bonus} if rule.tier_bonus else {}) | ({"multipliers": dated} if rule.multipliers else {})


def _steps(applied: Applied) -> Explanation:
    """Say how the money lies in the steps, and what lies beyond the last one; they take the place of "per"."""
    beyond = applied.base - sum((each.amount for each in applied.steps), Decimal(0))
    steps = [{"amount": plain(each.amount), "per": plain(each.per)} for each in applied.steps]
    return {"per": None, "steps": steps, "beyond": plain(beyond)}


def of_sum(result: Sum) -> Explanation:
    """Say how the miles of the rules became the miles of the stay."""
    caps = [_cap(each) for each in result.caps]
    others = {each.span: each.given for each in result.caps if each.span != "stay"}
    return {
        "sum": told(result.exact),
        "floor": result.floor,
        "cap": caps[0] if caps else None,
        "miles": result.miles,
        **({"others": others} if others else {}),
    }


def _cap(cap: Cap) -> Explanation:
    """Say how much of a cap is left: its miles less those of other stays."""
    over = cap.rule.over_cap
    shared = {"per": cap.span, "others": cap.given} if cap.span != "stay" else {}
    return {"rule": cap.rule.name, "miles": cap.most, "over_cap": over, **shared}


def of_shares(found: Shares) -> Explanation:
    """Say under which offer codes the miles are issued; nothing where all are under the partner's own."""
    return {"shares": [{"offer_code": code, "miles": miles} for code, miles in found]} if found else {}


def of_opt_ins(found: Mapping[str, OptIn], left: datetime) -> Explanation:
    """Say what the partner said of opt-ins, and until when they count; nothing where none was asked for."""
    opt_ins = [
        {"offer": offer, "opted_in": told.opted_in, "at": None if told.at is None else told.at.isoformat()}
        for offer, told in sorted(found.items())
    ]
    return {"opt_ins": opt_ins, "check_out": left.isoformat()} if opt_ins else {}


def of_value(value: Value) -> Explanation:
    """Say what the counted items are worth."""
    taxes = {code: plain(amount) for code, amount in value.taxes}
    return {"currency": value.currency, "net": plain(value.net), "gross": plain(value.gross), "taxes": taxes}


def of_rates(rates: Mapping[tuple[str, str], Decimal]) -> dict[str, str]:
    """Say which exchange rates were used."""
    return {f"{source}→{target}": plain(rate) for (source, target), rate in sorted(rates.items())}


def _entry(entry: Entry, measure: str) -> Explanation:
    item = entry.item
    return {
        "id": item.id,
        "type": item.type,
        "state": item.state,
        "counted": entry.counts,
        "why": entry.why.value,
        "amount": plain(entry.amount(measure)),
        "currency": item.currency,
        "lowers": item.lowers_id,
    }
