"""Who comes along on the reservations of companies, read only where a partner pays them."""

from __future__ import annotations

from collections.abc import Sequence

from connector.domain.stays import Reservation
from connector.jobs import forgetting
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.mews.client import Mews
from connector.mews.payloads.records import Bad
from connector.mews.stays import Stays
from connector.store import companions as store
from connector.store import decisions, stays, suspense
from connector.store.suspense import Case

_MOST = 1000
_UNREADABLE = "unreadable_companion"


async def read(chain: Chain, token: Mews, partnerships: Sequence[Partnership]) -> int:
    """Read the companions of the stays that are about to be decided at this token's properties; return how many."""
    names = [each.name for each in partnerships if each.contract.earner == "companions"]
    found, after, now = 0, "", chain.clock.now()
    while names:
        async with chain.database.read() as connection:
            ids = await decisions.to_decide(connection, names, now, after, _MOST)
            reservations = await stays.reservations(connection, ids)
        if not ids:
            break
        wanted = [each.id for each in reservations if _is_wanted(each, chain.serves[token.table])]
        found, after = found + await _read(chain, token, wanted), ids[-1]
    return found


def _is_wanted(reservation: Reservation, places: Sequence[str]) -> bool:
    return reservation.account_type == "Company" and reservation.property_id in places


async def _read(chain: Chain, token: Mews, ids: Sequence[str]) -> int:
    """Read all companions of some reservations before one is stored: who is missing from the answer is gone."""
    if not ids:
        return 0
    pairs: list[tuple[str, str]] = []
    bad: list[Bad] = []
    async for page in Stays(token).companions(ids):
        pairs += [(reservation, guest) for reservation, guest in page.records if reservation is not None]
        bad += page.bad
    now = chain.clock.now()
    async with chain.database.write() as connection:
        pairs = await forgetting.companions(connection, chain.hasher, pairs)
        await store.replace_companions(connection, ids, pairs, now)
        cases = [_case(each) for each in bad if each.parent_id]
        await suspense.replace_cases(connection, "companions", ids, cases, now, "")
    return len(pairs)


def _case(bad: Bad) -> Case:
    text = f"reservation {bad.parent_id}: a companion cannot be read ({bad.text}) and earns nothing"
    return Case("companions", bad.parent_id, _UNREADABLE, text)
