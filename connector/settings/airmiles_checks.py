"""Whether the keys of an AIR MILES partner fit each other, and whether others leave them alone."""

from __future__ import annotations

from collections.abc import Iterator

from connector.settings.faults import Fault
from connector.settings.keys import Path, Tables
from connector.settings.values import shown

_OURS = frozenset(
    [
        *(f"basket{tax}Amount" for tax in ("GST", "HST", "PST", "QST", "PostTax", "PreTax")),
        "checkoutDateTime",
        "checkoutTransactionId",
        "clientTransactionId",
        "collectorNumber",
        "context",
        "deviceId",
        "issuances",
        "items",
    ]
)
_NAMES = ("event_time_field", "reverse_credit_field")


def faults(partner: Tables, path: Path) -> Iterator[Fault]:
    """Yield a fault for every two keys of a partner that do not fit; what the model refuses is left to it."""
    if partner.get("channel") != "airmiles":
        yield from _offers(partner, path)
        return
    extra = partner.get("extra")
    named = [((*path, "extra", name), name) for name in (extra if isinstance(extra, dict) else ())]
    named += [((*path, key), str(partner[key])) for key in _NAMES if partner.get(key)]
    for place, name in named:
        if name in _OURS:
            yield Fault(place, f"{shown(name)} is a field that every request has already; expected another name")
    yield from _own_offer(partner, path)
    yield from _opted(partner, path)
    yield from _offer_ids(partner, path)


def _offers(partner: Tables, path: Path) -> Iterator[Fault]:
    for name, what in (("offer_code", "offer codes"), ("offer", "offers")):
        for place, _ in _coded(partner, path, name):
            channel = shown(partner.get("channel"))
            text = f"stands in a rule for the channel {channel}, which has no {what}; expected it to be absent"
            yield Fault(place, text)


def _own_offer(partner: Tables, path: Path) -> Iterator[Fault]:
    for place, code in _coded(partner, path, "offer_code"):
        if code == partner.get("offer_code"):
            yield Fault(place, f"{shown(code)} is the partner's own offer_code; expected it to be absent")


def _opted(partner: Tables, path: Path) -> Iterator[Fault]:
    """Yield what a rule lacks that belongs to an offer: how the two ids are related is published nowhere."""
    codes = dict(_coded(partner, path, "offer_code"))
    for place, _ in _coded(partner, path, "offer"):
        if (*place[:-1], "offer_code") not in codes:
            yield Fault(
                place, "stands in a rule without an offer_code; expected the code that issues this offer's miles"
            )
        if not partner.get("offers"):
            table = ".".join(map(str, (*path, "offers")))
            yield Fault(place, f"needs the Offer Service, which tells who opted in; expected a table [{table}]")


def _coded(partner: Tables, path: Path, name: str) -> Iterator[tuple[Path, object]]:
    """Yield the rules that have a key, with its value."""
    rules = partner.get("earn")
    for place, rule in enumerate(rules if isinstance(rules, list) else ()):
        if isinstance(rule, dict) and rule.get(name):
            yield (*path, "earn", place, name), rule[name]


def _offer_ids(partner: Tables, path: Path) -> Iterator[Fault]:
    ids = partner.get("offer_ids")
    if partner.get("offer_id_format") != "number" or not isinstance(ids, dict):
        return
    for code, each in ids.items():
        if isinstance(each, str) and not (each.isascii() and each.isdigit()):
            text = f'{shown(each)} is no number, as offer_id_format = "number" wants it; expected digits'
            yield Fault((*path, "offer_ids", code), text)
