"""Whether the keys of an Uplyft partner fit each other, and what of them should be looked at before going live."""

from __future__ import annotations

from collections.abc import Iterator

from connector.settings.faults import Fault, missing_secret
from connector.settings.keys import Path, Tables
from connector.settings.mutation import places
from connector.settings.partners import UplyftPartner
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
    if partner.get("duplicate_words") and partner.get("duplicate_answer", "") in ("", "true", "false"):
        text = 'is not used without duplicate_answer = "error"; expected it to be absent, or that answer'
        yield Fault((*path, "duplicate_words"), text)


def advice(partner: UplyftPartner) -> Iterator[str]:
    """Yield a sentence for what works, but probably not as meant."""
    if partner.hold == "none":
        yield 'hold: "none" sends before the folio is final, and this channel cannot take miles back'
    if partner.mode == "test":
        yield (
            'mode: "test" counts nothing as credited, and here nobody can tell a test secret from one of production, '
            "which credits miles at the same endpoint"
        )
    if not partner.unique_id:
        yield "unique_id: false leaves every lost answer to a person, because a repeated send could pay twice"
    if partner.duplicate_answer == "error" and not partner.duplicate_words:
        yield (
            'duplicate_answer: "error" without duplicate_words leaves every error to a repeat to a person, because it '
            "may mean something else"
        )
    if partner.duplicate_answer == "false":
        yield (
            'duplicate_answer: "false" takes a false that follows a lost answer for a credit; where Uplyft says false '
            "to a rejected card as well, miles that were never given count as given"
        )


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
