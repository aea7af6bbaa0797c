"""Nothing is written to memberships before Mews was read whole: the first time, and after a cursor was forgotten."""

from __future__ import annotations

import pytest

from connector.errors import ConnectorError, Unfinished
from connector.jobs.mirror import STREAMS
from connector.sandbox.mews import edits
from connector.store import cursors
from tests.integration.alignment.hotel import Hotel, guest, member, membership

LISTINGS = {
    "memberships": "loyaltyMemberships/getAll",
    "deleted_memberships": "loyaltyMemberships/getAll",
    "guests": "customers/getAll",
    "deleted_guests": "customers/getAll",
}
BEFORE = {"memberships": 0, "deleted_memberships": 1, "guests": 0, "deleted_guests": 1}  # calls before the stream's own


async def _forget(hotel: Hotel, *streams: str) -> None:
    async with hotel.database.write() as connection:
        for stream in streams:
            await cursors.forget(connection, stream, "chain")


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("read_before", [False, True], ids=["first reading", "after a reset"])
async def test_when_a_whole_reading_fails_nothing_is_written_and_the_next_pass_is_right(
    hotel: Hotel, stream: str, *, read_before: bool
) -> None:
    names = ["anna"]
    hotel.members(member("anna"))
    if read_before:
        await hotel.align()
        await _forget(hotel, stream)
        hotel.later()
        names.append("bea")
        hotel.members(*map(member, names))
    hotel.fault(LISTINGS[stream], "status", status=400, after=BEFORE[stream])
    with pytest.raises(ConnectorError):
        await hotel.align()
    assert hotel.calls.writes() == {}
    await hotel.align()
    assert {name: len(held) for name, held in hotel.held().items()} == dict.fromkeys(names, 1)


async def test_after_a_reset_a_membership_that_the_mirror_missed_is_found_before_one_is_added(hotel: Hotel) -> None:
    hotel.members(member("anna"))
    await hotel.align()
    old = {"_CreatedUtc": "2020-01-01T00:00:00Z", "_UpdatedUtc": "2020-01-01T00:00:00Z"}
    hotel.load(membership("missed", "bea", State="Enrolled", MembershipNumber="N-bea", **old))
    await _forget(hotel, *STREAMS)
    hotel.later()
    hotel.members(member("anna"), member("bea"))
    await hotel.align()
    assert {name: len(held) for name, held in hotel.held().items()} == {"anna": 1, "bea": 1}
    assert hotel.id_of("bea") == "missed"


async def test_after_a_reset_a_guest_that_the_mirror_missed_makes_a_match_ambiguous(hotel: Hotel) -> None:
    hotel.members(member("anna"))
    await hotel.align()
    _, twin = guest("bea")
    edits.add(hotel.state, "Customers", {**twin, "Id": "g-twin"})
    await _forget(hotel, "guests")
    hotel.later()
    hotel.members(member("anna"), member("bea"))
    await hotel.align()
    assert set(hotel.held()) == {"anna"}
    assert ("m-bea", "two_candidates") in await hotel.cases()


async def test_a_first_listing_that_is_too_heavy_for_mews_writes_nothing_and_says_why(hotel: Hotel) -> None:
    hotel.members(member("anna"))
    hotel.fault("loyaltyMemberships/getAll", "status", status=408, times=None)
    with pytest.raises(Unfinished, match="the first reading of memberships has no time filter"):
        await hotel.align()
    assert hotel.calls.writes() == {}


async def test_guests_that_are_too_many_for_a_window_are_read_in_shorter_ones(hotel: Hotel) -> None:
    hotel.members(member("anna"))
    hotel.fault("customers/getAll", "status", status=408, times=11)  # each count from 1000 to 1 in turn, and one more
    await hotel.align()
    assert set(hotel.held()) == {"anna"}
    spans = [body["UpdatedUtc"] for body in hotel.calls.bodies("customers/getAll") if "UpdatedUtc" in body]
    assert len({(each["StartUtc"], each["EndUtc"]) for each in spans}) > 2
    assert await hotel.rows("SELECT count(*) FROM guest") == [(3,)]
