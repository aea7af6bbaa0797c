"""What would make Mews agree with the scheme: a stream of changes, joined in the store page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from connector.domain import alignment, comparison
from connector.domain.changes import Change
from connector.domain.loyalty import Program
from connector.domain.matching import Doubt
from connector.domain.tiers import Tiers
from connector.errors import Unfinished
from connector.jobs import partner_numbers
from connector.jobs.chain import Chain
from connector.jobs.house import House
from connector.jobs.mirror import programs_are_unreadable
from connector.jobs.pairing import Found, Scope, compare
from connector.jobs.scheme import Loaded, Road
from connector.store import alignment as store
from connector.store import doubts, edits, matching, merges, pairs, suspense
from connector.store import loyalty as mirror
from connector.store.pairs import Pair, Terms

_DOUBTS = [str(each) for each in Doubt if each is not Doubt.UNLINKED_BY_STAFF]  # that one is told once
_PAGE = 2000
_LINKS = 5000  # most of them agree with their membership, and stay in the database


async def scope(chain: Chain, road: Road, loaded: Loaded, *, ahead: bool = False) -> Scope:
    """Return the scope; ``ahead``: a program or tier that is still to be added has a placeholder for its id.

    A tier counts by the code and rank that it is to have: its id, by which memberships hold it, stays.
    Raises Unfinished when Mews has not exactly one such program.
    """
    async with chain.database.read() as connection:
        programs = await mirror.programs(connection)
        tiers = await mirror.tiers(connection)
        unreadable = await programs_are_unreadable(connection)
    program_id = _program_id(road.program_code, programs, ahead=ahead)
    known = [tier for tier in tiers if tier.program_id == program_id]
    wanted = next(program for program in road.programs if program.code == road.program_code)
    if not unreadable:  # else no tier is added or given another code
        known = comparison.applied(wanted, known, program_id if ahead else None)
    ranked = Tiers(known, [tier.code for tier in wanted.tiers if tier.gone])
    partners = {
        partner: program.id
        for partner in road.partner_programs
        for program in programs
        if partner.code == program.code and partner.code in loaded.roll.programs
    }
    return Scope(program_id, ranked, road.policy(loaded.roll), loaded, House(chain), chain.clock.now(), partners)


def _program_id(code: str, programs: Sequence[Program], *, ahead: bool) -> str:
    ids = [program.id for program in programs if program.code == code]
    if not ids and ahead:
        return f"new:{code}"
    if len(ids) != 1:
        raise Unfinished(
            f"alignment: Mews shows {len(ids)} readable programs with the code {code}; expected one, "
            "so no membership was written."
        )
    return ids[0]


async def match(chain: Chain, road: Road, scope: Scope) -> int:
    """Link members to guests; return how many links are new."""
    generation = scope.loaded.generation
    async with chain.database.write() as connection:
        await merges.follow(connection, scope.began)
        cases = await matching.respect_unlinking(connection, scope.program_id, scope.began)
        await matching.remember_memberships(connection, scope.program_id)
        await matching.forget_cancellations(connection, generation)
        orphans = await matching.orphaned(connection, generation)
        await matching.propose(connection, road.methods, scope.program_id, generation, orphans)
        # somebody whose id cannot be read may be one of those who seem to have left
        present = 0 if scope.loaded.removals_stopped else generation
        linked, ambiguous = await matching.settle(connection, present, scope.began)
        cases += ambiguous
        if "membership" in road.methods:
            cases += await doubts.other_name(connection, scope.program_id, generation)
        if "mews_id" in road.methods:
            cases += await doubts.other_mews_id(connection, generation)
        cases += await doubts.deleted_profile(connection, generation)
        cases += await doubts.twice_enrolled(connection, scope.program_id)
        await suspense.open_cases(connection, cases, scope.began)
        await suspense.close_stale(connection, "member", _DOUBTS, scope.began)
    return linked


async def changes(chain: Chain, scope: Scope) -> AsyncIterator[Found]:
    """Yield every change that Mews needs, a case for each member that cannot be planned, and what waits."""
    async for page in _pages(chain, scope):
        for found in await compare(chain, scope, page):
            yield found
    for partner in scope.partners:
        async for question in partner_numbers.changes(chain, scope, partner):
            yield question
    if scope.policy.unknown != "keep" and not scope.loaded.removals_stopped:
        async for change in _unknown(chain, scope):
            yield change


async def _pages(chain: Chain, scope: Scope) -> AsyncIterator[list[Pair]]:
    """Yield, of each page of links, the members about whom there may be something to do."""
    owned, generation, after = scope.policy.owned, scope.loaded.generation, ""
    async with chain.database.read() as connection:
        edited = await edits.some(connection)
    terms = Terms(scope.program_id, generation, owned, scope.tiers.givable, edited)
    prepared = pairs.query(terms)
    while True:
        async with chain.database.read() as connection:
            upto = await pairs.reach(connection, after, _LINKS)
            page = await pairs.page(connection, terms, prepared, after, upto) if upto else []
        if page:
            yield page
        if upto is None:
            return
        after = upto


async def _unknown(chain: Chain, scope: Scope) -> AsyncIterator[Change]:
    after = ""
    while True:
        async with chain.database.read() as connection:
            page = await store.unknown(connection, scope.program_id, scope.loaded.generation, after, _PAGE)
        for membership in page:
            if change := alignment.unknown(membership, scope.policy):
                yield change
        if len(page) < _PAGE:
            return
        after = page[-1].id
