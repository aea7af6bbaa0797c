"""What people settle: links made and ended by hand, and cases that they have seen, with the passes that follow."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from connector.errors import Refused, Unfinished
from connector.store import links, resolutions, suspense
from connector.store.links import Outcome
from connector.store.resolutions import Signature
from tests.conftest import ENGINES
from tests.integration.alignment.hotel import ADD, Hotel, guest, member, membership, program

TWIN = {"FirstName": "Franzianna", "LastName": "Bergeranna", "Email": "mail.anna@guests.example"}
DAY = 24 * 3600 + 1.0


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Both databases."""
    name: str = request.param
    return name


async def link(hotel: Hotel, member_id: str, guest_id: str) -> Outcome:
    async with hotel.database.write() as connection:
        return await links.link(connection, member_id, guest_id, Signature("anna", hotel.clock.now()))


async def unlink(hotel: Hotel, member_id: str) -> Outcome:
    async with hotel.database.write() as connection:
        return await links.unlink(connection, member_id, Signature("anna", hotel.clock.now()))


async def acknowledge(hotel: Hotel) -> None:
    """See every open case."""
    async with hotel.database.write() as connection:
        for each in await suspense.listing(connection):
            await resolutions.acknowledge(connection, each.id, Signature("anna", hotel.clock.now()))


async def passes(hotel: Hotel, *, seconds: float = 60.0) -> set[tuple[str, str]]:
    """Make a pass somewhat later; return what waits afterwards."""
    hotel.later(seconds)
    await hotel.align()
    return set(await hotel.cases())


def twins(hotel: Hotel) -> None:
    """Anna has a second profile with the same e-mail and names."""
    hotel.load(guest("double", **TWIN))
    hotel.members(member("anna"), member("bea"))


class TestLinkedByHand:
    async def test_one_of_two_profiles_gets_the_membership_in_the_next_pass(self, hotel: Hotel) -> None:
        twins(hotel)
        assert await passes(hotel) == {("m-anna", "two_candidates")}
        assert set(hotel.held()) == {"bea"}
        await link(hotel, "m-anna", "g-double")
        assert await hotel.cases() == {}
        assert await passes(hotel) == set()
        assert (hotel.calls.writes()[ADD], set(hotel.held())) == (1, {"bea", "double"})
        assert (hotel.one("double")["ProviderMembershipId"], hotel.one("double")["Tier"]) == ("m-anna", "SILVER")
        assert await passes(hotel) == set()
        assert hotel.calls.writes() == {}

    async def test_a_number_under_another_name_is_brought_to_what_the_scheme_says(self, hotel: Hotel) -> None:
        hotel.load(membership("ms-typed", "carl", MembershipNumber="N-stranger"))
        hotel.members(member("stranger"))
        assert await passes(hotel) == {("m-stranger", "number_other_name")}
        await link(hotel, "m-stranger", "g-carl")
        assert await passes(hotel) == set()
        assert hotel.id_of("carl") == "ms-typed"
        assert (hotel.one("carl")["ProviderMembershipId"], hotel.one("carl")["Points"]) == ("m-stranger", 10)

    async def test_one_whom_staff_unlinked_is_put_back(self, hotel: Hotel) -> None:
        hotel.members(member("anna"), member("bea"))
        await passes(hotel)
        hotel.delete_by_staff(hotel.id_of("anna"))
        assert await passes(hotel, seconds=DAY) == {("m-anna", "unlinked_by_staff")}
        await link(hotel, "m-anna", "g-anna")
        assert await passes(hotel) == set()
        assert hotel.one("anna")["State"] == "Enrolled"
        hotel.delete_by_staff(hotel.id_of("anna"))
        assert await passes(hotel, seconds=DAY) == {("m-anna", "unlinked_by_staff")}

    async def test_a_merged_profile_is_refused_by_the_name_of_the_living_one(self, hotel: Hotel) -> None:
        twins(hotel)
        hotel.merge("carl", "double", "move")
        await passes(hotel)
        with pytest.raises(Refused, match="g-carl: the profile was merged into guest g-double; link the member to"):
            await link(hotel, "m-anna", "g-carl")

    async def test_the_link_goes_along_when_the_guest_is_merged_later(self, hotel: Hotel) -> None:
        twins(hotel)
        await passes(hotel)
        await link(hotel, "m-anna", "g-double")
        await passes(hotel)
        own = hotel.id_of("double")
        hotel.merge("double", "anna", "move")
        assert await passes(hotel) == set()
        assert (hotel.calls.writes(), hotel.id_of("anna")) == ({}, own)
        (row,) = await hotel.rows("SELECT account_id, method, linked_by FROM link WHERE member_id = 'm-anna'")
        assert row == ("g-anna", "person", "anna")

    @pytest.mark.parametrize("unknown", ["keep", "cancel", "delete"])
    async def test_to_another_guest_leaves_the_membership_of_the_first(self, hotel: Hotel, unknown: str) -> None:
        hotel.settings(unknown=unknown)
        hotel.members(member("anna"), member("bea"))
        await passes(hotel)
        first = hotel.id_of("anna")
        assert (await link(hotel, "m-anna", "g-carl")).left_behind == first
        assert await passes(hotel) == set()
        assert set(hotel.calls.writes()) == {ADD, "loyaltyMemberships/update"}
        assert hotel.one("anna")["State"] == "Enrolled"
        assert hotel.one("carl")["ProviderMembershipId"] == "m-anna"


