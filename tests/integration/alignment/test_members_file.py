"""A members file that is not whole applies nothing; bad lines wait for a person and harm nobody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connector.domain.members import BadLine, Member
from connector.errors import Unfinished
from connector.schemes.csv_file import CsvFile
from connector.schemes.csv_source import CsvSource
from connector.schemes.listing import Listing
from tests.integration.alignment.hotel import ADD, Hotel, member

HEADER = b"member_id,number,email,first_name,last_name,tier\n"
ANNA = b"m-anna,N-anna,mail.anna@guests.example,Franzianna,Bergeranna,SILVER\n"

NOT_WHOLE = {
    "missing": (None, "cannot be read"),
    "empty": (b"", "is empty"),
    "header only": (HEADER, "holds no member"),
    "truncated": (HEADER + ANNA + b"m-bea,N-b", "is truncated"),
    "Windows-1252": (HEADER + ANNA.replace(b"Bergeranna", b"M\xfcller"), "is not UTF-8"),
    "NUL bytes": (HEADER + ANNA + b"m-bea\0\0,,,,,\n", "holds a NUL character"),
}


def written(hotel: Hotel, content: bytes | None) -> None:
    """Put the members file there, or take it away."""
    hotel.file.unlink(missing_ok=True)
    if content is not None:
        hotel.file.write_bytes(content)


class TestFilesThatAreNotWhole:
    @pytest.mark.parametrize("kind", NOT_WHOLE)
    async def test_nothing_is_read_from_mews_or_written_to_it(self, hotel: Hotel, kind: str) -> None:
        hotel.members(member("anna"), member("bea"))
        await hotel.align()
        content, words = NOT_WHOLE[kind]
        written(hotel, content)
        hotel.later()
        with pytest.raises(Unfinished, match=words) as caught:
            await hotel.align()
        assert hotel.calls.count() == {}
        assert "\n" not in str(caught.value)
        assert [hotel.one(name)["State"] for name in ("anna", "bea")] == ["Enrolled", "Enrolled"]

    async def test_one_that_changes_while_it_is_read_applies_nothing(self, hotel: Hotel) -> None:
        class Growing(CsvFile):
            """Somebody goes on writing between the two readings."""

            def verify(self) -> Listing:
                listing = super().verify()
                hotel.file.write_bytes(HEADER + ANNA)
                return listing

        hotel.members(member("anna"), member("bea"))
        await hotel.align()
        hotel.members(member("anna", tier="GOLD"), member("bea"))
        hotel.settings(source=CsvSource(Growing(hotel.file)))
        with pytest.raises(Unfinished, match="changed while it was being read"):
            await hotel.align()
        assert hotel.calls.writes() == {}
        hotel.settings(source=CsvSource(CsvFile(hotel.file)))
        hotel.members(member("anna", tier="GOLD"), member("bea"))
        await hotel.align()
        assert (hotel.one("anna")["Tier"], hotel.one("bea")["State"]) == ("GOLD", "Enrolled")

    async def test_a_crash_while_it_is_loaded_removes_nobody(self, hotel: Hotel) -> None:
        class Killed(Exception):
            """The end of the process."""

        class Dying(CsvFile):
            """The process ends after the first lines were stored."""

            def chunks(self, listing: Listing, size: int = 2000) -> Iterator[list[Member | BadLine]]:
                yield next(super().chunks(listing, 1))
                raise Killed

        hotel.members(member("anna"), member("bea"))
        await hotel.align()
        hotel.members(member("anna", tier="GOLD"), member("bea"))
        hotel.settings(source=CsvSource(Dying(hotel.file)))
        with pytest.raises(Killed):
            await hotel.align()
        await hotel.start()
        hotel.settings(source=CsvSource(CsvFile(hotel.file)))
        await hotel.align()
        assert (hotel.one("anna")["Tier"], hotel.one("bea")["State"]) == ("GOLD", "Enrolled")


class TestBadLines:
    async def test_they_wait_for_a_person_and_their_members_are_protected(self, hotel: Hotel) -> None:
        hotel.members(member("anna"), member("bea"), member("carl"))
        await hotel.align()
        hotel.members(member("anna", points="many"), member("bea", points=77))
        hotel.later()
        await hotel.align()
        found = [hotel.one(name)["State"] for name in ("anna", "bea", "carl")]
        assert found == ["Enrolled", "Enrolled", "Canceled"]
        assert hotel.one("bea")["Points"] == 77
        assert set(await hotel.cases()) == {("m-anna", "bad_line")}
        hotel.members(member("anna"), member("bea", points=77))
        hotel.later()
        await hotel.align()
        assert await hotel.cases() == {}

    async def test_whose_member_then_leaves_the_scheme_protect_nobody_any_more(self, hotel: Hotel) -> None:
        for lines in ([member("anna"), member("bea")], [member("anna", points="many"), member("bea")], [member("bea")]):
            hotel.members(*lines)
            await hotel.align()
            hotel.later()
        assert (hotel.one("anna")["State"], await hotel.cases()) == ("Canceled", {})

    async def test_an_unreadable_id_stops_every_removal_of_the_pass(self, hotel: Hotel) -> None:
        hotel.members(member("anna"), member("bea"))
        await hotel.align()
        hotel.settings(unknown="cancel")
        hotel.members(member("bea", tier="GOLD"), member("anna", member_id=""))
        for _ in range(2):  # the second pass finds the file loaded already
            hotel.later()
            await hotel.align()
            assert (hotel.one("anna")["State"], hotel.one("bea")["Tier"]) == ("Enrolled", "GOLD")
        assert set(await hotel.cases()) == {("3", "bad_line")}
        hotel.members(member("bea", tier="GOLD"))
        hotel.later()
        await hotel.align()
        assert (hotel.one("anna")["State"], await hotel.cases()) == ("Canceled", {})

    async def test_an_id_that_stands_twice_leaves_its_membership_as_it_is(self, hotel: Hotel) -> None:
        hotel.members(member("anna"), member("bea"))
        await hotel.align()
        hotel.members(member("anna", tier="GOLD"), member("anna"), member("bea"))
        await hotel.align()
        assert (hotel.calls.writes(), set(await hotel.cases())) == ({}, {("m-anna", "bad_line")})

    async def test_an_unknown_tier_leaves_the_membership_as_it_is(self, hotel: Hotel) -> None:
        hotel.members(member("anna", tier="GOLD"), member("bea"))
        await hotel.align()
        hotel.members(
            member("anna", tier="PLATINUM", points=99), member("bea", tier="GOLD"), member("carl", tier="PEWTER")
        )
        hotel.later()
        await hotel.align()
        assert (hotel.one("anna")["Tier"], hotel.one("anna")["Points"], hotel.one("bea")["Tier"]) == (
            "GOLD",
            10,
            "GOLD",
        )
        assert set(await hotel.cases()) == {("m-anna", "unknown_tier"), ("m-carl", "unknown_tier")}
        hotel.members(member("anna", tier="GOLD"), member("bea", tier="GOLD"), member("carl"))
        hotel.later()
        await hotel.align()
        assert (hotel.calls.writes()[ADD], await hotel.cases()) == (1, {})
