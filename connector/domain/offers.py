"""Rules that belong to an offer: they apply where the member opted in to it not later than the check-out.

What a partner says of a member is asked for when nothing else stands against an award, and fixed with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.domain.rules import Rule
from connector.domain.ruling import Ruling, suspended, waiting

Objected = Sequence[tuple[Rule, dict[str, str]]]  # each rule with what stands against it


@dataclass(frozen=True, slots=True)
class OptIn:
    """What a partner said of a member and an offer; ``at`` is when the member opted in (None: it is not told)."""

    opted_in: bool
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why a partner did not say it; ``passing``: it may say it later, without a person's help."""

    text: str
    passing: bool


_NOT_READ = Unclear("whether the member opted in to an offer is not read yet", passing=True)

Answers = Mapping[str, OptIn | Unclear]  # by offer
Told = Mapping[str, Answers]  # by canonical member number


@dataclass(frozen=True, slots=True)
class Ask:
    """What a decision waits for: whether a member (a canonical number) opted in to some offers."""

    number: str = field(repr=False)
    offers: frozenset[str]


def wanted(rules: Objected) -> frozenset[str]:
    """Return the offers on which rules depend that would apply otherwise."""
    return frozenset(rule.offer for rule, against in rules if rule.offer and not against)


def unknown(asked: Iterable[str], told: Answers, timeout: datetime, now: datetime) -> Ruling | None:
    """Return why it is not known yet whether the member opted in to what is ``asked`` about; None where it is.

    What may still be said is waited for until ``timeout``; after that, and for what was not said, a person is asked.
    """
    unclear = [each for offer in sorted(asked) if isinstance(each := told.get(offer, _NOT_READ), Unclear)]
    if lasting := [each.text for each in unclear if not each.passing]:
        return suspended("offer_unclear", "; ".join(lasting))
    if not unclear:
        return None
    if now >= timeout:
        return suspended("offer_not_read", unclear[0].text)
    return waiting("offer_not_read", unclear[0].text, now)


def known(asked: Iterable[str], told: Answers) -> dict[str, OptIn]:
    """Return what was said of the offers that are asked about."""
    return {offer: found for offer in asked if isinstance(found := told.get(offer), OptIn)}


def judged(rules: Objected, known: Mapping[str, OptIn], left: datetime) -> list[tuple[Rule, dict[str, str]]]:
    """Return the rules with what the member's opt-ins say against them; ``left`` is the check-out.

    ``known`` has every offer that is ``wanted``.
    """
    return [(rule, against or _against(rule, known, left)) for rule, against in rules]


def _against(rule: Rule, known: Mapping[str, OptIn], left: datetime) -> dict[str, str]:
    against: dict[str, str] = {}
    found = known[rule.offer] if rule.offer else None
    if found and not found.opted_in:
        against = {"no_opt_in": f"the member has not opted in to offer {rule.offer}"}
    elif found and found.at and found.at > left:
        late = f"the member opted in to offer {rule.offer} on {_told(found.at)}, after the check-out on {_told(left)}"
        against = {"late_opt_in": late}
    return against


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
