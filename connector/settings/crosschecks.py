"""What no single value can tell: whether the parts of the configuration fit each other.

These look at the tables as they were read, and let be what the model refuses: one run shows every fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from os.path import join, normpath
from typing import Any

from connector.settings import (
    airmiles_checks,
    alert_checks,
    connection_checks,
    file_checks,
    http_checks,
    lufthansa_checks,
    mews_checks,
    pacing_checks,
    privacy_checks,
    qiibee_checks,
    rule_sums,
    uplyft_checks,
    web_checks,
)
from connector.settings.faults import Fault
from connector.settings.keys import Path, Tables, meant
from connector.settings.values import shown


def faults(tables: Tables, directory: str) -> Iterator[Fault]:
    """Yield a fault for every two parts that do not fit; relative files are taken from ``directory``."""
    codes = [row.get("code") for row in _rows(tables, "programs")]
    yield from _twice(codes, ("programs",), "code")
    for place, program in enumerate(_rows(tables, "programs")):
        yield from _tiers(program, ("programs", place, "tiers"))
    yield from mews_checks.faults(_table(tables, "mews"))
    yield from _needed(tables)
    yield from _known_program(_table(tables, "scheme"), ("scheme",), codes)
    for code in _table(_table(tables, "scheme"), "partner_numbers"):
        yield from _known_program({"program": code}, ("scheme", "partner_numbers"), codes)
    yield from _own_database(tables, directory)
    if _table(tables, "scheme").get("kind") == "http":
        yield from http_checks.faults(_table(tables, "scheme"))
    yield from _repeated(_table(tables, "matching").get("by"), ("matching", "by"))
    for name in _table(tables, "partners"):
        yield from _partner(_table(tables["partners"], name), ("partners", name), codes)
    yield from alert_checks.faults(_table(_table(tables, "alerts"), "mail"))
    yield from rule_sums.faults(tables)
    yield from file_checks.faults(tables, directory)
    yield from connection_checks.faults(tables, directory)
    yield from web_checks.faults(_table(tables, "web"))
    yield from privacy_checks.faults(tables)


def _needed(tables: Tables) -> Iterator[Fault]:
    partners = _table(tables, "partners")
    users = {"scheme": _table(tables, "scheme")} | {f"partners.{name}": _table(partners, name) for name in partners}
    for place, program in enumerate(_rows(tables, "programs")):
        for name, user in users.items():
            if program.get("gone") is True and user.get("program") == program.get("code"):
                yield Fault(("programs", place, "gone"), f"true, but [{name}] needs the program; expected false")


def _tiers(program: Tables, path: Path) -> Iterator[Fault]:
    tiers = _rows(program, "tiers")
    codes, former = [tier.get("code") for tier in tiers], [tier.get("formerly") or None for tier in tiers]
    yield from _twice(codes, path, "code")
    yield from _twice(former, path, "formerly")
    for place, tier in enumerate(tiers):
        if former[place] is not None and former[place] in codes:
            what = f"{shown(former[place])} is the code of a tier of this program"
            yield Fault((*path, place, "formerly"), f"{what}; expected a code that none has any more")
        if tier.get("gone") is True and former[place] is not None:
            yield Fault((*path, place, "formerly"), "stands on a tier that is gone; expected one of the two")
        if tier.get("gone") is True and program.get("gone") is True:
            yield Fault((*path, place, "gone"), "stands in a program that is gone as a whole; expected it to be absent")


def _partner(partner: Tables, path: Path, codes: list[Any]) -> Iterator[Fault]:
    if not partner:
        return
    yield from _known_program(partner, path, codes)
    yield from _live(partner, path)
    if partner.get("channel") == "qiibee":
        yield from qiibee_checks.faults(partner, path)
    if partner.get("channel") == "lufthansa":
        yield from lufthansa_checks.faults(partner, path)
    if partner.get("channel") == "uplyft":
        yield from uplyft_checks.faults(partner, path)
    yield from pacing_checks.faults(partner, path)
    if not partner.get("earn"):
        yield Fault((*path, "earn"), f"the partner has no earn rule; expected [[{'.'.join(map(str, path))}.earn]]")
    yield from _rules(_rows(partner, "earn"), (*path, "earn"))
    yield from _accounts(_table(partner, "accounts"), (*path, "accounts"))
    yield from _prepaid(partner, path)
    for name, account in _table(partner, "accounts").items():
        yield from _prepaid(account, (*path, "accounts", name))
    exchanges = _table(partner, "exchanges")
    if exchanges.get("path") and exchanges.get("path") == exchanges.get("answers"):
        yield Fault((*path, "exchanges", "answers"), "is the file of the requests; expected another one")
    yield from airmiles_checks.faults(partner, path)


def _live(partner: Tables, path: Path) -> Iterator[Fault]:
    for name, like in (("start", "start = 2026-12-01"), ("daily_ceiling", "daily_ceiling = 200000")):
        if partner.get("mode") == "live" and name not in partner:
            yield Fault((*path, name), f"is missing, and live mode requires it; expected a line like {like}")


def _rules(rules: list[Tables], path: Path) -> Iterator[Fault]:
    yield from _twice([rule.get("name") or None for rule in rules], path, "name")
    for place, rule in enumerate(rules):
        for name in ("booked", "arrival", "departure"):
            first, last = (_table(rule, name).get(each) for each in ("from", "to"))
            if isinstance(first, date) and isinstance(last, date) and first > last:
                yield Fault((*path, place, name), f"ends before it begins; expected to = {first} or later")


def _accounts(accounts: Tables, path: Path) -> Iterator[Fault]:
    holders: dict[Any, str] = {}
    for name in accounts:
        for place, word in enumerate(_words(_table(accounts, name), "properties")):
            if word in holders:
                where = (
                    f"{shown(word)} stands in account {holders[word]} already; expected each property in one account"
                )
                yield Fault((*path, name, "properties", place), where)
            holders.setdefault(word, name)


def _prepaid(owner: Any, path: Path) -> Iterator[Fault]:
    prepaid = _table(owner, "prepaid") if isinstance(owner, dict) else {}
    bought, low = prepaid.get("credits"), prepaid.get("low_water")
    if type(bought) is type(low) is int and low >= bought:
        yield Fault((*path, "prepaid", "low_water"), f"{low} is not below the {bought} credits; expected fewer")


def _words(table: Tables, name: str) -> list[str]:
    words = table.get(name)
    return [word for word in words if isinstance(word, str)] if isinstance(words, list) else []


def _known_program(table: Tables, path: Path, codes: list[Any]) -> Iterator[Fault]:
    code = table.get("program")
    if not isinstance(code, str) or code in codes:
        return
    close = meant(code, [known for known in codes if isinstance(known, str)])
    hint = f'did you mean "{close}"?' if close else "expected the code of one of them"
    yield Fault((*path, "program"), f"{shown(code)} is not the code of any [[programs]]; {hint}")


def _own_database(tables: Tables, directory: str) -> Iterator[Fault]:
    scheme = _table(tables, "scheme")
    own = _table(tables, "database").get("url", "sqlite:///connector.db")
    files = [_file(url, directory) for url in (own, scheme.get("url"))]
    if scheme.get("kind") == "sql" and files[0] and files[0] == files[1]:
        yield Fault(("scheme", "url"), "is the connector's own database; expected the one that holds the members")


def _file(url: Any, directory: str) -> str:
    is_file = isinstance(url, str) and url.startswith("sqlite:///")
    return normpath(join(directory, url.removeprefix("sqlite:///"))) if is_file else ""


def _twice(words: list[Any], path: Path, name: str) -> Iterator[Fault]:
    for place, word in enumerate(words):
        if word is not None and word in words[:place]:
            yield Fault((*path, place, name), f"{shown(word)} stands twice; expected each {name} once")


def _repeated(words: Any, path: Path) -> Iterator[Fault]:
    for place, word in enumerate(words if isinstance(words, list) else []):
        if word in words[:place]:
            yield Fault((*path, place), f"{shown(word)} stands twice; expected each word once")


def _table(tables: Tables, name: str) -> Tables:
    inner = tables.get(name)
    return inner if isinstance(inner, dict) else {}


def _rows(tables: Tables, name: str) -> list[Tables]:
    rows = tables.get(name)
    return [row if isinstance(row, dict) else {} for row in rows] if isinstance(rows, list) else []
