"""Memberships of partner programs whose numbers the scheme knows: what is missing in Mews, and what differs there."""

from __future__ import annotations

from collections.abc import AsyncIterator

from connector.domain import partner_numbers
from connector.domain.partner_numbers import Doubt, PartnerProgram, Question
from connector.jobs.chain import Chain
from connector.jobs.memberships import UNREADABLE_MEMBERSHIP
from connector.jobs.pairing import Found, Scope
from connector.store import partner_numbers as store
from connector.store import suspense
from connector.store.suspense import Case

QUESTIONS = [str(each) for each in Doubt]
_PAGE = 2000


async def changes(chain: Chain, scope: Scope, partner: PartnerProgram) -> AsyncIterator[Found]:
    """Yield the memberships to add to a partner's program, and a case for each number that a person must look at."""
    after, program_id = "", scope.partners[partner]
    while True:
        async with chain.database.read() as connection:
            page = await store.page(connection, partner.code, program_id, scope.loaded.generation, after, _PAGE)
            accounts = [known.account_id for known in page]
            blocked = await suspense.subjects_with(connection, "guest", UNREADABLE_MEMBERSHIP, accounts)
        for known in page:
            found = partner_numbers.judge(known, partner, program_id) if known.account_id not in blocked else None
            if isinstance(found, Question):
                yield Case("member", found.member_id, str(found.doubt), found.text)
            elif found is not None:
                yield found
        if len(page) < _PAGE:
            return
        after = page[-1].member_id
