"""The items of a bill as a rule counts them, in words: those that are alike in one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from connector.cli.letters.language import Language

Told = Mapping[str, Any]


def lines(rule: Told, rates: Told, language: Language) -> Iterator[str]:
    """Yield what counts, what does not and why, and what it comes to."""
    groups: dict[tuple[bool, str, str, str], list[Told]] = {}
    for item in rule.get("items") or []:
        alike = (bool(item.get("counted")), str(item.get("type")), str(item.get("why")), str(item.get("currency")))
        groups.setdefault(alike, []).append(item)
    amount, currency = Fraction(0), str(rule.get("currency", ""))
    for (counted, kind, why, paid), items in sorted(groups.items(), key=lambda group: not group[0][0]):
        worth = sum((Fraction(each["amount"]) for each in items), Fraction(0))
        rate = rates.get(f"{paid}→{currency}") if counted and paid != currency else None
        amount += worth * Fraction(rate or 1) if counted else 0
        text = _item(language.types[kind], items, _amount(worth, paid, rate, currency, language), language)
        verdict = language.verdicts[why]
        yield language.say("counts", item=text) if counted else language.say("counts_not", item=text, why=verdict)
    if "base" in rule:
        yield language.say(str(rule.get("amount", "gross")), amount=language.money(Fraction(rule["base"]), currency))
        if amount < 0:
            yield language.say("below_nothing")


def _item(kind: str, items: Sequence[Told], amount: str, language: Language) -> str:
    if len(items) == 1:
        return language.say("item", type=kind, amount=amount)
    return language.say("items", type=kind, count=str(len(items)), amount=amount)


def _amount(worth: Fraction, paid: str, rate: str | None, currency: str, language: Language) -> str:
    if rate is None:
        return language.money(worth, paid)
    exchanged = language.money(worth * Fraction(rate), currency)
    return f"{language.money(worth, paid)} × {language.number(Fraction(rate), 8)} = {exchanged}"
