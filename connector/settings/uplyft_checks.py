"""Whether the keys of an Uplyft partner fit each other: its secrets, and the mutation that it writes itself."""

from __future__ import annotations

from collections.abc import Iterator

from connector.settings.faults import Fault, missing_secret
from connector.settings.keys import Path, Tables
from connector.settings.mutation import places
from connector.settings.values import shown

_SECRETS = {"basic": ("app_id", "app_secret"), "bearer": ("access_token",)}


def faults(partner: Tables, path: Path) -> Iterator[Fault]:
    """Yield a fault for every two keys that do not fit."""
    yield from _secrets(partner, partner, tuple(map(str, path)))
    accounts = partner.get("accounts")
    for name, account in accounts.items() if isinstance(accounts, dict) else ():
        if isinstance(account, dict):
            yield from _secrets(partner, account, (*map(str, path), "accounts", name))
    document, sent = partner.get("document"), partner.get("unique_id", True)
    if document and isinstance(sent, bool) and sent is not ("unique_id" in places(document)):
        expected = "$unique_id in it, or unique_id = false" if sent else "no $unique_id in it, or unique_id = true"
        yield Fault((*path, "document"), f"does not fit unique_id = {shown(sent)}; expected {expected}")


def _secrets(partner: Tables, table: Tables, path: tuple[str, ...]) -> Iterator[Fault]:
    """Yield the faults of the partner's own table, or of that of an account."""
    way = partner.get("authorization", "basic")
    if not isinstance(way, str) or way not in _SECRETS:  # the model says what is wrong with it
        return
    needed = [*_SECRETS[way], *(["app_id"] if _names_the_app(partner) else [])]
    for name in dict.fromkeys(needed):
        if name not in table:
            yield Fault((*path, name), missing_secret((*path, name)))
    for name in ("app_secret", "access_token"):
        if name in table and name not in needed:
            text = f'is not used with authorization = "{way}"; expected it to be absent, or another authorization'
            yield Fault((*path, name), text)


def _names_the_app(partner: Tables) -> bool:
    document = partner.get("document")
    return "app_id" in places(document) if document else partner.get("signature") == "flat"