class TestUnlinkedByHand:
    @pytest.mark.parametrize("unknown", ["keep", "cancel", "delete"])
    @pytest.mark.parametrize("listed", [("anna", "bea"), ("bea",)], ids=["listed", "gone"])
    async def test_the_membership_is_left_alone_from_then_on(
        self, hotel: Hotel, unknown: str, listed: Sequence[str]
    ) -> None:
        hotel.settings(unknown=unknown, gone="delete")
        hotel.members(member("anna"), member("bea"))
        await passes(hotel)
        before = hotel.held()["anna"]
        await unlink(hotel, "m-anna")
        hotel.members(*(member(name, tier="GOLD") for name in listed))
        for seconds in (60.0, DAY):
            assert await passes(hotel, seconds=seconds) == set()
        assert hotel.held()["anna"] == before
        assert hotel.one("bea")["Tier"] == "GOLD"

    async def test_what_staff_do_with_the_membership_later_is_nobodys_case(self, hotel: Hotel) -> None:
        hotel.members(member("anna"), member("bea"))
        await passes(hotel)
        await unlink(hotel, "m-anna")
        hotel.delete_by_staff(hotel.id_of("anna"))
        assert await passes(hotel, seconds=DAY) == set()
        assert (hotel.calls.writes(), set(hotel.held())) == ({}, {"bea"})

    async def test_it_says_which_of_two_members_a_guest_is(self, hotel: Hotel) -> None:
        hotel.members(member("anna"), member("bea"))
        await passes(hotel)
        hotel.merge("anna", "bea", "delete")
        shared = "claimed_by_two_members"
        assert await passes(hotel) == {("m-anna", shared), ("m-bea", shared)}
        await unlink(hotel, "m-anna")
        hotel.members(member("anna"), member("bea", tier="GOLD"))
        assert await passes(hotel) == set()
        assert (hotel.one("bea")["ProviderMembershipId"], hotel.one("bea")["Tier"]) == ("m-bea", "GOLD")

    async def test_a_link_by_hand_takes_the_membership_up_again(self, hotel: Hotel) -> None:
        hotel.members(member("anna"), member("bea"))
        await passes(hotel)
        own = hotel.id_of("anna")
        await unlink(hotel, "m-anna")
        hotel.members(member("anna", tier="GOLD"), member("bea"))
        await passes(hotel)
        await link(hotel, "m-anna", "g-anna")
        assert await passes(hotel) == set()
        assert (hotel.id_of("anna"), hotel.one("anna")["Tier"]) == (own, "GOLD")


class TestAnAcknowledgedCase:
    async def test_stays_quiet_until_the_finding_changes(self, hotel: Hotel) -> None:
        twins(hotel)
        await passes(hotel)
        await acknowledge(hotel)
        assert await passes(hotel) == set()
        assert await passes(hotel, seconds=DAY) == set()
        hotel.load(guest("third"))
        hotel.edit("Customers", "g-third", **TWIN)
        assert await passes(hotel) == {("m-anna", "two_candidates")}

    async def test_is_news_when_it_comes_back(self, hotel: Hotel) -> None:
        twins(hotel)
        await passes(hotel)
        await acknowledge(hotel)
        hotel.members(member("bea"))
        assert await passes(hotel) == set()
        hotel.members(member("anna"), member("bea"))
        assert await passes(hotel) == {("m-anna", "two_candidates")}

    async def test_of_what_mews_refuses_again_and_again_stays_quiet(self, hotel: Hotel) -> None:
        hotel.members(member("anna"), member("bea"))
        await hotel.preview()
        with hotel.unseen():
            hotel.edit("Customers", "g-anna", IsActive=False)
        assert await passes(hotel) == {("m-anna", "refused_by_mews")}
        await acknowledge(hotel)
        assert await passes(hotel) == set()
        assert hotel.calls.writes() == {ADD: 1}

    async def test_of_a_bad_line_stays_quiet_when_the_line_moves_in_the_file(self, hotel: Hotel) -> None:
        hotel.members(member("anna", points="many"), member("bea"))
        assert await passes(hotel) == {("m-anna", "bad_line")}
        await acknowledge(hotel)
        hotel.members(member("bea"), member("anna", points="many"))
        assert await passes(hotel) == set()
        hotel.members(member("bea"), member("anna", expires_on="soon"))
        assert await passes(hotel) == {("m-anna", "bad_line")}

    async def test_of_an_unreadable_membership_still_stands_in_its_guests_way(self, hotel: Hotel) -> None:
        hotel.members(member("anna"), member("bea"))
        await passes(hotel)
        own = hotel.id_of("anna")
        hotel.edit("LoyaltyMemberships", own, State="Imagined")
        assert await passes(hotel) == {(own, "unreadable"), ("g-anna", "unreadable_membership")}
        await acknowledge(hotel)
        hotel.members(member("anna", tier="GOLD"), member("bea", tier="GOLD"))
        assert await passes(hotel) == set()
        assert (hotel.one("anna")["Tier"], hotel.one("bea")["Tier"]) == ("SILVER", "GOLD")
        hotel.edit("LoyaltyMemberships", own, State="Enrolled")
        await passes(hotel)
        assert hotel.one("anna")["Tier"] == "GOLD"
        hotel.edit("LoyaltyMemberships", own, State="Imagined")
        assert await passes(hotel) == {(own, "unreadable"), ("g-anna", "unreadable_membership")}


