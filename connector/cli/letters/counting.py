"""How the miles of a stay came about, in words: rules, rounding and caps.

Explanations of older decisions lack what later versions tell, and those hold what is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from connector.cli.letters import items
from connector.cli.letters.language import Forms, Language

Told = Mapping[str, Any]

_BASES = frozenset({"spend", "night", "stay", "visit"})


def lines(told: Told, language: Language, unit: Forms) -> Iterator[str]:
    """Yield the lines of a count; none where nothing was counted."""
    rules = told.get("rules") or []
    applied = [each for each in rules if each.get("applies") and "quantity" in each]
    for rule in applied:
        if len(applied) > 1 and rule.get("name"):
            yield language.say("rule", name=rule["name"])
        yield from _rule(rule, told.get("rates") or {}, language, unit)
    if applied:
        yield from dict.fromkeys(_objection(each, language) for each in rules if not each.get("applies"))
    if total := told.get("arithmetic"):
        yield from _total(total, len(applied), language, unit)


def objections(rules: Sequence[Told], language: Language) -> list[str]:
    """Return what stands against rules, each sentence once."""
    codes = dict.fromkeys(code for rule in rules for code in rule.get("against") or ())
    return list(dict.fromkeys(language.typeset(language.conditions[code]) for code in codes))


def _objection(rule: Told, language: Language) -> str:
    why = " ".join(objections([rule], language))
    name = rule.get("name")
    return language.say("not_by", name=name, why=why) if name else language.say("not_by_one", why=why)


def _rule(rule: Told, rates: Told, language: Language, unit: Forms) -> Iterator[str]:
    basis = str(rule.get("basis", ""))
    if basis == "spend":
        yield from items.lines(rule, rates, language)
    miles, bonus = Fraction(rule.get("miles", 0)), Fraction(rule.get("bonus") or 0)
    quantity, each = Fraction(rule["quantity"]), Fraction(rule.get("miles_each", 1))
    is_whole = quantity * each + bonus == miles
    result = language.counted(miles, unit)
    yield language.say(
        basis if basis in _BASES else "other_basis",
        each=language.counted(each, unit),
        per=language.money(Fraction(rule.get("per", 1)), str(rule.get("currency", ""))),
        nights=language.counted(quantity, language.nights),
        miles=f"{_sum(rule, each, bonus, language)} = {result}" if is_whole and basis in {"spend", "night"} else result,
    )
    if bonus:
        yield language.say("bonus", miles=language.counted(bonus, unit))
    if not is_whole:
        yield language.say("further")


def _sum(rule: Told, each: Fraction, bonus: Fraction, language: Language) -> str:
    """Return the arithmetic of a rule, for a pocket calculator."""
    further = f" × {language.number(each, 6)}" + (f" + {language.number(bonus)}" if bonus else "")
    if rule["basis"] != "spend":
        return language.number(Fraction(rule["quantity"])) + further
    currency = str(rule.get("currency", ""))
    base, per = (language.money(Fraction(rule.get(name, 1)), currency) for name in ("base", "per"))
    return f"{base} ÷ {per}{further}"


def _total(total: Told, rules: int, language: Language, unit: Forms) -> Iterator[str]:
    exact, floor, miles = (Fraction(total[name]) for name in ("sum", "floor", "miles"))
    if rules > 1:
        yield language.say("together", miles=language.counted(exact, unit))
    if exact != floor:
        yield language.say("rounded", unit=unit[1], miles=language.counted(floor, unit))
    if miles != floor:
        cap, result = total.get("cap"), language.counted(miles, unit)
        if cap and floor > cap["miles"] >= miles:
            yield language.say("capped", most=language.counted(Fraction(cap["miles"]), unit), miles=result)
        else:
            yield language.say("limited", miles=result)
