"""Whether the keys of ``[web]`` fit each other: who may log in, and how they are told apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connector.settings.faults import Fault
from connector.settings.keys import Path, Tables
from connector.settings.web import ADMIN, Web

_ALONE = ("admin_token", "webhook_token", "previous_webhook_token")


def faults(web: Tables) -> Iterator[Fault]:
    """Yield a fault for every two keys of ``[web]`` that do not fit."""
    operators = {name: each for name, each in _tables(web.get("operators")) if isinstance(name, str)}
    if web.get("proxy_header") and not web.get("proxy_addresses"):
        text = "is empty, so that nobody's header is believed; expected the address of the reverse proxy"
        yield Fault(("web", "proxy_addresses"), text)
    if ADMIN in operators:
        yield Fault(("web", "operators", ADMIN), "is the operator of web.admin_token; expected another name")
    yield from _tokens(web, operators)
    yield from _logins(operators)


def _tokens(web: Tables, operators: dict[str, Tables]) -> Iterator[Fault]:
    """Yield a fault for each secret that another one equals: a token says who it is."""
    holders: list[tuple[Path, Any]] = [(("web", name), web.get(name)) for name in _ALONE]
    holders += [(("web", "operators", name, "token"), each.get("token")) for name, each in operators.items()]
    seen: dict[str, str] = {}
    for path, secret in holders:
        value = secret.get_secret_value() if hasattr(secret, "get_secret_value") else secret
        if isinstance(value, str) and value in seen:
            yield Fault(path, f"is the same as {seen[value]}; expected a token of its own")
        elif isinstance(value, str):
            seen[value] = ".".join(map(str, path))


def _logins(operators: dict[str, Tables]) -> Iterator[Fault]:
    seen: dict[Any, str] = {}
    for name, each in operators.items():
        login = each.get("login", name)
        if login in seen:
            text = f"is how the proxy calls {seen[login]} already; expected each person once"
            yield Fault(("web", "operators", name, "login"), text)
        seen.setdefault(login, name)


def _tables(tables: Any) -> list[tuple[Any, Tables]]:
    return [(name, each) for name, each in tables.items() if isinstance(each, dict)] if isinstance(tables, dict) else []


def advice(web: Web) -> Iterator[str]:
    """Yield a sentence for everything in ``[web]`` that works, but probably not as meant."""
    tokens = {name: getattr(web, name) for name in _ALONE} | {
        f"operators.{name}.token": each.token for name, each in web.operators.items()
    }
    given = {name: token.get_secret_value() for name, token in tokens.items() if token is not None}
    if given and web.listen == "off":
        yield f'listen: is "off", so that {next(iter(given))} opens nothing'
    yield from (
        f"{name}: has less than 16 characters; a random one, as of `openssl rand -hex 24`, cannot be guessed"
        for name, token in given.items()
        if len(token) < 16
    )
    for name, each in web.operators.items():
        if each.token is None and web.proxy_header is None:
            yield f"operators.{name}: has neither a token nor a proxy that names this person, who cannot log in"
    if web.second_person_above and len(_approving(web)) + _acting(web) < 2:
        yield "second_person_above: needs one who acts and another person with role approve; nobody can accept here"


def _approving(web: Web) -> list[str]:
    named = [name for name, each in web.operators.items() if each.role == "approve"]
    return [*named, ADMIN] if web.admin_token else named


def _acting(web: Web) -> int:
    return sum(each.role == "operate" for each in web.operators.values()) if _approving(web) else 0
