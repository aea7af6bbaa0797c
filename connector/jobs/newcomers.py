"""Partners that came or went since stays were last decided."""

from __future__ import annotations

from collections.abc import Sequence

from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.store import decisions, facts

_PARTNERS = "partners"


async def notice_partners(chain: Chain, partnerships: Sequence[Partnership]) -> None:
    """A partner that is new sees every stay from the beginning."""
    names = ",".join(sorted(each.name for each in partnerships))
    async with chain.database.write() as connection:
        if await facts.read(connection, _PARTNERS) != names:
            await decisions.decide_all_again(connection)
            await facts.write(connection, _PARTNERS, names)
