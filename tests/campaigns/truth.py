"""What must hold about a house, found without the product: from the books of the sandbox and the rows of the database.

``after_death`` looks at what a killed process left behind, before anybody mends it; ``at_rest`` at the end of a story.
Each returns faults in words, none when all is well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.acceptance.road import repeated
from tests.campaigns.books import SERVERS, Books
from tests.campaigns.cursors import ahead

UNSURE = "earned"  # it knows no key and shows no books: at most once, the doubt to a person
SENT = {"in_flight", "in_doubt", "accepted", "credited", "suspended"}
_STAYS = ("awarded", "excluded", "suspended", "waiting")


def after_death(books: Books) -> Iterator[str]:
    """Yield what is wrong with what a process left behind: something ahead of what it stands on, or done twice."""
    if not books.is_set_up():
        return
    yield from ahead(books)
    yield from _sends(books)
    yield from _adds(books)
    yield from twice(books)


def at_rest(books: Books, summary: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong at the end: something twice, lost, left open, or a book that does not balance."""
    yield from twice(books)
    yield from _balance(books)
    yield from _identity(books, summary)
    yield from _sound(books)
    for table in ("lane", "lease", "intent"):
        if found := books.rows(f"SELECT * FROM {table}"):
            yield f"{len(found)} rows are left in {table}"


# -- twice


def twice(books: Books) -> Iterator[str]:
    """Yield the guests with two memberships in one program, and awards that were credited twice."""
    for double in repeated([(account, program) for account, program, *_ in books.memberships()]):
        yield f"two memberships of {double}"
    for double in repeated([(each["Code"],) for each in books.living("LoyaltyPrograms")]):
        yield f"two programs {double}"
    for double in repeated([(each["LoyaltyProgramId"], each["Code"]) for each in books.living("LoyaltyTiers")]):
        yield f"two tiers {double}"
    for double in repeated([each.get("reference") for each in books.roll() if "reference" in each]):
        yield f"two members were made of {double}"
    for partner in SERVERS:
        given = Counter((each["member"], each["miles"]) for each in books.effects(partner))
        known = Counter(
            (number, miles if kind == "credit" else -miles)
            for number, miles, kind in books.rows(
                "SELECT member_number, message.miles, kind FROM message JOIN award ON award.id = award_id"
                f" WHERE message.partner = '{partner}' AND first_sent_at IS NOT NULL"
            )
        )
        erased = Counter(miles for (number, miles), count in known.items() if not number for _ in range(count))
        surplus = given - known
        if Counter(miles for (_, miles), count in surplus.items() for _ in range(count)) - erased:
            yield f"{partner} did more than it was asked for: {dict(surplus)}"


# -- what stands on what


def _sends(books: Books) -> Iterator[str]:
    """Whatever a partner did has a message whose bytes were stored and whose lane is taken until it is known."""
    messages = {
        key: (state, stored, lane)
        for key, state, stored, lane in books.rows(
            "SELECT message.key, state, content IS NOT NULL, lane.message_key FROM message"
            " LEFT JOIN lane ON lane.message_key = message.key"
        )
    }
    for partner in set(SERVERS) - {"exchange"}:  # whose books know no key of ours
        for effect in books.effects(partner):
            state, stored, _ = messages.get(effect["key"], ("nowhere", False, None))
            if state not in SENT or not stored:
                yield f"{partner} did {effect['key']}, which is {state} here"
    for key, (state, stored, lane) in messages.items():
        if state in ("in_flight", "in_doubt") and not (stored and lane):
            yield f"message {key} is {state} without {'a lane' if stored else 'its bytes'}"


def _adds(books: Books) -> Iterator[str]:
    """Whatever was added in Mews is in the mirror, or is meant to be looked for."""
    mirror = {id_ for (id_,) in books.rows("SELECT id FROM membership")}
    meant = set(books.rows("SELECT account_id, program_id FROM intent"))
    for each in books.living("LoyaltyMemberships"):
        ours = each.get("CreatorProfile", {}).get("Discriminator") == "Integration"
        if ours and each["Id"] not in mirror and (each["AccountId"], each["LoyaltyProgramId"]) not in meant:
            yield f"the membership of {each['AccountId']} was added, and nobody knows"
    asked = {id_ for (id_,) in books.rows("SELECT membership_id FROM enrolment")}
    for each in books.roll():
        if each.get("reference") not in asked | {None}:
            yield f"a member was made of {each['reference']}, and nobody knows"


# -- at the end


