"""What must change so that a membership in Mews agrees with the member in the scheme."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from connector.domain.changes import Add, Cancel, Change, Delete, Fields, Update, Value
from connector.domain.enrolment import ASKED_FOR
from connector.domain.harm import Harm, plan_id
from connector.domain.loyalty import ACTIVE_STATES, Membership
from connector.domain.members import Member
from connector.domain.tiers import Tiers

Removal = Literal["cancel", "delete", "keep"]

_TAKEN = frozenset({"state", "number", "provider_id", "tier_id"})  # fields in which there is harm
DEFAULT_STATE = "Enrolled"  # Mews's own, for a membership added without a state (loyaltyMemberships/add)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the scheme owns (names of ``members.OWNABLE``), and what becomes of what it does not list.

    ``reported`` are the fields, by ``loyalty.Membership`` name, in which an edit by others in Mews is left and told.
    ``enrols``: whoever asks to join is offered to the scheme.
    """

    owned: frozenset[str]
    primary: Literal["if_only", "always", "never"] = "if_only"
    gone: Removal = "cancel"
    unknown: Removal = "keep"
    downgrade: Literal["at_once", "after_stay"] = "at_once"
    reported: frozenset[str] = frozenset()
    enrols: bool = False


def desired(member: Member, policy: Policy, tiers: Tiers) -> dict[str, Value]:
    """Return what the membership should hold of the owned fields, by ``loyalty.Membership`` name; None means cleared.

    The provider's id is always owned, being the tie itself. An empty state is Mews's default, since a state
    cannot be cleared. Raises Skippable when the tier code cannot be told.
    """
    owned = policy.owned
    fields: dict[str, Value] = {"provider_id": member.member_id}
    if "number" in owned:
        fields["number"] = member.number
    if "tier" in owned:
        fields["tier_id"] = tiers.id_of(member.tier)
    if "points" in owned:
        fields["points"] = member.points
    if "expires_on" in owned:
        fields["expires_on"] = member.expires_on
    if "state" in owned:
        fields["state"] = member.state or DEFAULT_STATE
    if "url" in owned:
        fields["url"] = member.url
    return fields


def observed(membership: Membership) -> dict[str, Value]:
    """Return what a membership holds, by ``loyalty.Membership`` field name."""
    return {
        "provider_id": membership.provider_id,
        "number": membership.number,
        "tier_id": membership.tier_id,
        "points": membership.points,
        "expires_on": membership.expires_on,
        "state": membership.state,
        "url": membership.url,
    }


def align(
    member: Member,
    account_id: str,
    membership: Membership | None,
    *,
    others_active: int,
    policy: Policy,
    tiers: Tiers,
    came_back: bool = False,
    leave: Collection[str] = (),
) -> Add | Update | None:
    """Return the one change that makes Mews agree with the member, or None when it does already.

    ``membership`` is the living one of the scheme's program on this guest; ``others_active`` counts the
    guest's active memberships of other programs. ``came_back``: the connector cancelled it while the member
    was gone, so it is enrolled again even when the scheme does not own the state. ``leave`` are fields of the
    membership that stay as they are for now. Raises Skippable when the
    member's tier code cannot be told: nothing of it is written, and its membership must not be removed.
    """
    wanted = desired(member, policy, tiers)
    if membership is None:
        return _addition(member, account_id, others_active, policy, wanted)
    if came_back and membership.state not in ACTIVE_STATES:
        wanted.setdefault("state", DEFAULT_STATE)
    for name in leave:
        wanted.pop(name, None)
    return _update(membership, wanted, tiers)


def gone(membership: Membership, policy: Policy) -> Cancel | Delete | None:
    """Return what becomes of a linked membership whose member a complete listing does not hold."""
    return _removal(membership, policy.gone)


def unknown(membership: Membership, policy: Policy) -> Cancel | Delete | None:
    """Return what becomes of a membership of the scheme's program that the scheme never knew."""
    if policy.enrols and membership.state in ASKED_FOR:
        return None
    return _removal(membership, policy.unknown)


def harmful(change: Change, tiers: Tiers) -> Iterator[tuple[str, str, str]]:
    """Yield what a person confirms of a change: subject, harm, and what is left afterwards.

    A tier is named by its code, which it has already while it is still to be added.
    """
    fields = dict(change.fields)
    if tier_id := fields.get("tier_id"):
        fields["tier_id"] = tiers.code_of(str(tier_id))
    target = "\x1e".join(f"{name}={value}" for name, value in sorted(fields.items()))
    yield from ((change.subject, str(harm), target) for harm in sorted(change.harm))


def taken(change: Change) -> str:
    """Return what stands for the harm of a change, whatever else it writes: the same harm again has the same."""
    fields = sorted((name, str(value)) for name, value in change.fields.items() if name in _TAKEN)
    return plan_id((change.subject, str(harm), f"{change.kind} {fields}") for harm in change.harm)


def _addition(
    member: Member, account_id: str, others_active: int, policy: Policy, wanted: dict[str, Value]
) -> Add | None:
    if wanted.setdefault("state", DEFAULT_STATE) not in ACTIVE_STATES:
        return None  # a member who has left the scheme is not made one in Mews
    del wanted["provider_id"]  # refused on add
    primary = policy.primary == "always" or (policy.primary == "if_only" and not others_active)
    return Add(account_id, member.member_id, primary, {name: v for name, v in wanted.items() if v is not None})


def _update(membership: Membership, wanted: dict[str, Value], tiers: Tiers) -> Update | None:
    present = observed(membership)
    fields = {name: value for name, value in wanted.items() if value != present[name]}
    if not fields:
        return None
    before = {name: present[name] for name in fields}
    return Update(membership.id, fields, before, frozenset(_harms(fields, before, tiers)))


def _harms(fields: Fields, before: Fields, tiers: Tiers) -> Iterator[Harm]:
    # The scheme's own "Canceled" is a removal too: a wrong column hurts as many guests as missing lines.
    if before.get("state") in ACTIVE_STATES and fields["state"] not in ACTIVE_STATES:
        yield Harm.REMOVAL
    if before.get("number") is not None or before.get("provider_id") is not None:
        yield Harm.CHANGED_NUMBER
    old, new = before.get("tier_id"), fields.get("tier_id")
    if old is not None and new is None:
        yield Harm.CLEARED_TIER
    elif old is not None and tiers.is_lower(str(new), than=str(old)):
        yield Harm.DOWNGRADE


def _removal(membership: Membership, removal: Removal) -> Cancel | Delete | None:
    if removal == "delete":
        return Delete(membership.id)
    if removal == "cancel" and membership.state in ACTIVE_STATES:
        return Cancel(membership.id, membership.state)
    return None
