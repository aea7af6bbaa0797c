"""What may happen in a story."""

from __future__ import annotations

import os

from hypothesis import strategies as st

from tests.integration.alignment.hotel import ADD, DELETE, UPDATE
from tests.property.alignment.fate import End
from tests.property.alignment.scheme import NAMES, NOBODY
from tests.property.alignment.world import DAY, Step, Turn

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
LENGTH = 10 if NIGHTLY else 5
NUMBER, OTHER = "992003669288601", "992003669288619"  # of Miles & More, both well made
READS = (
    "configuration/get",
    "loyaltyPrograms/getAll",
    "loyaltyTiers/getAll",
    "loyaltyMemberships/getAll",
    "customers/getAll",
    "reservations/getAll/2023-06-06",
)
WRITES = (ADD, UPDATE, DELETE, "loyaltyTiers/add", "loyaltyTiers/update", "loyaltyTiers/delete")
WORDS = ("", "Enrolled", "Pending", "New", "Canceled", "Declined")
CODES = ("SILVER", "GOLD", "PLATINUM")

just, one_of, sampled = st.just, st.one_of, st.sampled_from
names = sampled(NAMES) | sampled(NAMES[:2])


def step(name: str, *given: st.SearchStrategy[object]) -> st.SearchStrategy[Step]:
    """Call a method of one of the actors."""
    return st.tuples(just(name), *given)


def fields(*choices: tuple[str, tuple[object, ...]]) -> st.SearchStrategy[dict[str, object]]:
    """Change one field to one of its values."""
    return one_of(*(sampled(values).map(lambda value, key=key: {key: value}) for key, values in choices))


lines = fields(
    ("tier", ("", *CODES, "UNKNOWN")),
    ("points", (0, 5, 20, "", "many")),
    ("number", ("N-new", "N-other", "")),
    ("expires_on", ("", "2031-01-31")),
    ("state", WORDS),
    ("url", ("", "https://cards.example/1")),
)
scheme = (
    step("say", sampled((*NAMES, NOBODY)), lines),
    step("say", names, lines),
    step("swap", names, names),
    step("leave", names),
    step("leave", names, names, names),
    step("join", names),
    step("join", *[just(name) for name in NAMES]),
    step("repeat", names),
    step("hide_an_id", st.booleans()),
    step("spoil", sampled(["missing", "truncated"])),
    step("partner", names, sampled([NUMBER, OTHER, ""])),
)
memberships = fields(
    ("LoyaltyTierId", ("t-GOLD", "t-SILVER", None)),
    ("Points", (1, 99)),
    ("State", ("Enrolled", "Pending", "Canceled")),
    ("MembershipNumber", ("typo", None)),
    ("ProviderMembershipId", ("typo", None)),
)
staff = (
    step("edit", names, memberships),
    step("erase", names),
    step("hand_over", names, names),
    step("add_by_hand", names, sampled(["N-hand", "N-anna"])),
    step("add_by_hand", names, sampled([NUMBER, OTHER]), just("MM")),
    step("edit", names, just({"MembershipNumber": OTHER}), just("MM")),
    step("erase", names, just("MM")),
    step("merge", names, names, sampled(["keep", "move", "delete"])),
    step("activate", names, st.booleans()),
    step("rewrite", names, sampled([{"Email": "other@guests.example"}, {"LastName": "Other"}])),
    step("code", names, names),
    step(
        "change_tier",
        sampled(CODES),
        sampled([{"Name": "Renamed"}, {"Ordering": 0}, {"Ordering": 4}, {"Code": "RECODED"}]),
    ),
    step("check_in", names),
    step("check_out", names),
)
policies = one_of(
    st.fixed_dictionaries({"gone": sampled(["cancel", "delete", "keep"])}),
    st.fixed_dictionaries({"unknown": sampled(["cancel", "delete", "keep"])}),
    st.fixed_dictionaries({"downgrade": sampled(["at_once", "after_stay"])}),
    st.fixed_dictionaries({"reported": sampled([frozenset(), frozenset({"tier_id", "points"})])}),
)
effects = sampled(["lose", "lose", "drop", "garbage", "409", "408", "429", "500", "403", "400"])
operator = (
    step("configure", policies),
    step("recode", sampled(CODES), sampled(["ARGENT", "OR"])),
    step("retire", sampled(CODES), st.booleans()),
    step("link", sampled((*NAMES, NOBODY)), names),
    step("unlink", names),
    step("acknowledge"),
    step("fault", sampled(WRITES[:3]), effects, sampled([1, 2, 9]), st.integers(0, 1)),
    step("fault", sampled(WRITES[3:]), effects, sampled([1, 2, 9]), st.integers(0, 1)),
    step("fault", sampled(READS), effects, st.integers(1, 6), st.integers(0, 1)),
    step("later", sampled([1.0, 61.0, 3600.0, DAY, 7 * DAY])),
    step("restart"),
    step("hide", st.booleans()),
)
unseen = tuple(step("unseen", each) for each in staff)
ends = one_of(
    *(
        st.builds(End, just(at), st.integers(1, last), sampled(["before", "after"]))
        for at, last in (("commit", 40), ("request", 25), ("write", 5))
    )
)


def _turns(kinds: list[st.SearchStrategy[Step]]) -> st.SearchStrategy[list[Turn]]:
    turns = st.builds(
        Turn,
        steps=st.lists(one_of(kinds), min_size=1, max_size=3).map(tuple),
        end=st.none() | ends,
        meanwhile=st.none() | st.tuples(st.integers(3, 20), one_of(staff)),
        confirm=sampled([False, False, True]),
    )
    return st.lists(turns, min_size=1, max_size=LENGTH)


# A story is about few things, so that they meet often.
stories = st.lists(sampled([*scheme, *staff, *operator, *unseen]), min_size=2, max_size=6).flatmap(_turns)
