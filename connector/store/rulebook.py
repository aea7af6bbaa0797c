"""What the first decision of an award fixed, and the terms that it went by: a revision applies them again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.caps import NO_OTHERS, Others
from connector.domain.contract import Contract
from connector.domain.decision import Frozen
from connector.domain.offers import OptIn
from connector.domain.rules import Rule
from connector.store import facts
from connector.store.codec import decode, decode_rates, encode, encode_rates

_WHO_PAYS = "who_pays"


async def keep(connection: AsyncConnection, contract: Contract) -> None:
    """Store what a contract's fingerprint stands for, once: its rules, and whose bills count if not anybody's."""
    name = _name(contract.name, contract.fingerprint())
    if await facts.read(connection, name) is None:
        rules = [encode(rule) for rule in contract.rules]
        terms = rules if contract.who_pays == "any" else {"rules": rules, _WHO_PAYS: contract.who_pays}
        await facts.write(connection, name, json.dumps(terms))


async def as_decided(connection: AsyncConnection, present: Contract, fingerprint: str) -> Contract:
    """Return a partner's contract with the terms that it had when its fingerprint was this one."""
    if fingerprint == present.fingerprint():
        return present
    terms = json.loads(await facts.read(connection, _name(present.name, fingerprint)) or "[]")
    terms = {"rules": terms, _WHO_PAYS: "any"} if isinstance(terms, list) else terms
    return replace(present, rules=tuple(decode(Rule, each) for each in terms["rules"]), who_pays=terms[_WHO_PAYS])


async def ever_asked_who_pays(connection: AsyncConnection, partner: str) -> bool:
    """Tell whether stays of a partner were awarded by a contract that counts only what the guest pays."""
    return await facts.holds(connection, _name(partner, ""), f'"{_WHO_PAYS}"')


def _name(partner: str, fingerprint: str) -> str:
    return f"rules {partner} {fingerprint}"


def freeze(frozen: Frozen) -> str:
    """Return what an award fixed, as JSON."""
    return json.dumps(
        {
            "fingerprint": frozen.fingerprint,
            "rates": encode_rates(frozen.rates),
            "tier": frozen.tier,
            "membership_id": frozen.membership_id,
            "member_number": frozen.member_number,
            **({"others": [frozen.others.day, frozen.others.year]} if frozen.others != NO_OTHERS else {}),
            **({"stitched": True} if frozen.stitched else {}),
            **({"opt_ins": _opt_ins(frozen.opt_ins)} if frozen.opt_ins else {}),
        },
        separators=(",", ":"),
    )


def thaw(text: str) -> Frozen:
    """Return what ``freeze`` wrote."""
    values = json.loads(text)
    others = Others(*values.pop("others", ()))
    opt_ins = {offer: decode(OptIn, told) for offer, told in values.pop("opt_ins", {}).items()}
    return Frozen(rates=decode_rates(values.pop("rates")), others=others, opt_ins=opt_ins, **values)


def _opt_ins(found: Mapping[str, OptIn]) -> dict[str, str]:
    return {offer: encode(told) for offer, told in sorted(found.items())}
