from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.loyalty import Program, Tier
from connector.domain.members import Member
from connector.store import loyalty, members
from connector.store.engine import Database
from tests.integration.store.makers import HASHER, NOW, PROGRAM, guest, guest_keys, member_keys, membership

WHOLE = membership(
    "m1",
    "g1",
    number="A-1",
    points=120,
    expires_on=date(2027, 1, 31),
    tier_id="gold",
    provider_id="4711",
    url="https://club.example/4711",
)


async def test_programs_and_tiers_are_what_the_last_listing_held(database: Database) -> None:
    club = Program("p1", "ALPEN", "Alpenglow Club", "Hotel", "Free")
    gone = Program("p2", "OLD", "Old Club", "Hotel", "Free")
    silver, gold = Tier("t1", "p1", "SILVER", "Silver", 1), Tier("t2", "p1", "GOLD", "Gold", 2)
    async with database.write() as connection:
        await loyalty.replace_programs(connection, [gone, club], [gold, silver])
        assert await loyalty.programs(connection) == [club, gone]
        assert await loyalty.tiers(connection) == [silver, gold]
        await loyalty.replace_programs(connection, [club], [gold])
        assert await loyalty.programs(connection) == [club]
        assert await loyalty.tiers(connection) == [gold]


async def _mark(connection: AsyncConnection) -> list[Any]:
    """What changes when rows are written, and only then: the number of writes, or who wrote each row where."""
    if connection.dialect.name == "sqlite":
        return [(await connection.execute(text("SELECT total_changes()"))).scalar_one()]
    return list((await connection.execute(text("SELECT id, xmin, ctid FROM membership ORDER BY id"))).all())


async def test_a_membership_that_is_known_like_this_is_not_written(database: Database) -> None:
    changed, cleared, other = membership("m1", "g1", points=121), membership("m1", "g1"), membership("m2", "g2")
    async with database.write() as connection:
        await loyalty.save_memberships(connection, [WHOLE, other])
        before = await _mark(connection)
        await loyalty.save_memberships(connection, [WHOLE, other])
        assert await _mark(connection) == before
        for now in (changed, cleared, WHOLE):
            await loyalty.save_memberships(connection, [now, other])
            assert await loyalty.memberships_of(connection, ["g1", "g2"], [PROGRAM]) == {"g1": [now], "g2": [other]}
            assert await _mark(connection) != before


async def test_a_record_that_a_page_shows_twice_is_as_it_was_shown_last(database: Database) -> None:
    async with database.write() as connection:
        await loyalty.save_memberships(connection, [WHOLE, membership("m1", "g1", points=5)])
        assert await loyalty.memberships_of(connection, ["g1"], [PROGRAM]) == {"g1": [membership("m1", "g1", points=5)]}
        await loyalty.save_memberships(connection, [])


async def test_a_membership_comes_back_as_it_was_saved(database: Database) -> None:
    async with database.write() as connection:
        await loyalty.save_memberships(connection, [WHOLE])
        assert await loyalty.memberships_of(connection, ["g1", "g2"], [PROGRAM]) == {"g1": [WHOLE]}


async def test_memberships_are_counted_by_tier_and_program_deleted_ones_left_out(database: Database) -> None:
    held = [
        membership("m1", "g1", tier_id="gold"),
        membership("m2", "g2", tier_id="gold", state="New"),
        membership("m3", "g3", tier_id="gold", state="Canceled"),
        membership("m4", "g4", tier_id="gold", deleted=True),
        membership("m5", "g5", tier_id="silver", state="Declined"),
        membership("m6", "g6", program_id="MM"),
    ]
    async with database.write() as connection:
        await loyalty.save_memberships(connection, held)
        tiers = await loyalty.count_on_tiers(connection, [PROGRAM], ["gold", "silver", "bronze"])
        assert tiers == {"gold": (3, 2), "silver": (1, 0)}
        assert await loyalty.count_on_tiers(connection, ["MM"], ["gold"]) == {}
        assert await loyalty.count_in_programs(connection, [PROGRAM, "OLD"]) == {PROGRAM: (4, 2)}


async def test_the_memberships_of_a_guest_are_those_of_the_asked_programs_and_alive(database: Database) -> None:
    partner = membership("m3", "g1", program_id="MM")
    deleted = membership("m4", "g1", program_id="MM", deleted=True)
    async with database.write() as connection:
        await loyalty.save_memberships(connection, [WHOLE, partner, deleted])
        assert await loyalty.memberships_of(connection, ["g1"], ["MM"]) == {"g1": [partner]}
        assert await loyalty.memberships_of(connection, ["g1"], []) == {}


async def test_marking_deletions_counts_those_that_were_not_known(database: Database) -> None:
    async with database.write() as connection:
        await loyalty.save_memberships(connection, [WHOLE, membership("m2", "g2", deleted=True)])
        assert await loyalty.mark_memberships_deleted(connection, ["m1", "m2", "stranger"]) == 1
        assert await loyalty.mark_memberships_deleted(connection, ["m1"]) == 0


async def test_changes_that_mews_was_told_are_in_the_mirror(database: Database) -> None:
    async with database.write() as connection:
        await loyalty.save_memberships(connection, [WHOLE, membership("m2", "g2"), membership("m3", "g3")])
        changes = {
            "m1": {"points": None, "tier_id": "silver"},
            "m2": {"tier_id": "silver", "points": 5},
            "m3": {"state": "Canceled"},
        }
        await loyalty.change_memberships(connection, changes)
        found = await loyalty.memberships_of(connection, ["g1", "g2", "g3"], [PROGRAM])
    assert [(each.tier_id, each.points, each.state) for (each,) in found.values()] == [
        ("silver", None, "Enrolled"),
        ("silver", 5, "Enrolled"),
        (None, None, "Canceled"),
    ]
    assert found["g1"][0].number == WHOLE.number


