"""An explanation of a decision as lines for a person, with arithmetic that a pocket calculator can follow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import prod
from typing import Any

from connector.domain.folio import Why

Told = Mapping[str, Any]

_ID = re.compile(r"[0-9A-Za-z_-]{8,}", re.ASCII)

WHY: Mapping[str, str] = {
    Why.LISTED: "counts",
    Why.FOLLOWS: "counts, as the item does that it lowers",
    Why.INACTIVE: "counts with nothing: it is inactive",
    Why.CANCELED: "does not count: it is canceled",
    Why.BOOKKEEPING: "does not count: it only moves an allowance",
    Why.NOT_LISTED: "does not count: the rule does not list its type",
    Why.EXCLUDED: "does not count: the rule excludes its type",
    Why.LOWERS_UNCOUNTED: "does not count: it lowers an item that does not",
    Why.LOWERS_MISSING: "does not count: it lowers an item that is not on this stay",
    Why.CYCLE: "does not count: it lowers itself in a circle",
    Why.CATEGORY: "does not count: the rule does not take its accounting category",
    Why.SERVICE: "does not count: the rule does not take its service",
    Why.REVENUE: "does not count: the rule does not take its revenue type",
    Why.OTHER_PAYER: "does not count: it is on the bill of another payer",
    Why.OTHER_PART: "does not count: the rule does not take its reservation",
}
_RULE = frozenset(
    [
        "name",
        "fingerprint",
        "applies",
        "against",
        "basis",
        "amount",
        "currency",
        "items",
        "base",
        "per",
        "steps",
        "beyond",
        "quantity",
        "weekdays",
        "offer_code",
        "miles_each",
        "tier_bonus",
        "multipliers",
        "bonus",
        "miles",
    ]
)
_WHOLE = frozenset(
    [
        "partner",
        "contract",
        "reservation",
        "property",
        "decided",
        "revision",
        "arrival",
        "departure",
        "nights",
        "parts",
        "hold",
        "rules",
        "membership",
        "opt_ins",
        "check_out",
        "arithmetic",
        "shares",
        "rates",
        "value",
    ]
)


def lines(told: Told) -> Iterator[str]:
    """Yield the lines of an explanation; what later versions add to it is told by its own name."""
    if departure := told.get("departure"):
        yield f"departed {departure} after {told.get('nights', 0)} nights, {told.get('property', '')}"
    if parts := told.get("parts"):
        several = (f"{part['reservation']} ({part['nights']} nights, departed {part['departure']})" for part in parts)
        yield f"one stay of {', '.join(several)}"
    if hold := told.get("hold"):
        yield _hold(hold)
    if membership := told.get("membership"):
        warning = f" ({membership['warning']})" if membership.get("warning") else ""
        yield f"credited to {membership['number']}{warning}"
    for opt_in in told.get("opt_ins", []):
        yield f"offer {opt_in['offer']}: {_opted_in(opt_in)}; check-out {_minute(told['check_out'])}"
    for rule in told.get("rules", []):
        yield from _rule(rule, told.get("rates", {}))
    if total := told.get("arithmetic"):
        yield _total(total)
    if shares := told.get("shares"):
        yield "; ".join(f"{each['miles']} miles under {_offer(each['offer_code'])}" for each in shares)
    yield from _others(told, _WHOLE)


def named(text: str, labels: Mapping[str, str]) -> str:
    """Write names for the ids of rates, segments and the like."""
    return _ID.sub(lambda found: f'"{labels[found[0]]}"' if found[0] in labels else found[0], text)


def _opted_in(told: Told) -> str:
    if not told["opted_in"]:
        return "not opted in"
    return f"opted in {_minute(told['at'])}" if told["at"] else "opted in, at a time that is not told"


def _minute(moment: str) -> str:
    return f"{moment[:16].replace('T', ' ')}Z"


def _hold(hold: Told) -> str:
    ended = f"ended {_minute(str(hold['ended']))}" if hold.get("ended") else "not ended yet"
    still_open = sum(state == "Open" for state in hold.get("counting", {}).values())
    return f"hold {hold['kind']}: {ended}" + (f", {still_open} counting items are open" if still_open else "")


def _rule(rule: Told, rates: Told) -> Iterator[str]:
    name = rule["name"] or rule.get("basis", "rule")
    items = [f"  {_item(each, rule, rates)}" for each in rule.get("items", [])]
    if not rule["applies"]:
        yield f"rule {name}: does not apply: {', '.join(rule['against'].values())}"
    elif "quantity" not in rule:
        yield f"rule {name}: applies"
    else:
        yield f"rule {name}: {_sum(rule)}"
        yield from items
        if rule["basis"] == "spend":
            yield f"  together {rule['currency']} {_money(rule['base'])} {rule['amount']}{_floored(rule, rates)}"
    yield from (f"  {each}" for each in _others(rule, _RULE))


def _sum(rule: Told) -> str:
    """Return how the quantity becomes miles; factors that are told by themselves make the result another."""
    units = f"{rule['quantity']} {rule['basis']}{'' if rule['quantity'] == '1' else 's'}{_on(rule)}"
    of = f"{_spent(rule)} = {_number(rule['quantity'])}" if rule["basis"] == "spend" else units
    bonus = f" + {rule['bonus']}" if rule["bonus"] else ""
    factors = [*_factors(rule)]
    each = prod((Fraction(factor) for factor, _ in factors), start=Fraction(rule["miles_each"]))
    gives = Fraction(rule["quantity"]) * each + Fraction(rule["bonus"])
    times = "".join(f" × {factor} ({why})" for factor, why in factors)
    further = "" if gives == Fraction(rule["miles"]) else ", with what is told below"
    under = f" under offer code {rule['offer_code']}" if rule.get("offer_code") else ""
    return f"{of}; × {rule['miles_each']}{times}{bonus}{further} = {_number(rule['miles'])} miles{under}"


def _factors(rule: Told) -> Iterator[tuple[str, str]]:
    """Yield the factors of a rule's miles, each with its reason."""
    if bonus := rule.get("tier_bonus"):
        yield bonus["factor"], f"tier {bonus['tier']}" if bonus["tier"] else "without a tier"
    for each in rule.get("multipliers", []):
        yield each["factor"], " ".join(["departed", *(f"{end} {each[end]}" for end in ("from", "to") if each[end])])


