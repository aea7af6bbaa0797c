"""Whatever the member and the membership: an applied change leaves nothing to write."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.alignment import Policy, align, desired, gone, observed
from connector.domain.changes import Add, Fields, Update
from connector.domain.harm import Harm
from connector.domain.loyalty import ACTIVE_STATES, Membership, Tier
from connector.domain.members import OWNABLE, Member
from connector.domain.tiers import Tiers

TIERS = Tiers([Tier(f"t-{code}", "p", code, code, rank) for rank, code in enumerate("ABC")])
STATES = st.sampled_from(["New", "Pending", "Enrolled", "Canceled", "Declined"])
NUMBERS = st.none() | st.sampled_from(["1", "2", "3"])
POINTS = st.none() | st.integers(0, 3)
DAYS = st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 3))

policies = st.builds(
    Policy,
    owned=st.frozensets(st.sampled_from(OWNABLE)),
    primary=st.sampled_from(["if_only", "always", "never"]),
    gone=st.sampled_from(["cancel", "delete", "keep"]),
)
members = st.builds(
    Member,
    member_id=st.sampled_from(["M1", "M2"]),
    number=NUMBERS,
    tier=st.none() | st.sampled_from("ABC"),
    points=POINTS,
    expires_on=DAYS,
    state=st.none() | STATES,
)
memberships = st.builds(
    Membership,
    id=st.just("ms"),
    account_id=st.just("a"),
    program_id=st.just("p"),
    state=STATES,
    is_primary=st.booleans(),
    number=NUMBERS,
    points=POINTS,
    expires_on=DAYS,
    tier_id=st.none() | st.sampled_from(["t-A", "t-B", "t-C", "t-elsewhere"]),
    provider_id=st.none() | st.sampled_from(["M1", "M2"]),
)


def written(membership: Membership, fields: Fields) -> Membership:
    """Do what Mews does with an update."""
    return membership._replace(**fields)  # type: ignore[arg-type]


def aligned(member: Member, membership: Membership | None, policy: Policy, came_back: bool) -> Add | Update | None:
    return align(member, "a", membership, others_active=0, policy=policy, tiers=TIERS, came_back=came_back)


@given(members, memberships, policies, st.booleans())
def test_an_applied_update_leaves_nothing_to_write(
    member: Member, membership: Membership, policy: Policy, came_back: bool
) -> None:
    change = aligned(member, membership, policy, came_back)
    after = membership if change is None else written(membership, change.fields)
    assert aligned(member, after, policy, came_back) is None
    assert aligned(member, after, policy, came_back=False) is None


@given(members, policies)
def test_an_applied_add_and_its_completion_leave_nothing_to_write(member: Member, policy: Policy) -> None:
    change = aligned(member, None, policy, came_back=False)
    if change is None:
        assert "state" in policy.owned
        assert member.state not in ACTIVE_STATES
        return
    assert isinstance(change, Add)
    bare = Membership("ms", "a", "p", "New", change.is_primary)
    added = written(bare, change.fields)
    completion = change.completion("ms")
    assert aligned(member, added, policy, came_back=False) == completion
    assert aligned(member, written(added, completion.fields), policy, came_back=False) is None


@given(members, memberships, policies)
def test_an_update_holds_exactly_the_fields_that_differ(member: Member, membership: Membership, policy: Policy) -> None:
    change = aligned(member, membership, policy, came_back=False)
    present, wanted = observed(membership), desired(member, policy, TIERS)
    differing = {name for name in wanted if wanted[name] != present[name]}
    fields = {} if change is None else change.fields
    assert dict(fields) == {name: wanted[name] for name in differing}
    if isinstance(change, Update):
        assert dict(change.before) == {name: present[name] for name in differing}


@given(members, memberships, policies)
def test_an_active_membership_never_ends_without_counting_as_a_removal(
    member: Member, membership: Membership, policy: Policy
) -> None:
    change = aligned(member, membership, policy, came_back=False)
    after = membership if change is None else written(membership, change.fields)
    ended = membership.state in ACTIVE_STATES and after.state not in ACTIVE_STATES
    assert ended == (isinstance(change, Update) and Harm.REMOVAL in change.harm)


@given(memberships, policies)
def test_a_cancelled_membership_is_not_cancelled_again(membership: Membership, policy: Policy) -> None:
    change = gone(membership, policy)
    if change is not None and change.kind == "cancel_membership":
        assert gone(written(membership, change.fields), policy) is None