async def test_classifications_of_guests_come_back(database: Database) -> None:
    async with database.write() as connection:
        known = [guest("g1", classifications=frozenset({"Staff", "VeryImportant"})), guest("g2")]
        await loyalty.save_guests(connection, known, guest_keys)
        assert await loyalty.classifications(connection, ["g1", "g2", "g3"]) == {
            "g1": frozenset({"Staff", "VeryImportant"}),
            "g2": frozenset(),
        }


async def test_no_email_and_no_name_reach_the_database(database: Database) -> None:
    person = guest("g1", email="ada@example.com", first_name="Ada", last_name="Lovelace", loyalty_code="L-77")
    async with database.write() as connection:
        await loyalty.save_guests(connection, [person], guest_keys)
        await members.save(
            connection, [Member("4711", email="ada@example.com", last_name="Lovelace")], 1, member_keys, HASHER.whole
        )
        for name in ("guest", "member"):
            rows = (await connection.exec_driver_sql(f"SELECT * FROM {name}")).all()  # the two tables above
            stored = repr(rows).casefold()
            assert all(word not in stored for word in ("ada", "lovelace", "example.com", "l-77"))


async def test_merges_are_followed_to_the_profile_that_lives(database: Database) -> None:
    profiles = [
        guest("g1", merge_target_id="g2"),
        guest("g2", merge_target_id="g3"),
        guest("g3"),
        guest("g4"),
        guest("g5", merge_target_id="not in the mirror"),
    ]
    async with database.write() as connection:
        await loyalty.save_guests(connection, profiles, guest_keys)
        found = await loyalty.survivors(connection, ["g1", "g2", "g3", "g4", "g5", "stranger"])
    assert found == {"g1": "g3", "g2": "g3", "g5": "not in the mirror"}


async def test_a_loop_of_merges_ends(database: Database) -> None:
    loop = [guest("g1", merge_target_id="g2"), guest("g2", merge_target_id="g1")]
    async with database.write() as connection:
        await loyalty.save_guests(connection, loop, guest_keys)
        found = await loyalty.survivors(connection, ["g1", "g2"])
    assert set(found.values()) <= {"g1", "g2"}


async def test_members_are_counted_in_all_and_by_listing(database: Database) -> None:
    async with database.write() as connection:
        await members.save(connection, [Member("1"), Member("2")], 1, member_keys, HASHER.whole)
        await members.save(connection, [Member("2"), Member("3")], 2, member_keys, HASHER.whole)
        assert await members.count(connection) == 3
        assert await members.count(connection, 2) == 2
        assert await members.count(connection, 1) == 1


async def test_a_member_of_an_unreadable_line_stays_in_the_listing(database: Database) -> None:
    async with database.write() as connection:
        await members.save(connection, [Member("1"), Member("2")], 1, member_keys, HASHER.whole)
        await members.protect(connection, ["2", "stranger"], 2)
        assert await members.count(connection, 2) == 1
        assert await members.count(connection) == 2


async def test_of_a_listing_only_who_says_something_else_is_written(database: Database) -> None:
    ada, bea = Member("ada", tier="GOLD"), Member("bea", email="bea@example.com")
    richer = Member("bea", email="bea@example.org")
    async with database.write() as connection:
        assert await members.save(connection, [ada, bea], 1, member_keys, HASHER.whole) == [ada, bea]
        assert await members.save(connection, [ada, richer], 2, member_keys, HASHER.whole) == [richer]
        assert await members.count(connection, 2) == 2


async def test_a_line_that_was_bad_and_is_as_before_again_is_written_anew(database: Database) -> None:
    async with database.write() as connection:
        await members.save(connection, [Member("1")], 1, member_keys, HASHER.whole)
        await members.protect(connection, ["1"], 2)
        assert await members.save(connection, [Member("1")], 3, member_keys, HASHER.whole) == [Member("1")]
        assert (await connection.exec_driver_sql("SELECT protected FROM member")).scalar() in (0, False)


async def test_a_number_keeps_where_it_came_from_and_when_it_was_first_seen(database: Database) -> None:
    later = NOW + timedelta(days=1)
    columns = "SELECT number, number_source, number_seen_at FROM membership"

    async def found() -> tuple[object, ...]:
        async with database.read() as connection:
            row = (await connection.execute(text(columns))).one()
        return row[0], row[1], str(row[2])[:10]

    async with database.write() as connection:
        await loyalty.save_memberships(connection, [WHOLE], NOW)
    first = (WHOLE.number, "mews", f"{NOW:%Y-%m-%d}")
    assert await found() == first
    async with database.write() as connection:
        await loyalty.save_memberships(connection, [WHOLE._replace(points=7)], later)
    assert await found() == first
    async with database.write() as connection:
        await loyalty.save_memberships(connection, [WHOLE._replace(number="other")], later)
    assert await found() == ("other", "mews", f"{later:%Y-%m-%d}")
    async with database.write() as connection:
        await loyalty.change_memberships(connection, {WHOLE.id: {"number": "ours"}}, NOW)
    assert await found() == ("ours", "scheme", f"{NOW:%Y-%m-%d}")