def _spent(rule: Told) -> str:
    """Return how the money becomes units; in steps where the rule has them."""
    if rule.get("steps") is None:
        return f"{rule['currency']} {_money(rule['base'])} ÷ {rule['per']}"
    steps = " + ".join(f"{rule['currency']} {_money(each['amount'])} ÷ {each['per']}" for each in rule["steps"])
    rest = (
        f" (and {rule['currency']} {_money(rule['beyond'])} beyond the last step)" if Fraction(rule["beyond"]) else ""
    )
    return (steps or f"{rule['currency']} {_money(rule['base'])}") + rest


def _on(rule: Told) -> str:
    days = ", ".join(rule.get("weekdays", []))
    return f" on {days}" if days and rule["basis"] == "night" else ""


def _floored(rule: Told, rates: Told) -> str:
    found = [_in_currency(each, rule["currency"], rates) for each in rule["items"] if each["counted"]]
    total = sum((each for each in found if each is not None), Fraction(0))
    return " (less than nothing counts as nothing)" if None not in found and total < 0 else ""


def _in_currency(item: Told, currency: str, rates: Told) -> Fraction | None:
    amount = Fraction(item["amount"])
    if item["currency"] == currency or not amount:
        return amount
    rate = rates.get(f"{item['currency']}→{currency}")
    return None if rate is None else amount * Fraction(rate)


def _item(item: Told, rule: Told, rates: Told) -> str:
    rate = rates.get(f"{item['currency']}→{rule['currency']}") if item["counted"] else None
    worth = _in_currency(item, rule["currency"], rates)
    exchanged = f" × {rate} = {rule['currency']} {_number(str(worth))}" if rate and worth is not None else ""
    verdict = WHY.get(item["why"], f"{'counts' if item['counted'] else 'does not count'}: {_spelt(item['why'])}")
    return f"{item['type']:16} {item['currency']} {_money(item['amount']):>10}{exchanged}  {verdict}"


def _total(total: Told) -> str:
    cap = total.get("cap")
    others = "".join(f"; other stays of the {span}: {miles}" for span, miles in total.get("others", {}).items())
    whole = f"together {_number(total['sum'])}, rounded down: {total['floor']} miles{others}"
    if total["miles"] == total["floor"]:
        return whole
    return f"{whole}; {_capped(cap) if cap else 'with what is told below'}: {total['miles']} miles"


def _offer(code: str) -> str:
    return f"offer code {code}" if code else "the partner's own offer code"


def _capped(cap: Told) -> str:
    what = "more is refused" if cap["over_cap"] == "refuse" else "more is cut"
    span = f" a {cap['per']}" if cap.get("per", "stay") != "stay" else ""
    return f"at most {cap['miles']}{span} by rule {cap['rule'] or 'without a name'}, {what}"


def _money(text: str) -> str:
    """Write an exact amount as people do: not with a single decimal."""
    return re.sub(r"\.\d$", r"\g<0>0", text)


def _number(text: str) -> str:
    """Write an exact number; a fraction also as decimals."""
    value = Fraction(text)
    return text if "/" not in text else f"{text} (about {float(value):.4f})"


def _others(told: Told, known: frozenset[str]) -> Iterator[str]:
    for name, value in told.items():
        if name not in known and value not in (None, "", [], {}):
            yield f"{_spelt(name)}: {_plain(value)}"


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{_spelt(str(name))} {_plain(each)}" for name, each in value.items())
    if isinstance(value, list):
        return "; ".join(_plain(each) for each in value)
    return str(value)


def _spelt(code: str) -> str:
    return code.replace("_", " ")
