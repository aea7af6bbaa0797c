"""The order items of one stay, and which of them count for a rule.

A rebate or an allowance discount follows the item that it lowers, through any number of rebates and whatever its
own accounting category, service and revenue type. Items on a canceled charge and allowance bookkeeping never count.
Item types: Mews ``orderItems/getAll``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from connector.domain.choice import ANYTHING, Choice
from connector.domain.money import Exchange
from connector.domain.ruling import Suspense
from connector.domain.stays import OrderItem

#: What a guest buys. Taxes, fees, surcharges, deposits and corrections earn only where a rule lists them.
PURCHASES = frozenset({"SpaceOrder", "ProductOrder", "CustomItem"})
BOOKKEEPING = frozenset({"AllowanceBreakage", "AllowanceContraBreakage", "AllowanceLoss", "AllowanceContraLoss"})
STATES = frozenset({"Open", "Closed", "Inactive", "Canceled"})


class Why(StrEnum):
    """Why an item counts (the first three) or does not."""

    LISTED = "listed"
    FOLLOWS = "follows_a_counted_item"
    INACTIVE = "inactive_counts_zero"
    CANCELED = "canceled"
    BOOKKEEPING = "allowance_bookkeeping"
    NOT_LISTED = "type_not_listed"
    EXCLUDED = "type_excluded"
    LOWERS_UNCOUNTED = "lowers_an_item_that_does_not_count"
    LOWERS_MISSING = "lowers_an_item_that_is_not_on_this_stay"
    CYCLE = "lowers_itself_in_a_circle"
    CATEGORY = "category_not_taken"
    SERVICE = "service_not_taken"
    REVENUE = "revenue_type_not_taken"
    OTHER_PAYER = "on_the_bill_of_another_payer"
    OTHER_PART = "of_a_reservation_that_the_rule_does_not_take"


_COUNTED = frozenset({Why.LISTED, Why.FOLLOWS, Why.INACTIVE})


@dataclass(frozen=True, slots=True)
class Kinds:
    """Which items a rule takes: of a type ``listed`` (none: the usual purchases) and not ``excluded``, and of an
    accounting category, service and revenue type that it takes.
    """

    listed: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    categories: Choice = ANYTHING
    services: Choice = ANYTHING
    revenue_types: Choice = ANYTHING

    def why(self, item: OrderItem) -> Why:
        """Judge an item by what it is itself."""
        if item.type in self.excluded:
            return Why.EXCLUDED
        if item.type not in (self.listed or PURCHASES):
            return Why.NOT_LISTED
        if not self.categories.takes(item.category_id):
            return Why.CATEGORY
        if not self.services.takes(item.service_id):
            return Why.SERVICE
        return Why.LISTED if self.revenue_types.takes(item.revenue_type) else Why.REVENUE


_ROOM = Kinds(listed=frozenset({"SpaceOrder"}))


class Entry(NamedTuple):
    """One item and why it counts or not."""

    item: OrderItem
    why: Why

    @property
    def counts(self) -> bool:
        """Tell whether the item is part of the base."""
        return self.why in _COUNTED

    def amount(self, measure: str) -> Decimal:
        """Return the item's gross or net amount in its own currency; what is Inactive is worth nothing."""
        if self.why is Why.INACTIVE:
            return Decimal(0)
        return self.item.gross if measure == "gross" else self.item.net

    @property
    def taxes(self) -> tuple[tuple[str, Decimal], ...]:
        """Return the taxes that count with the item, by Mews tax code."""
        return self.item.taxes if self.counts and self.why is not Why.INACTIVE else ()


@dataclass(frozen=True, slots=True)
class Folio:
    """All items of a stay, judged once per choice of kinds.

    ``foreign`` are the ids of items that somebody else pays, ``outside`` those of reservations that a rule does not
    take: they and what lowers them do not count.
    """

    items: tuple[OrderItem, ...]
    _judged: dict[Kinds, tuple[Entry, ...]]
    foreign: frozenset[str] = frozenset()
    outside: frozenset[str] = frozenset()

    @classmethod
    def of(cls, items: Iterable[OrderItem], foreign: frozenset[str] = frozenset()) -> Folio:
        """Open the folio; items stand in the order of their ids, so that explanations compare."""
        return cls(tuple(sorted(items, key=lambda item: item.id)), {}, foreign)

    @property
    def whoever_pays(self) -> Folio:
        """The same items as they count if it does not matter who pays."""
        return replace(self, _judged={}, foreign=frozenset()) if self.foreign else self

    def without(self, outside: frozenset[str]) -> Folio:
        """Return the same items as they count without some of them."""
        return replace(self, _judged={}, outside=outside) if outside else self

    def entries(self, kinds: Kinds) -> tuple[Entry, ...]:
        """Return every item with its verdict."""
        if kinds not in self._judged:
            whys = _judge(self.items, kinds, self.foreign, self.outside)
            self._judged[kinds] = tuple(Entry(item, whys[item.id]) for item in self.items)
        return self._judged[kinds]

    def counted(self, choices: Iterable[Kinds]) -> tuple[Entry, ...]:
        """Return the items that count under at least one of the choices, each once."""
        chosen = dict.fromkeys(choices)
        if len(chosen) == 1:
            return tuple([entry for kinds in chosen for entry in self.entries(kinds) if entry.counts])
        return counted_once(self.entries(kinds) for kinds in chosen)

    def room_is_charged(self) -> bool:
        """Tell whether the nights, less their rebates, come to more than nothing in some currency, whoever pays."""
        sums: dict[str, Decimal] = {}
        for entry in self.whoever_pays.entries(_ROOM):
            if entry.counts:
                sums[entry.item.currency] = sums.get(entry.item.currency, Decimal(0)) + entry.amount("gross")
        return any(amount > 0 for amount in sums.values())