class TestWords:
    """Each case is one sentence about its subject, and says what to do; reception reads it."""

    async def said(self, hotel: Hotel, reason: str) -> str:
        """Return the one text of this reason."""
        (text,) = {text for (_, found), text in (await hotel.cases()).items() if found == reason}
        assert text.endswith(".")
        assert "guests.example" not in text
        assert "Berger" not in text
        return text

    async def test_of_a_line_that_cannot_be_read(self, hotel: Hotel) -> None:
        hotel.members(member("anna", points="many"), member("bea"))
        await hotel.align()
        text = await self.said(hotel, "bad_line")
        assert text.startswith("member m-anna: points ")
        assert text.endswith("; correct it in the scheme, the membership stays as it is until then.")

    async def test_of_a_line_whose_member_nobody_can_tell(self, hotel: Hotel) -> None:
        hotel.members(member("anna", member_id=""), member("bea"))
        await hotel.align()
        text = await self.said(hotel, "bad_line")
        assert text == (
            "Line 2: member_id is empty; expected an id in every line; correct it in the scheme, nobody is removed "
            "until then."
        )

    async def test_of_a_tier_that_mews_lacks(self, hotel: Hotel) -> None:
        hotel.members(member("anna", tier="PLATINUM"), member("bea"))
        await hotel.align()
        text = await self.said(hotel, "unknown_tier")
        assert text.startswith("member m-anna: its tier code does not exist in the program in Mews, so ")
        assert text.endswith("; correct it in the scheme, or add the tier to the configuration.")

    async def test_of_what_mews_refuses_in_its_own_words_and_without_a_number_of_the_request(
        self, hotel: Hotel
    ) -> None:
        hotel.members(member("anna"), member("bea"))
        await hotel.preview()
        with hotel.unseen():
            hotel.edit("Customers", "g-anna", IsActive=False)
        await hotel.align()
        text = await self.said(hotel, "refused_by_mews")
        assert text.startswith("member m-anna: Mews does not take this membership, with the words ")
        assert text.endswith(
            "; put right what it names in the scheme or in the guest profile, it is tried again with every pass."
        )
        assert "Request-Id" not in text

    async def test_of_what_mews_refuses_without_a_word(self, hotel: Hotel) -> None:
        hotel.members(member("anna"))
        hotel.fault(ADD, "status", status=400)
        await hotel.align()
        assert "does not take this membership, without a word (HTTP 400); " in await self.said(hotel, "refused_by_mews")

    async def test_of_records_that_cannot_be_read(self, hotel: Hotel) -> None:
        hotel.load(membership("ms-odd", "anna", State="Imagined"))
        hotel.members(member("anna"), member("bea"))
        await hotel.align()
        record = await self.said(hotel, "unreadable")
        assert record.startswith("loyalty membership ms-odd: State 'Imagined' is not known, ")
        assert record.endswith("; it is left alone until it can be read: correct it in Mews, or report this line.")
        held = await self.said(hotel, "unreadable_membership")
        assert held.startswith("guest g-anna: a membership of this guest cannot be read (loyalty membership ms-odd: ")
        assert held.endswith("stays earn nothing; correct it in Mews, or report this line.")

    async def test_of_a_code_that_stands_twice(self, hotel: Hotel) -> None:
        kind, copy = program("ALPEN", "Copy")
        hotel.load((kind, copy | {"Id": "p-copy"}))
        hotel.members(member("anna"))
        with pytest.raises(Unfinished):
            await hotel.align()
        assert await self.said(hotel, "duplicate_code") == (
            "Program code ALPEN stands 2 times in Mews; expected one, so nothing of it is changed until the others "
            "are removed there."
        )