def _balance(books: Books) -> Iterator[str]:
    """What the ledger believes of each member is what the partner's books say; of the erased together."""
    for partner in SERVERS:
        believed: Counter[str] = Counter()
        unsure: set[str] = set()
        for number, miles, kind, state in books.rows(
            "SELECT member_number, message.miles, kind, state FROM message JOIN award ON award.id = award_id"
            f" WHERE message.partner = '{partner}'"
        ):
            if state in ("credited", "accepted"):
                believed[number or ""] += miles if kind == "credit" else -miles
            elif state not in ("superseded", "void"):
                unsure.add(number or "")
        given: Counter[str] = Counter()
        for each in books.effects(partner):
            whose = each["member"] if each["member"] in believed.keys() | unsure or "" not in believed else ""
            given[whose] += each["miles"]
        for number in (believed.keys() | given.keys()) - unsure:
            if believed[number] != given[number]:
                told = f"...{number[-4:]}" if number else "the erased"
                yield f"{partner}: the ledger says {believed[number]} of {told}, the partner {given[number]}"


def _identity(books: Books, summary: Mapping[str, Any]) -> Iterator[str]:
    ((seen,),) = books.rows("SELECT count(*) FROM reservation WHERE seen_processed_at IS NOT NULL")
    for partner, told in summary["stays"].items():
        counts = dict(books.rows(f"SELECT status, count(*) FROM decision WHERE partner = '{partner}' GROUP BY status"))
        own = {name: counts.get(name, 0) for name in _STAYS}
        if own != {name: told[name] for name in _STAYS} or sum(own.values()) != seen or told["seen"] != seen:
            yield f"{partner}: {seen} stays were seen, the decisions are {own}, told is {dict(told)}"


def _sound(books: Books) -> Iterator[str]:
    if books.house.is_sqlite:
        yield from (text for (text,) in books.rows("PRAGMA integrity_check") if text != "ok")
        yield from (f"a row of {row[0]} points to nothing" for row in books.rows("PRAGMA foreign_key_check"))
    last: dict[str, str] = {}
    seqs: dict[str, int] = {}
    for award, seq, key, before, after in books.rows(
        "SELECT award_id, seq, message_key, before, after FROM history ORDER BY award_id, seq"
    ):
        if seq != seqs.get(award, 0) + 1 or (key in last and last[key] != before):
            yield f"history {seq} of award {award} does not follow"
        seqs[award], last[key] = seq, after
    for key, state in books.rows("SELECT key, state FROM message"):
        if last.get(key) != state:
            yield f"message {key} is {state}, its history ends at {last.get(key)}"


def ending(books: Books) -> dict[str, Any]:
    """Return the end state, which is the same whatever happened on the way; what partner ``UNSURE`` did is apart."""
    return {
        "messages": sorted(
            books.rows(f"SELECT key, kind, revision, miles, state FROM message WHERE partner != '{UNSURE}'")
        ),
        "decisions": sorted(
            books.rows(f"SELECT partner, reservation_id, status, reason FROM decision WHERE partner != '{UNSURE}'")
        ),
        "links": sorted(books.rows("SELECT member_id, account_id FROM link WHERE unlinked_at IS NULL")),
        "members": sorted(books.rows("SELECT member_id, tier, points FROM member")),
        "memberships": books.memberships(),
        "cases": sorted(
            books.rows(
                "SELECT subject_kind, subject_id, reason, partner FROM suspense"
                f" WHERE resolved_at IS NULL AND partner != '{UNSURE}'"
            )
        ),
        "partners": {
            partner: sorted((each["member"], each["miles"], each["kind"]) for each in books.effects(partner))
            for partner in SERVERS
            if partner != UNSURE
        },
    }


def unsure(books: Books) -> dict[str, Any]:
    """Return how the partner without key and books ended, and which of its messages wait for a person."""
    return {
        "messages": sorted(
            books.rows(f"SELECT key, kind, revision, miles, state FROM message WHERE partner = '{UNSURE}'")
        ),
        "effects": sorted((each["key"], each["miles"], each["kind"]) for each in books.effects(UNSURE)),
        "cases": {
            id_
            for (id_,) in books.rows(
                f"SELECT subject_id FROM suspense WHERE resolved_at IS NULL AND partner = '{UNSURE}'"
            )
        },
    }


def at_most_once(books: Books, calm: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong at the partner without key and books: what is lost without a case, or came twice."""
    found = unsure(books)
    doubts = {key for key, *_, state in found["messages"] if state == "suspended"}
    if not doubts and found != calm:
        yield f"{UNSURE}: nothing is in doubt, and yet it ended as {found}, not as {dict(calm)}"
    for key in doubts - found["cases"]:
        yield f"{UNSURE}: message {key} is suspended, and nobody is told"
    for double in repeated([key for key, *_ in found["effects"]]):
        yield f"{UNSURE}: {double} came twice"