def counted_once(choices: Iterable[Iterable[Entry]]) -> tuple[Entry, ...]:
    """Return the items that count in at least one of several judgements, each once, in the order of their ids."""
    found = {entry.item.id: entry for entries in choices for entry in entries if entry.counts}
    return tuple(found[identity] for identity in sorted(found))


def total(entries: Iterable[Entry], measure: str, currency: str, exchange: Exchange) -> Decimal:
    """Return the exact sum of what counts, in ``currency``; raise Suspense when it cannot be known."""
    amount = Decimal(0)
    for entry in entries:
        if entry.counts:
            amount += exchange.convert(_known(entry).amount(measure), entry.item.currency, currency)
    return amount


def taxes_of(entries: Iterable[Entry], currency: str, exchange: Exchange) -> tuple[tuple[str, Decimal], ...]:
    """Return the taxes in what counts by Mews tax code, in ``currency``; sums of nothing are left out."""
    sums: dict[str, Decimal] = {}
    for entry in entries:
        for code, amount in entry.taxes:
            sums[code] = sums.get(code, Decimal(0)) + exchange.convert(amount, entry.item.currency, currency)
    return tuple((code, amount) for code, amount in sorted(sums.items()) if amount)


def _known(entry: Entry) -> Entry:
    if entry.item.state not in STATES:
        raise Suspense("unknown_item_state", f"order item {entry.item.id} is in a state that is not known")
    return entry


def _judge(
    items: tuple[OrderItem, ...], kinds: Kinds, foreign: frozenset[str], outside: frozenset[str]
) -> Mapping[str, Why]:
    present = {item.id: item for item in items}
    known = {item.id: Why.OTHER_PAYER for item in items if _is_foreign(item, kinds, foreign)}
    known |= {item.id: Why.OTHER_PART for item in items if item.id in outside and not item.lowers_id}
    for item in items:
        _follow(item, present, kinds, known)
    return known


def _is_foreign(item: OrderItem, kinds: Kinds, foreign: frozenset[str]) -> bool:
    return item.id in foreign and not item.lowers_id and _alone(item, {}, kinds) in _COUNTED


def _follow(item: OrderItem, present: Mapping[str, OrderItem], kinds: Kinds, known: dict[str, Why]) -> None:
    """Walk from a rebate to what it lowers until a verdict is known, then carry that verdict back."""
    trail: list[OrderItem] = []
    while item.id not in known:
        known[item.id] = _alone(item, present, kinds) or Why.CYCLE  # a circle, should the walk come back here
        if known[item.id] is not Why.CYCLE:
            break
        trail.append(item)
        item = present[item.lowers_id or ""]
    verdict = known[item.id]
    for follower in reversed(trail):
        verdict = known[follower.id] = _following(follower, verdict)


def _alone(item: OrderItem, present: Mapping[str, OrderItem], kinds: Kinds) -> Why | None:
    """Judge what an item is by itself; None when that depends on the item it lowers."""
    if item.bookkeeping or item.type in BOOKKEEPING:
        return Why.BOOKKEEPING
    if item.state == "Canceled":
        return Why.CANCELED
    if item.lowers_id:
        return None if item.lowers_id in present else Why.LOWERS_MISSING
    why = kinds.why(item)
    return Why.INACTIVE if why is Why.LISTED and item.state == "Inactive" else why


def _following(item: OrderItem, lowered: Why) -> Why:
    if lowered is Why.CYCLE:
        return Why.CYCLE
    if lowered not in _COUNTED:
        return Why.LOWERS_UNCOUNTED
    return Why.INACTIVE if item.state == "Inactive" else Why.FOLLOWS
