"""What people bring: files of partners and predecessors, cases, the configuration, its environment and secrets."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

from connector.cli.imports import credits_in
from connector.cli.statements import read as statement
from connector.errors import Misconfigured
from connector.settings import Settings, load
from connector.settings.cases import cases
from tests.campaigns.targets.outcome import EMAIL, MILES_NUMBER, SECRET, Outcome, Target
from tests.unit.settings.settings_files import AIR, API, EARN, EARN_SERVICE, PARTNER, QUERY, SCHEME, SMALL

_FOLDER = Path(mkdtemp(prefix="inputs-"))
_CONFIG = Path(__file__).parents[3] / "config"
_EXAMPLE = _CONFIG / "connector.example.toml"
_PARTNERS = frozenset({"miles_and_more", "air_miles"})
_SECRETS = {
    "LOYALTY_MEWS__CLIENT_TOKEN": SECRET,
    "LOYALTY_MEWS__PROPERTIES__WIEN__ACCESS_TOKEN": f"{SECRET}-2",
}
_OF_PARTNERS = {
    "[partners.mm]": ("MM__APP_ID", "MM__APP_SECRET"),
    "[partners.air]": ("AIR__CLIENT_ID", "AIR__CLIENT_SECRET"),
    "[partners.earn_service]": ("EARN_SERVICE__CLIENT_ID", "EARN_SERVICE__CLIENT_SECRET"),
}
_CREDITS = b"reservation,miles,guest\n4711,500,a\n4712,,b\n4713,12,c\n"
_STATEMENT = (
    f"reference;stay;member;date;miles\nT-1;4711;{MILES_NUMBER};2026-10-31;1277\nT-2;4712;*****8601;31.10.2026;-5\n"
).encode()
_TOML = f"{SMALL}{SCHEME}{PARTNER}{EARN}{AIR}{EARN_SERVICE}"
_LISTING = f'{SMALL}{API}[scheme.fields]\nmember_id = "id"\n'


def _place(name: str, document: bytes) -> Path:
    path = _FOLDER / name
    path.write_bytes(document)
    return path


def _rows(document: bytes) -> int:
    """Count the lines with something in them below the header, by the standard library alone."""
    text = document.decode("utf-8-sig")
    header = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=header.count))
    next(rows, None)
    return sum(any(cell.strip() for cell in row) for row in rows)


def _import(document: bytes) -> Outcome:
    found, faults = credits_in(_place("credits.csv", document))
    return Outcome(tuple(found), tuple(faults), _rows(document))


def _stated(document: bytes) -> Outcome:
    found = statement(_place("statement.csv", document), "")
    return Outcome(tuple(found.lines), tuple(found.refused), _rows(document))


def _cases(document: bytes) -> Outcome:
    return Outcome(cases(_place("cases.toml", document), _PARTNERS))


def _environ(text: str) -> dict[str, str]:
    names = [name for table, secrets in _OF_PARTNERS.items() if table in text for name in secrets]
    return _SECRETS | {f"LOYALTY_PARTNERS__{name}": f"{SECRET}-{name}" for name in names}


def _configuration(document: bytes) -> Outcome:
    return _loaded(document, _environ(document.decode("utf-8", "replace")))


def _variables(document: bytes) -> Outcome:
    """The document is the environment; what no environment can hold is left out of it."""
    try:
        given = json.loads(document)
    except (ValueError, RecursionError):
        return Outcome(refused=("no environment",))
    pairs = given.items() if isinstance(given, dict) else ()
    environ = {name: value for name, value in pairs if isinstance(value, str) and name and "\0" not in name + value}
    plain = ["LOYALTY_CHAIN__NAME", "LOYALTY_SCHEDULE__ALIGN", "LOYALTY_WEB__LISTEN", "LOYALTY_MEWS__LIMITS__REQUESTS"]
    shown = " ".join([*environ, *(environ.get(name, "") for name in plain)])  # a secret written there is shown
    return replace(_loaded(SMALL.encode(), _SECRETS | environ), called=shown)


def _secret_file(document: bytes) -> Outcome:
    _place("mews__client_token", document)
    environ = {name: value for name, value in _SECRETS.items() if "CLIENT_TOKEN" not in name}
    return _loaded(SMALL.encode(), environ | {"LOYALTY_SECRETS_DIR": str(_FOLDER)})


def _loaded(document: bytes, environ: dict[str, str]) -> Outcome:
    try:
        settings: Settings = load(_place("connector.toml", document), environ)
    except Misconfigured as error:
        return Outcome(refused=error.faults)
    return Outcome((settings.chain.name,), words=settings._warnings)


_ENVIRONMENT = {
    "LOYALTY_CHAIN__NAME": "Other",
    "LOYALTY_SCHEDULE__ALIGN": "5m",
    "LOYALTY_WEB__LISTEN": "127.0.0.1:8080",
    "LOYALTY_WEB__ADMIN_TOKEN": f"{SECRET}-9" * 3,
    "LOYALTY_MEWS__LIMITS__REQUESTS": "100",
    "HOME": EMAIL,
}

TARGETS = (
    Target("ledger import", _import, (_CREDITS, _CREDITS.replace(b",", b";")), "lines"),
    Target("statement of a partner", _stated, (_STATEMENT, _STATEMENT.replace(b";", b",")), "lines"),
    Target("cases", _cases, ((_CONFIG / "cases.example.toml").read_bytes(),), "toml"),
    Target(
        "configuration",
        _configuration,
        (_TOML.encode(), _LISTING.encode(), f"{SMALL}{QUERY}".encode(), _EXAMPLE.read_bytes()),
        "toml",
    ),
    Target("environment", _variables, (json.dumps(_ENVIRONMENT).encode(),)),
    Target("secret file", partial(_secret_file), (SECRET.encode() + b"\n",), "bytes"),
)
