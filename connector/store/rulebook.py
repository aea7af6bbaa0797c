"""What the first decision of an award fixed, and the rules that it went by: a revision applies them again."""

from __future__ import annotations

import json

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.contract import Contract
from connector.domain.decision import Frozen
from connector.domain.rules import Rule
from connector.store import facts
from connector.store.codec import decode, decode_rates, encode, encode_rates


async def keep(connection: AsyncConnection, contract: Contract) -> None:
    """Store the rules of a contract under its fingerprint, once."""
    name = _name(contract.name, contract.fingerprint())
    if await facts.read(connection, name) is None:
        await facts.write(connection, name, json.dumps([encode(rule) for rule in contract.rules]))


async def rules(connection: AsyncConnection, partner: str, fingerprint: str) -> tuple[Rule, ...]:
    """Return the rules that a partner's contract had when its fingerprint was this one."""
    text = await facts.read(connection, _name(partner, fingerprint))
    return tuple(decode(Rule, each) for each in json.loads(text or "[]"))


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
            **({"stitched": True} if frozen.stitched else {}),
        },
        separators=(",", ":"),
    )


def thaw(text: str) -> Frozen:
    """Return what ``freeze`` wrote."""
    values = json.loads(text)
    return Frozen(rates=decode_rates(values.pop("rates")), **values)
