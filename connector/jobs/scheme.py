"""The scheme's side of the first road: its settings, and its members loaded into the store."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.alignment import Policy
from connector.domain.harm import Limits
from connector.domain.members import BadLine, Member
from connector.domain.programs import WantedProgram
from connector.jobs.chain import Chain
from connector.schemes.listing import Listing
from connector.store import facts, members, suspense
from connector.store.suspense import Case

LOADED = "scheme_loaded"  # sha256 of the listing that the members table holds whole
GENERATION = "scheme_generation"
BAD_LINE = "bad_line"
_CHUNK = 5000


class Source(Protocol):
    """Where members come from."""

    def verify(self) -> Listing:
        """Read everything once; raises Unfinished unless it is whole."""
        ...

    def chunks(self, listing: Listing, size: int = 2000) -> Iterator[list[Member | BadLine]]:
        """Yield the members and the lines that cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class Road:
    """The first road as configured: the scheme's program, where its members come from, and what may be done."""

    program_code: str
    programs: tuple[WantedProgram, ...]
    source: Source
    mode: Literal["snapshot", "changes"]
    methods: tuple[str, ...]
    primary: Literal["if_only", "always", "never"]
    gone: Literal["cancel", "delete", "keep"]
    unknown: Literal["keep", "cancel", "delete"]
    limits: Limits

    def policy(self, listing: Listing) -> Policy:
        """Return the policy for a listing: the fields that it has a column for are the scheme's.

        A listing of changes does not say who is a member, so nothing is removed because of it.
        """
        if self.mode == "changes":
            return Policy(listing.columns, self.primary, gone="keep", unknown="keep")
        return Policy(listing.columns, self.primary, self.gone, self.unknown)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A listing that the store holds whole: its generation, and whether an unreadable id stops all removals."""

    listing: Listing
    generation: int
    removals_stopped: bool


async def load(chain: Chain, road: Road, listing: Listing) -> Loaded:
    """Bring the members table to a verified listing; one that is loaded already costs nothing."""
    async with chain.database.read() as connection:
        loaded = await facts.read(connection, LOADED)
        generation = int(await facts.read(connection, GENERATION) or 0)
    if loaded != _mark(listing, anonymous=False) and loaded != _mark(listing, anonymous=True):
        # a file of changes adds to what is known; only a snapshot says who is gone
        generation = generation + 1 if road.mode == "snapshot" else max(generation, 1)
        loaded = await _load(chain, road, listing, generation)
    return Loaded(listing, generation, removals_stopped=loaded == _mark(listing, anonymous=True))


def _mark(listing: Listing, *, anonymous: bool) -> str:
    """Return how a whole listing is remembered; ``anonymous``: it had lines without a readable member id."""
    return f"{listing.sha256} {','.join(sorted(listing.columns))}{' anonymous' if anonymous else ''}"


async def _load(chain: Chain, road: Road, listing: Listing, generation: int) -> str:
    began = chain.clock.now()
    async with chain.database.write() as connection:
        await facts.forget(connection, LOADED)
        await facts.write(connection, GENERATION, str(generation))
    anonymous = False
    chunks = road.source.chunks(listing, _CHUNK)
    while chunk := await asyncio.to_thread(next, chunks, None):
        async with chain.database.write() as connection:
            anonymous |= await _save(connection, chain, chunk, generation)
    async with chain.database.write() as connection:
        await suspense.close_stale(connection, "member", [BAD_LINE], began)
        await suspense.close_stale(connection, "line", [BAD_LINE], began)
        await facts.write(connection, LOADED, _mark(listing, anonymous=anonymous))
    return _mark(listing, anonymous=anonymous)


async def _save(connection: AsyncConnection, chain: Chain, chunk: Sequence[Member | BadLine], generation: int) -> bool:
    """Store a chunk; return whether a line's member id could not be read."""
    bad = [each for each in chunk if isinstance(each, BadLine)]
    good = [each for each in chunk if isinstance(each, Member)]
    await members.save(connection, good, generation, chain.member_keys)
    await members.protect(connection, [each.member_id for each in bad if each.member_id], generation)
    await suspense.open_cases(connection, [_bad_line(each) for each in bad], chain.clock.now())
    return any(each.member_id is None for each in bad)


def _bad_line(bad: BadLine) -> Case:
    what = bad.text.removesuffix(".")
    if bad.member_id is None:
        return Case("line", str(bad.line), BAD_LINE, f"{what}; correct it in the scheme, nobody is removed until then.")
    what = what.removeprefix(f"Line {bad.line}: ")  # the line moves with every other file, the fault does not
    text = f"member {bad.member_id}: {what}; correct it in the scheme, the membership stays as it is until then."
    return Case("member", bad.member_id, BAD_LINE, text)
