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
memberships = fields(
    ("LoyaltyTierId", ("t-GOLD", "t-SILVER", None)),
    ("Points", (1, 99)),
    ("State", ("Enrolled", "Pending", "Canceled")),
    ("MembershipNumber", ("typo", None)),
    ("ProviderMembershipId", ("typo", None)),
)
say = step("say", names, lines)
swap = step("swap", names, names)
leave = step("leave", names) | step("leave", names, names, names)
join = step("join", names) | step("join", *map(just, NAMES))
harm = one_of(say, swap, leave, join, leave, join)
odd_file = one_of(
    step("say", just(NOBODY), lines),
    step("repeat", names),
    step("hide_an_id", st.booleans()),
    step("spoil", sampled(["missing", "truncated"])),
)
partner = step("partner", names, sampled([NUMBER, OTHER, ""]))

edit = step("edit", names, memberships)
erase = step("erase", names)
hand_over = step("hand_over", names, names)
second = step("add_by_hand", names, sampled(["N-hand", "N-anna"]))
merge = step("merge", names, names, sampled(["keep", "move", "delete"]))
profile = one_of(
    step("activate", names, st.booleans()),
    step("rewrite", names, sampled([{"Email": "other@guests.example"}, {"LastName": "Other"}])),
    step("code", names, names),
)
elsewhere = one_of(
    step("add_by_hand", names, sampled([NUMBER, OTHER]), just("MM")),
    step("edit", names, just({"MembershipNumber": OTHER}), just("MM")),
    step("erase", names, just("MM")),
)
edited_tiers = [{"Name": "Renamed"}, {"Ordering": 0}, {"Ordering": 4}, {"Code": "RECODED"}]
change_tier = step("change_tier", sampled(CODES), sampled(edited_tiers))
staying = step("check_in", names) | step("check_out", names)
staff = one_of(edit, erase, hand_over, second, merge, profile, elsewhere, change_tier)

gone = step("configure", st.fixed_dictionaries({"gone": sampled(["cancel", "delete", "delete", "keep"])}))
unknown = step("configure", st.fixed_dictionaries({"unknown": sampled(["cancel", "delete", "keep"])}))
downgrade = step("configure", st.fixed_dictionaries({"downgrade": sampled(["at_once", "after_stay"])}))
reported = sampled([frozenset(), frozenset({"tier_id", "points"})])
report = step("configure", st.fixed_dictionaries({"reported": reported}))
tiers = step("recode", sampled(CODES), sampled(["ARGENT", "OR"])) | step("retire", sampled(CODES), st.booleans())
by_hand = one_of(step("link", sampled((*NAMES, NOBODY)), names), step("unlink", names), step("acknowledge"))
effects = sampled(["lose", "lose", "lose", "drop", "garbage", "409", "408", "429", "500", "403", "400"])


def fault(operations: tuple[str, ...], times: tuple[int, ...]) -> st.SearchStrategy[Step]:
    """Let something go wrong; a write is tried four times in a pass, a reading five times."""
    return step("fault", sampled(operations), effects, sampled(times), sampled([0, 0, 1]))


lost = fault(WRITES[:3], (1, 2, 9))
unheard = one_of(lost, fault(WRITES[3:], (1, 2, 9)), fault(READS, (1, 6)))
soon = step("later", sampled([1.0, 61.0, 3600.0]))
later = step("later", sampled([3600.0, DAY, DAY, 7 * DAY]))
hide = step("hide", st.booleans())
restart = step("restart")

# What meets often enough only when a story is about little else.
THEMES = (
    (harm, lost, soon, gone),
    (harm, lost, later, restart),
    (leave, join, gone, erase, lost, later),
    (erase, hand_over, hide, lost, soon, later, by_hand),
    (merge, profile, leave, join, by_hand, soon),
    (merge, second, hide, lost, soon, edit),
    (say, edit, report, soon, later, lost),
    (say, tiers, change_tier, unheard, soon),
    (say, staying, downgrade, soon, later),
    (partner, elsewhere, merge, lost, soon, later, hide),
    (odd_file, leave, join, say, gone, unknown, later),
    (unknown, gone, leave, second, profile, by_hand, later),
)
KINDS = tuple(dict.fromkeys(kind for theme in THEMES for kind in (*theme, unheard, step("unseen", staff))))


def weighed(*strategies: tuple[int, st.SearchStrategy[object]]) -> st.SearchStrategy[object]:
    """Choose some more often than others."""
    return sampled([each for times, each in strategies for _ in range(times)]).flatmap(lambda each: each)


def end(at: str, last: int) -> st.SearchStrategy[End]:
    """Cut a pass at one of its first commits or requests."""
    return st.builds(End, just(at), st.integers(1, last), sampled(["before", "after"]))


def told(kinds: tuple[st.SearchStrategy[Step], ...]) -> st.SearchStrategy[list[Turn]]:
    """Make stories of steps of these kinds."""
    none = st.none()
    turns = st.builds(
        Turn,
        steps=st.lists(one_of(kinds), min_size=1, max_size=3).map(tuple),
        end=weighed((6, none), (2, end("write", 5)), (1, end("commit", 40)), (1, end("request", 25))),
        meanwhile=weighed((5, none), (1, st.tuples(st.integers(3, 20), staff))),
        confirm=weighed((4, just(False)), (1, just(True))),
    )
    return st.lists(turns, min_size=2, max_size=LENGTH)


swarms = st.lists(sampled(KINDS), min_size=3, max_size=7).map(tuple)
stories = weighed((3, sampled(THEMES)), (1, swarms)).flatmap(told)
