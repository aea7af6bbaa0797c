"""Whether the keys of a partner at qiibee fit each other, and what of them should be looked at before going live."""

from __future__ import annotations

from collections.abc import Iterator

from connector.settings.faults import Fault
from connector.settings.keys import Path, Tables
from connector.settings.qiibee import MOVED, QiibeePartner
from connector.settings.values import shown, written

_TOKENS = ("brand_a_token_id", "brand_b_token_id")
_STATUSES = frozenset({"moved_statuses", "unmoved_statuses"})


def faults(partner: Tables, path: Path) -> Iterator[Fault]:
    """Yield a fault for every two keys that do not fit."""
    own, theirs = (partner.get(name) for name in _TOKENS)
    if isinstance(own, str) and own == theirs:
        yield Fault((*path, "brand_b_token_id"), "is the own token too; expected the one of Miles & More")
    if partner.get("token_id_format") == "int":
        for name in _TOKENS:
            value = partner.get(name)
            if isinstance(value, str) and value and not (value.isascii() and value.isdigit()):
                yield Fault((*path, name), f'{shown(value)} is no number; expected digits with token_id_format = "int"')
    yield from _statuses(partner, path)
    yield from _own_file(partner, path)


def _statuses(partner: Tables, path: Path) -> Iterator[Fault]:
    moved, unmoved = partner.get("moved_statuses", MOVED), partner.get("unmoved_statuses", ())
    if isinstance(moved, list | tuple) and isinstance(unmoved, list):
        known = {str(each).casefold() for each in moved}
        for each in unmoved:
            if str(each).casefold() in known:
                words = f"{shown(each)} is in moved_statuses too; expected one of them"
                yield Fault((*path, "unmoved_statuses"), words)


def _own_file(partner: Tables, path: Path) -> Iterator[Fault]:
    deposits, exchanges = (partner.get(name) for name in ("deposits", "exchanges"))
    if not isinstance(deposits, dict) or not isinstance(exchanges, dict):
        return
    for name in ("path", "answers"):
        if exchanges.get(name) is not None and exchanges.get(name) == deposits.get("path"):
            yield Fault((*path, "deposits", "path"), f"is exchanges.{name} too; expected a file of its own")


def advice(partner: QiibeePartner) -> Iterator[str]:
    """Yield a sentence for what works, but probably not as meant."""
    if partner.hold == "none":
        yield 'hold: "none" sends before the folio is final, and this channel cannot take miles back'
    if partner.exchange_rate > 1:
        rate = written(partner.exchange_rate)
        yield f"exchange_rate: at {rate} miles a point some awards are no whole number of points, and wait for a person"
    if partner.auth_id == "per_award":
        yield 'auth_id: "per_award" makes a user at qiibee of every award; expected only if qiibee agreed to it'
    if partner.mode == "live" and not partner.model_fields_set & _STATUSES:
        words = ", ".join(partner.moved_statuses)
        yield (
            f"moved_statuses: neither it nor unmoved_statuses is set; an exchange that is listed with another status "
            f"than {words} is never credited, so ask qiibee for its words"
        )
    if not partner.out_of_credit:
        yield "out_of_credit: is empty, so that awards are refused one by one when the prepaid credits are used up"
