"""The scheme's side of the first road: its settings, and its members loaded into the store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.alignment import Policy
from connector.domain.harm import Limits
from connector.domain.members import BadLine, Member
from connector.domain.partner_numbers import PartnerProgram
from connector.domain.programs import WantedProgram
from connector.errors import Unfinished
from connector.jobs.chain import Chain
from connector.schemes.enrolment import Enroller
from connector.schemes.source import Roll, Source
from connector.store import enrolments, erased, facts, members, sharing, suspense
from connector.store.suspense import Case

LOADED = "scheme_loaded"  # what the members table holds whole, see ``_State``
GENERATION = "scheme_generation"
BAD_LINE = "bad_line"
_CHUNK = 5000
_PATIENCE = timedelta(days=7)  # for a listing to hold the members that were made
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Road:
    """The first road as configured: the scheme's program, where its members come from, and what may be done.

    ``desk`` is where guests who ask to join are offered, if the scheme takes any.
    """

    program_code: str
    programs: tuple[WantedProgram, ...]
    source: Source
    mode: Literal["snapshot", "changes"]
    methods: tuple[str, ...]
    primary: Literal["if_only", "always", "never"]
    gone: Literal["cancel", "delete", "keep"]
    unknown: Literal["keep", "cancel", "delete"]
    limits: Limits
    downgrade: Literal["at_once", "after_stay"] = "at_once"
    reported: frozenset[str] = frozenset()
    partner_programs: tuple[PartnerProgram, ...] = ()
    desk: Enroller | None = None

    def policy(self, roll: Roll) -> Policy:
        """Return the policy for a roll: the fields that it has a column for are the scheme's.

        One of changes does not say who is a member, so nothing is removed because of it.
        """
        gone, unknown = (self.gone, self.unknown) if self.mode == "snapshot" else ("keep", "keep")
        return Policy(
            roll.columns, self.primary, gone, unknown, self.downgrade, self.reported, enrols=self.desk is not None
        )


@dataclass(frozen=True, slots=True)
class Loaded:
    """A roll that the store holds whole: its generation, and whether an unreadable id stops all removals."""

    roll: Roll
    generation: int
    removals_stopped: bool


@dataclass(frozen=True, slots=True)
class _State:
    """What the members table holds: the roll it was loaded from, and from where changes to it may be asked for.

    ``kind`` is that of the source, because another kind understands neither its marks nor its positions, with what
    stands for its ``meaning``.

    ``anonymous``: there were records without a readable member id; ``full_at``: when everything was taken.
    """

    kind: str
    mark: str
    columns: tuple[str, ...]
    anonymous: bool
    position: str
    full_at: str

    def is_of(self, chain: Chain, roll: Roll) -> bool:
        """Tell whether this very roll is loaded."""
        return bool(roll.mark) and self.mark == roll.mark and self._is_like(chain, roll)

    def since(self, chain: Chain, roll: Roll) -> str:
        """Return the position from which changes suffice; "" when everything must be taken."""
        age = chain.clock.now() - datetime.fromisoformat(self.full_at)
        fresh = roll.full_every is not None and age < roll.full_every
        return self.position if fresh and self._is_like(chain, roll) else ""

    def _is_like(self, chain: Chain, roll: Roll) -> bool:
        return (self.kind, self.columns) == (_kind(chain, roll), _columns(roll))


_NOTHING = _State("", "", (), False, "", "0001-01-01T00:00:00+00:00")


def _kind(chain: Chain, roll: Roll) -> str:
    meaning = f" {chain.hasher.settings(roll.meaning)}" if roll.meaning else ""
    return type(roll).__name__ + meaning


def _columns(roll: Roll) -> tuple[str, ...]:
    return (*sorted(roll.columns), *sorted(roll.programs))


async def load(chain: Chain, road: Road, roll: Roll) -> Loaded:
    """Bring the members table to a verified roll; one that is loaded already costs nothing.

    Raises Unfinished when the roll turns out not to be whole: then no plan may be made until one is loaded.
    """
    async with chain.database.read() as connection:
        known = _state(await facts.read(connection, LOADED))
        generation = int(await facts.read(connection, GENERATION) or 0)
    if not known.is_of(chain, roll):
        for warning in roll.warnings:
            _log.warning("scheme", warning=warning)
        since = known.since(chain, roll)
        if not since:
            # a roll of changes adds to what is known; only a snapshot says who is gone
            generation = generation + 1 if road.mode == "snapshot" else max(generation, 1)
            await _forget(chain, generation)
        known = await _Loading(chain, roll, generation, known if since else _NOTHING).run(since)
    return Loaded(roll, generation, removals_stopped=known.anonymous)


def _state(text: str | None) -> _State:
    try:
        found: Any = json.loads(text or "")
        return _State(**found | {"columns": tuple(found["columns"])})
    except (ValueError, TypeError, KeyError):  # of an earlier version: everything is taken again
        return _NOTHING


async def _forget(chain: Chain, generation: int) -> None:
    """Note that a new generation is being loaded: until it is whole, nobody may plan with it."""
    async with chain.database.write() as connection:
        await facts.forget(connection, LOADED)
        await facts.write(connection, GENERATION, str(generation))


@dataclass(slots=True)
class _Loading:
    """One reading of a roll into the members table; ``known`` is what the table holds whole so far."""

    chain: Chain
    roll: Roll
    generation: int
    known: _State
    rows: int = 0
    anonymous: bool = False

    async def run(self, since: str) -> _State:
        """Take the members, all or those changed since a position; return what the table holds then."""
        began, position = self.chain.clock.now(), since
        async for chunk in self.roll.take(since, _CHUNK):
            async with self.chain.database.write() as connection:
                await self._save(connection, chunk.records, since)
            position = chunk.position or position
            self.chain.progress("reading members of the scheme", len(chunk.records))
        if not self.rows and not since:
            raise Unfinished("scheme: it holds no member; expected at least one, so nothing of it was applied.")
        state = _State(
            kind=_kind(self.chain, self.roll),
            mark=self.roll.mark,
            columns=_columns(self.roll),
            anonymous=self.anonymous or self.known.anonymous,
            position=position,
            full_at=self.known.full_at if since else began.isoformat(),
        )
        async with self.chain.database.write() as connection:
            if not since:
                await suspense.close_stale(connection, "member", [BAD_LINE], began)
                await suspense.close_stale(connection, "line", [BAD_LINE], began)
                await enrolments.stay_listed(connection, self.generation, began - _PATIENCE)
            await facts.write(connection, LOADED, json.dumps(asdict(state)))
        return state

    async def _save(self, connection: AsyncConnection, records: Sequence[Member | BadLine], since: str) -> None:
        """Store a chunk; a record whose member id cannot be read stops all removals."""
        named = (each.member_id for each in records if each.member_id)
        gone = await erased.among(connection, self.chain.hasher, erased.MEMBER, named)
        known = gone.without(records, lambda each: each.member_id or "")
        bad = [each for each in known if isinstance(each, BadLine)]
        good = [each for each in known if isinstance(each, Member)]
        await sharing.decide_again(connection, sharing.MEMBER, await sharing.otherwise(connection, good))
        changed = await members.save(connection, good, self.generation, self.chain.member_keys, self.chain.hasher.whole)
        await members.save_partner_numbers(connection, changed, self.roll.programs)
        await members.protect(connection, [each.member_id for each in bad if each.member_id], self.generation)
        now = self.chain.clock.now()
        if since:
            ids = [member.member_id for member in good]
            await suspense.close_cases(connection, "member", ids, now, reasons=[BAD_LINE])
        await suspense.open_cases(connection, [_bad_line(each) for each in bad], now)
        self.rows += len(records)
        self.anonymous |= any(each.member_id is None for each in bad)


def _bad_line(bad: BadLine) -> Case:
    what = bad.text.removesuffix(".")
    if bad.member_id is None:
        return Case("line", str(bad.line), BAD_LINE, f"{what}; correct it in the scheme, nobody is removed until then.")
    noun = what.partition(" ")[0]
    what = what.removeprefix(f"{noun} {bad.line}: ")  # its place is another in every reading, the fault is not
    text = f"member {bad.member_id}: {what}; correct it in the scheme, the membership stays as it is until then."
    return Case("member", bad.member_id, BAD_LINE, text)
