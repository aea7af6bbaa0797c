"""Whether the keys of a JSON API fit each other: its way of authorising, its way of paging, and what they need."""

from __future__ import annotations

from collections.abc import Iterator

from connector.settings.faults import Fault, missing_secret
from connector.settings.keys import Tables

_SECRETS = ("token", "client_id", "client_secret")
_USED = {
    "none": (),
    "bearer": ("token",),
    "header": ("token",),
    "oauth2": ("client_id", "client_secret"),
}
_COUNTED = ("page_parameter", "size_parameter")
_SENT = {"page": _COUNTED, "offset": _COUNTED, "cursor": _COUNTED, "link": ("size_parameter",)}
_NAMES = {"page_parameter": "page", "size_parameter": "limit", "changed_since": ""}


def faults(scheme: Tables) -> Iterator[Fault]:
    """Yield a fault for every two keys of ``[scheme]`` that do not fit."""
    yield from _authorisation(scheme)
    yield from _paging(scheme)
    yield from _enrolment(scheme)


def _authorisation(scheme: Tables) -> Iterator[Fault]:
    auth = scheme.get("auth", "none")
    used = _USED.get(auth) if isinstance(auth, str) else None
    if used is None:  # the model says what is wrong with it
        return
    for name in _SECRETS:
        path = ("scheme", name)
        if name in used and name not in scheme:
            yield Fault(path, missing_secret(path))
        if name in scheme and name not in used:
            yield Fault(path, f'is not used with auth = "{auth}"; expected it to be absent, or another auth')
    if auth == "oauth2" and "token_endpoint" not in scheme:
        yield Fault(("scheme", "token_endpoint"), "is missing; expected the address that gives access tokens")


def _paging(scheme: Tables) -> Iterator[Fault]:
    if scheme.get("paging") == "cursor" and not scheme.get("next"):
        yield Fault(("scheme", "next"), "is missing; expected the path to the next cursor in an answer")
    sent: dict[str, str] = {}
    for key, name in _sent(scheme):
        if name in sent:
            yield Fault(("scheme", key), f'"{name}" is {sent[name]} already; expected another query parameter')
        sent[name] = key
    given = scheme.get("parameters")
    for name in given if isinstance(given, dict) else ():
        if name in sent:
            yield Fault(("scheme", "parameters", name), f"is sent because of {sent[name]}; expected only one of them")


def _sent(scheme: Tables) -> Iterator[tuple[str, str]]:
    """Yield the query parameters that requests carry, with the keys that name them."""
    paging = scheme.get("paging", "none")
    for key in (*(_SENT.get(paging, ()) if isinstance(paging, str) else ()), "changed_since"):
        name = scheme.get(key, _NAMES[key])
        if name and isinstance(name, str):
            yield key, name


def _enrolment(scheme: Tables) -> Iterator[Fault]:
    table = scheme.get("enrol")
    if not isinstance(table, dict):
        return
    fields = scheme.get("fields")
    if not isinstance(fields, dict) or "state" not in fields:
        yield Fault(
            ("scheme", "enrol"),
            "makes members whose state nobody tells Mews; expected a path for state in scheme.fields",
        )
    written: list[str] = []
    for path in _written(table):
        if any(f"{path}.".startswith(f"{other}.") or f"{other}.".startswith(f"{path}.") for other in written):
            yield Fault(
                ("scheme", "enrol"), f'writes "{path}" where something else stands; expected a place of its own'
            )
        written.append(path)


def _written(table: Tables) -> Iterator[str]:
    """Yield the paths at which something is written."""
    fields, constants = table.get("fields"), table.get("constants")
    if isinstance(fields, dict):
        yield from (path for path in fields.values() if isinstance(path, str))
    if isinstance(constants, dict):
        yield from constants
