"""A partner that was rehearsed with goes live: nothing is sent until a person confirms exactly what is due."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.launch import Launch
from connector.errors import Misconfigured, Refused
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.store import backup, launch, suspense
from connector.store.resolutions import Signature
from connector.store.suspense import Case

GOING_LIVE = "going_live"


async def is_admitted(chain: Chain, partnership: Partnership, confirm: str | None, operator: str) -> bool:
    """Tell whether a partner may be delivered to; False where nothing is due before its first live delivery.

    ``confirm`` is the id that a person gave, in whose name it goes live. Raises Refused when something is due that
    nobody confirmed.
    """
    async with chain.database.read() as connection:
        if await launch.is_noted(connection, partnership.name, partnership.mode):
            return True
        found = await _asked(connection, partnership)
    if found is None:
        async with chain.database.write() as connection:
            await launch.note(connection, partnership.name, partnership.mode, chain.clock.now())
        return True
    if not found.plan_id:
        return False
    if confirm == found.plan_id:
        await go_live(chain, partnership, confirm, Signature(operator, chain.clock.now()))
        return True
    await _report(chain, found)
    raise Refused(
        f"{found.sentence}; nothing is sent there until a person confirms exactly that: "
        f"`ledger release --live {found.partner} --confirm {found.plan_id}`"
    )


async def look(chain: Chain, partnership: Partnership) -> Launch:
    """Return what going live would send.

    Raises Misconfigured for a partner that is not set live, Refused for one that is live already and for a copy.
    """
    async with chain.database.read() as connection:
        await backup.refuse_marked(connection)
        return await _to_confirm(connection, partnership)


async def go_live(chain: Chain, partnership: Partnership, plan_id: str, signature: Signature) -> Launch:
    """Let a partner go live, if what is due is what the person saw; raises as ``look`` does, and Refused if not."""
    name = partnership.name
    async with chain.database.write() as connection:
        await backup.refuse_marked(connection)
        found = await _to_confirm(connection, partnership)
        if found.plan_id != plan_id:
            now = f"it is {found.plan_id} now" if found.plan_id else "nothing is due now"
            raise Refused(f"ledger release: the plan is not {plan_id}; {now}, look at it again")
        await launch.note(connection, name, "live", signature.at, signature)
        await suspense.close_cases(connection, "partner", [name], signature.at, reasons=[GOING_LIVE])
    return found


async def _to_confirm(connection: AsyncConnection, partnership: Partnership) -> Launch:
    name = partnership.name
    if partnership.mode != "live":
        raise Misconfigured(f'ledger release: {name} is in mode "{partnership.mode}"; expected mode = "live" first')
    found = None if await launch.is_noted(connection, name, "live") else await _asked(connection, partnership)
    if found is None:
        raise Refused(f"ledger release: {name} wants no confirmation; expected a partner that goes live")
    return found


async def _asked(connection: AsyncConnection, partnership: Partnership) -> Launch | None:
    """Return what is to be confirmed; None where the partner is delivered to without."""
    if partnership.mode != "live":
        return None
    before = await launch.mode(connection, partnership.name)
    if before == "live" or (not before and partnership.confirm_live == "after_rehearsal"):
        return None
    stays, miles, plan_id = await launch.due(connection, partnership.name)
    price = partnership.price_per_mile
    return Launch(
        partner=partnership.name,
        stays=stays,
        miles=miles,
        cost=None if price is None else price * miles,
        rehearsed=await launch.rehearsed(connection, partnership.name),
        plan_id=plan_id,
    )


async def _report(chain: Chain, found: Launch) -> None:
    text = (
        f"partner {found.partner} is live by its settings and was not before; nothing is sent there until a person "
        f"confirms what is due: `ledger release --live {found.partner}` shows it"
    )
    async with chain.database.write() as connection:
        case = Case("partner", found.partner, GOING_LIVE, text, found.partner)
        await suspense.open_cases(connection, [case], chain.clock.now())
