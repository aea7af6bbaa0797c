"""One page of linked members beside their memberships: what must change about each, and what waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from connector.domain import alignment
from connector.domain import edits as others
from connector.domain.alignment import Policy
from connector.domain.changes import Change, Value
from connector.domain.edits import Dispute, Edit
from connector.domain.matching import Doubt
from connector.domain.partner_numbers import PartnerProgram
from connector.domain.tiers import Tiers
from connector.errors import Skippable
from connector.jobs.chain import Chain
from connector.jobs.house import House
from connector.jobs.memberships import UNREADABLE_MEMBERSHIP
from connector.jobs.scheme import Loaded
from connector.store import alignment as store
from connector.store import edits, suspense
from connector.store.pairs import Pair
from connector.store.suspense import Case

UNKNOWN_TIER = "unknown_tier"
DISPUTES = [str(each) for each in others.Dispute]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A lower tier that is not written before the guest has checked out."""

    member_id: str


@dataclass(frozen=True, slots=True)
class Scope:
    """The scheme's program in Mews and the rules for it; ``began`` is when this pass started.

    ``partners`` are the partner programs in which the scheme knows numbers, with their ids.
    """

    program_id: str
    tiers: Tiers
    policy: Policy
    loaded: Loaded
    house: House
    began: datetime
    partners: Mapping[PartnerProgram, str] = field(default_factory=dict)


Found = Change | Case | Waiting


async def compare(chain: Chain, scope: Scope, page: Sequence[Pair]) -> list[Found]:
    """Return what must change about the members of a page, and what cannot be changed or has to wait."""
    around = await _around(chain, scope, page)
    await _forget_settled(chain, scope, page, around)
    clear = [pair for pair in page if around.lets(pair)]
    lower = [pair.account_id for pair in clear if _lowers(scope, pair)]
    staying = await scope.house.guests(lower) if lower else set()
    return [found for pair in clear for found in _decide(scope, pair, around, stays=pair.account_id in staying)]


@dataclass(frozen=True, slots=True)
class _Around:
    """What is known around the pairs of a page, by guest or by membership."""

    others_active: Mapping[str, int]
    living: AbstractSet[str]
    blocked: AbstractSet[str]
    doubtful: AbstractSet[str]
    edits: Mapping[str, Mapping[str, Edit]]

    def lets(self, pair: Pair) -> bool:
        """Tell whether anything may be written: not with something unreadable there, nothing new on a dead profile.

        Nor where the scheme names another guest by now.
        """
        gone = pair.membership is None and pair.account_id not in self.living
        return not gone and pair.account_id not in self.blocked and pair.member.member_id not in self.doubtful

    def edits_of(self, pair: Pair) -> Mapping[str, Edit]:
        """Return what others changed about a membership, by field."""
        return self.edits.get(pair.membership.id, {}) if pair.membership else {}


async def _around(chain: Chain, scope: Scope, pairs: Sequence[Pair]) -> _Around:
    new = [pair.account_id for pair in pairs if pair.membership is None]
    accounts = [pair.account_id for pair in pairs]
    members = [pair.member.member_id for pair in pairs]
    memberships = [pair.membership.id for pair in pairs if pair.membership]
    async with chain.database.read() as connection:
        return _Around(
            others_active=await store.other_actives(connection, scope.program_id, new),
            living=await store.living(connection, new),
            blocked=await suspense.subjects_with(connection, "guest", UNREADABLE_MEMBERSHIP, accounts),
            doubtful=await suspense.subjects_with(connection, "member", Doubt.OTHER_MEWS_ID, members),
            edits=await edits.of(connection, memberships),
        )


async def _forget_settled(chain: Chain, scope: Scope, pairs: Sequence[Pair], around: _Around) -> None:
    """Forget the edits with which the scheme agrees by now, so that its next change is not taken for theirs."""
    edited = [pair for pair in pairs if around.edits_of(pair)]
    settled = {
        pair.membership.id: others.settled(_wanted(scope, pair), around.edits_of(pair))
        for pair in edited
        if pair.membership
    }
    if any(settled.values()):
        async with chain.database.write() as connection:
            await edits.forget(connection, settled)


def _wanted(scope: Scope, pair: Pair) -> Mapping[str, Value]:
    try:
        return alignment.desired(pair.member, scope.policy, scope.tiers)
    except Skippable:  # told where the change is decided
        return {}


def _lowers(scope: Scope, pair: Pair) -> bool:
    """Tell whether a tier would be lowered or cleared, and that has to wait for a check-out."""
    if scope.policy.downgrade == "at_once" or not pair.listed or pair.membership is None:
        return False
    held = pair.membership.tier_id
    wanted = _wanted(scope, pair).get("tier_id", held)
    return held is not None and wanted != held and (wanted is None or scope.tiers.is_lower(str(wanted), than=held))


def _decide(scope: Scope, pair: Pair, around: _Around, *, stays: bool) -> Iterator[Found]:
    if not pair.listed:
        if pair.membership and not scope.loaded.removals_stopped:
            yield from _if_any(alignment.gone(pair.membership, scope.policy))
        return
    disputes = _disputes(scope, pair, around.edits_of(pair))
    for name, dispute in disputes.items():
        member_id = pair.member.member_id
        yield Case("member", member_id, str(dispute), dispute.sentence(member_id, name))
    if stays:
        yield Waiting(pair.member.member_id)
    yield from _if_any(_change(scope, pair, around, leave={*disputes, *(["tier_id"] if stays else [])}))


def _if_any(found: Found | None) -> Iterator[Found]:
    if found:
        yield found


def _disputes(scope: Scope, pair: Pair, found: Mapping[str, Edit]) -> Mapping[str, Dispute]:
    if not found or pair.membership is None:
        return {}
    present = alignment.observed(pair.membership)
    return others.disputed(_wanted(scope, pair), present, found, scope.policy.reported, scope.began)


def _change(scope: Scope, pair: Pair, around: _Around, leave: AbstractSet[str]) -> Change | Case | None:
    member_id = pair.member.member_id
    try:
        return alignment.align(
            pair.member,
            pair.account_id,
            pair.membership,
            others_active=around.others_active.get(pair.account_id, 0),
            policy=scope.policy,
            tiers=scope.tiers,
            came_back=pair.cancelled,
            leave=leave,
        )
    except Skippable as fault:
        return Case("member", member_id, UNKNOWN_TIER, f"member {member_id}: {fault}")
