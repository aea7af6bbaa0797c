"""The members file: what is taken, what is set aside, and what is refused whole."""

from __future__ import annotations

import hashlib
import os
from datetime import date
from pathlib import Path
from typing import ClassVar

import pytest

from connector.domain.members import BadLine, Member
from connector.errors import Unfinished
from connector.schemes.csv_file import CsvFile
from connector.schemes.csv_source import CsvRoll
from connector.schemes.form import Delimiter, Form
from connector.schemes.reading import opened
from tests.unit.schemes.members_files import ANNA, BEN, HEADER, Write, bad_lines_of, members_of


class TestReading:
    def test_every_column_arrives_in_its_field(self, written: Write) -> None:
        expected = Member(
            member_id="M1",
            number="AL-1",
            email="anna@example.org",
            first_name="Anna",
            last_name="Müller",
            tier="GOLD",
            points=1500,
            expires_on=date(2027, 12, 31),
            state="Enrolled",
            url="https://cards.example/1",
            mews_id="g-1",
        )
        assert [expected] == members_of(written(HEADER + ANNA))

    def test_an_empty_cell_is_none(self, written: Write) -> None:
        (ben,) = members_of(written(HEADER + BEN))
        assert isinstance(ben, Member)
        assert (
            ben.tier,
            ben.points,
            ben.expires_on,
            ben.state,
            ben.url,
            ben.mews_id,
        ) == (None, None, None, None, None, None)

    def test_columns_may_stand_in_any_order_and_case(self, written: Write) -> None:
        assert [Member("M1", tier="GOLD")] == members_of(written(" Tier ,MEMBER_ID\nGOLD,M1\n"))

    def test_only_the_columns_of_the_file_are_owned(self, written: Write) -> None:
        assert {"tier", "points"} == written("member_id,tier,points,email\nM1,GOLD,1,\n").verify().columns

    def test_unknown_columns_make_one_warning_and_are_not_read(self, written: Write) -> None:
        file = written("member_id,shoe_size,tier,hat\nM1,44,GOLD,7\n")
        (warning,) = file.verify().warnings
        assert warning.startswith("Columns not read: shoe_size, hat;")
        assert [Member("M1", tier="GOLD")] == members_of(file)

    def test_a_header_with_data_of_a_member_in_it_is_told_without_them(self, written: Write) -> None:
        (warning,) = written("member_id,zora@guests.example,992003669288601\nM1,,\n").verify().warnings
        assert "zora" not in warning
        assert "992003669288601" not in warning
        assert warning.startswith("Columns not read: [")

    def test_a_file_with_known_columns_only_warns_of_nothing(self, written: Write) -> None:
        assert written(HEADER + ANNA).verify().warnings == ()

    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_the_header_tells_the_delimiter(self, written: Write, delimiter: str) -> None:
        file = written((HEADER + ANNA).replace(",", delimiter))
        assert [member.last_name for member in members_of(file) if isinstance(member, Member)] == ["Müller"]

    def test_a_set_delimiter_is_taken_though_the_header_would_tell_another(self, written: Write) -> None:
        content = "member_id;note,first_name,tier\nM1;x,y,GOLD\n"
        assert members_of(written(content, form=Form(delimiter=";"))) == [Member("M1")]
        (other,) = members_of(written("member_id;note,tier,member_id\na;b,GOLD,M1\n"))
        assert other == Member("M1", tier="GOLD")

    def test_a_set_delimiter_makes_the_same_file_another_roll(self, written: Write) -> None:
        content = "member_id,note;x\nM1,2;3\n"
        files = [written(content, form=Form(delimiter=",")), written(content)]
        assert len({CsvRoll(file, file.verify()).mark for file in files}) == 2

    @pytest.mark.parametrize(("delimiter", "shown"), [(";", '";"'), ("\t", r'"\t"')])
    def test_a_file_with_another_delimiter_than_the_set_one_is_refused(
        self, written: Write, delimiter: Delimiter, shown: str
    ) -> None:
        with pytest.raises(Unfinished, match="no column member_id; expected it in the first line, between ") as caught:
            written(HEADER + ANNA, form=Form(delimiter=delimiter)).verify()
        assert f"between {shown} as scheme.delimiter says" in str(caught.value)

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_names_survive_every_readable_encoding(self, written: Write, encoding: str) -> None:
        (anna,) = members_of(written((HEADER + ANNA).encode(encoding)))
        assert isinstance(anna, Member)
        assert (anna.member_id, anna.last_name) == ("M1", "Müller")

    def test_big_endian_utf_16_is_read(self, written: Write) -> None:
        assert len(members_of(written(b"\xfe\xff" + (HEADER + ANNA).encode("utf-16-be")))) == 1

    def test_quoted_cells_may_hold_delimiters_and_quotes(self, written: Write) -> None:
        assert [Member("M1", last_name='O"Hara, Jr.')] == members_of(
            written('member_id,last_name\nM1,"O""Hara, Jr."\n')
        )

    def test_windows_line_ends_and_empty_lines_are_fine(self, written: Write) -> None:
        file = written((HEADER + ANNA + "\n" + BEN + "\n").replace("\n", "\r\n"))
        assert file.verify().rows == 2
        assert [member.member_id for member in members_of(file)] == ["M1", "M2"]

    def test_members_come_in_chunks_of_the_asked_size(self, written: Write) -> None:
        file = written("member_id\n" + "".join(f"M{i}\n" for i in range(5)))
        assert [len(chunk) for chunk in file.chunks(file.verify(), size=2)] == [2, 2, 1]

    def test_the_listing_counts_rows_and_bytes(self, written: Write) -> None:
        listing = written(HEADER + ANNA + BEN).verify()
        assert (2, len((HEADER + ANNA + BEN).encode())) == (listing.rows, listing.size)


class TestNumbersAtPartners:
    COLUMNS: ClassVar = {"MM": " Miles_And_More", "AM": "air"}
    FILE = "member_id,MILES_AND_MORE,air,tier\nM1, 992000000000005 ,,GOLD\n"

    def test_stand_in_the_columns_that_are_named_for_them(self, written: Write) -> None:
        file = written(self.FILE, partner_columns=self.COLUMNS)
        numbers = {"MM": "992000000000005", "AM": None}
        assert members_of(file) == [Member("M1", tier="GOLD", partner_numbers=numbers)]
        assert file.programs == {"MM", "AM"}

    def test_are_not_told_as_columns_that_are_not_read(self, written: Write) -> None:
        assert written(self.FILE, partner_columns=self.COLUMNS).verify().warnings == ()
        (warning,) = written(self.FILE, partner_columns={"AM": "air"}).verify().warnings
        assert warning.startswith("Columns not read: miles_and_more;")

    def test_may_stand_in_one_column_with_another_field(self, written: Write) -> None:
        file = written("member_id,number\nM1,992000000000005\n", partner_columns={"MM": "number"})
        assert members_of(file) == [Member("M1", number="992000000000005", partner_numbers={"MM": "992000000000005"})]

    def test_are_required_once_their_column_is_named(self, written: Write) -> None:
        file = written("member_id,tier\nM1,GOLD\n", partner_columns={"MM": "miles"})
        with pytest.raises(Unfinished, match="has no column miles with the numbers in MM; expected it in the first"):
            file.verify()

    @pytest.mark.parametrize(
        ("number", "what"), [("4111-1111 1111.1111", "looks like a payment card"), ("9" * 256, "is too long")]
    )
    def test_that_cannot_be_taken_make_a_bad_line(self, written: Write, number: str, what: str) -> None:
        (bad,) = members_of(written(f"member_id,air\nM1,{number}\n", partner_columns={"AM": "air"}))
        assert isinstance(bad, BadLine)
        assert bad.text.startswith(f"Line 2: the number in AM {what}; expected ")
        assert (bad.member_id, number in bad.text) == ("M1", False)

    def test_with_a_line_break_leave_no_readable_member(self, written: Write) -> None:
        (bad,) = members_of(written('member_id,air\nM1,"800\nM2,800"\n', partner_columns={"AM": "air"}))
        assert (bad.member_id, "runs over several lines" in str(bad)) == (None, True)

    def test_of_other_columns_make_the_same_file_another_roll(self, written: Write) -> None:
        content = "member_id,a,b\nM1,1,2\n"
        files = [written(content, partner_columns={"MM": column}) for column in "ab"] + [written(content)]
        marks = [CsvRoll(file, file.verify()).mark for file in files]
        assert len(set(marks)) == 3
        assert marks[2] == hashlib.sha256(content.encode()).hexdigest()


class TestBadLines:
    @pytest.mark.parametrize(
        ("line", "what"),
        [
            ("M1,AL-1,GOLD,12.5,,", "points is not a whole number"),
            ("M1,AL-1,GOLD,1_000,,", "points is not a whole number"),
            ("M1,AL-1,GOLD,9999999999,,", "points is not a whole number"),
            ("M1,AL-1,GOLD,١٢,,", "points is not a whole number"),
            ("M1,AL-1,GOLD,,31.12.2027,", "expires_on is not a date"),
            ("M1,AL-1,GOLD,,20271231,", "expires_on is not a date"),
            ("M1,AL-1,GOLD,,2027-W01-1,", "expires_on is not a date"),
            ("M1,AL-1,GOLD,,2027-02-30,", "expires_on is not a date"),
            ("M1,AL-1,GOLD,,,Active", "state is unknown"),
            ("M1," + "9" * 256 + ",GOLD,,,", "number is too long"),
            ("M1,4111 1111-1111 1111,GOLD,,,", "number looks like a payment card"),
            ("M1,341111111111111,GOLD,,,", "number looks like a payment card"),
            ("M1,AL-1,GOLD,,", "5 fields; expected 6"),
            ("M1,AL-1,GOLD,,,,", "7 fields; expected 6"),
        ],
    )
    def test_a_bad_line_says_what_is_wrong_and_keeps_its_member(self, written: Write, line: str, what: str) -> None:
        file = written(f"member_id,number,tier,points,expires_on,state\n{line}\nM2,,,,,\n")
        (bad,) = bad_lines_of(file)
        assert (bad.line, bad.member_id) == (2, "M1")
        assert bad.text.startswith(f"Line 2: {what}")

    @pytest.mark.parametrize("member_id", ["", "  ", "x" * 101, "4111111111111111"])
    def test_a_line_without_a_usable_id_has_no_member(self, written: Write, member_id: str) -> None:
        (bad,) = bad_lines_of(written(f"member_id,tier\nM1,\n{member_id},GOLD\n"))
        assert (bad.line, bad.member_id) == (3, None)

    def test_a_longest_id_is_taken(self, written: Write) -> None:
        assert [Member("x" * 100)] == members_of(written(f"member_id\n{'x' * 100}\n"))

    def test_an_id_with_letters_may_hold_sixteen_digits(self, written: Write) -> None:
        uuid = "7c86eaaf-3b9c-4af6-a8b7-1db14abf1234"
        assert members_of(written(f"member_id\n{uuid}\n")) == [Member(uuid)]

    def test_both_lines_of_a_repeated_member_are_set_aside(self, written: Write) -> None:
        bad = bad_lines_of(written("member_id,tier\nM1,GOLD\nM2,GOLD\n M1 ,SILVER\n"))
        assert [(line.line, line.member_id) for line in bad] == [(2, "M1"), (4, "M1")]

    def test_a_wrong_field_count_hides_an_id_that_is_not_in_the_first_column(self, written: Write) -> None:
        (bad,) = bad_lines_of(written("tier,member_id\nGOLD,Jr.,M1\nGOLD,M2\n"))
        assert bad.member_id is None

    def test_lines_swallowed_by_a_stray_quote_leave_no_readable_member(self, written: Write) -> None:
        file = written('member_id,last_name\nM1,"Müller\nM2,Berger\nM3,Huber"\nM4,Moser\n')
        (bad,) = bad_lines_of(file)
        assert (bad.line, bad.member_id) == (4, None)
        assert Member("M4", last_name="Moser") in members_of(file)

    def test_swallowed_lines_with_a_wrong_field_count_leave_no_readable_member(self, written: Write) -> None:
        (bad,) = bad_lines_of(written('member_id,last_name\nM1,"Müller\nM2,Berger",x\nM4,Moser\n'))
        assert bad.member_id is None

    def test_line_breaks_in_a_column_that_is_not_read_are_fine(self, written: Write) -> None:
        assert [Member("M1")] == members_of(written('member_id,note\nM1,"one\ntwo"\n'))

    def test_nothing_personal_is_repeated_in_the_text(self, written: Write) -> None:
        secrets = ["AL-778899", "anna@example.org", "Anna", "Müller"]
        line = "M1,AL-778899,anna@example.org,Anna,Müller"
        file = written(
            f"{HEADER}{line},GOLD,Müller,,,,\n{line},GOLD,,Anna,,,\n{line},,,,anna@example.org,,\n{line},,,,,Anna,\n{line}\n{BEN}"
        )
        texts = " ".join(bad.text for bad in bad_lines_of(file))
        assert [secret for secret in secrets if secret in texts] == []


class TestRefusedWhole:
    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"", "is empty"),
            (b"\n", "is empty"),
            (HEADER.encode(), "holds no member"),
            (b"number,tier\n1,GOLD\n", "has no column member_id"),
            (b"member_id,tier,tier\nM1,GOLD,GOLD\n", "names a column twice"),
            (b"member_id,tier\nM1,GOLD\nM2,SILV", "is truncated"),
            (b"member_id,tier\nM1,GOLD\nM2\n", "is truncated"),
            (b'member_id,tier\nM1,GOLD\nM2,"SILVER\n', "cannot be split into cells"),
            (b'member_id,tier\nM1,"GO"LD\nM2,SILVER\n', "cannot be split into cells"),
            (b"member_id,tier\nM1,GO\0LD\n", "holds a NUL character in line 2"),
            ((HEADER + ANNA).encode("windows-1252"), "is not UTF-8"),
            ((HEADER + BEN).encode("utf-16-le"), "holds a NUL character in line 1"),
            ((HEADER + ANNA).encode("utf-16")[:-1], "is not UTF-16"),
            (b"\xef\xbb\xbf" + (HEADER + ANNA).encode("latin-1"), "is not UTF-8"),
        ],
    )
    def test_a_file_that_is_not_whole_is_refused(self, written: Write, content: bytes, why: str) -> None:
        with pytest.raises(Unfinished, match=f"members.csv {why}") as caught:
            written(content).verify()
        assert "expected" in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_a_missing_file_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(Unfinished, match="No such file"):
            CsvFile(tmp_path / "members.csv").verify()

    def test_a_directory_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(Unfinished, match="directory"):
            CsvFile(tmp_path).verify()

    def test_a_file_that_grows_while_it_is_read_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "members.csv"
        path.write_text(HEADER + ANNA)
        with opened(path, Form()) as reading, path.open("a") as more:
            more.write(BEN)
            more.flush()
            with pytest.raises(Unfinished, match="changed while"):
                list(reading.rows())

    def test_a_file_rewritten_at_the_same_size_while_it_is_read_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "members.csv"
        path.write_text(HEADER + ANNA)
        with opened(path, Form()) as reading:
            os.utime(path, ns=(0, 0))
            with pytest.raises(Unfinished, match="changed while"):
                list(reading.rows())

    def test_a_file_replaced_between_the_passes_is_refused_at_the_end(self, written: Write) -> None:
        listing = written(HEADER + ANNA).verify()
        chunks = written(HEADER + ANNA.replace("GOLD", "LEAD")).chunks(listing)
        assert len(next(chunks)) == 1
        with pytest.raises(Unfinished, match="changed while"):
            next(chunks)


@pytest.mark.parametrize(
    ("cell", "share"), [("yes", True), ("No", False), ("0", False), ("", None), ("TRUE", True), ("false", False)]
)
def test_a_column_says_whether_partners_may_be_told(written: Write, cell: str, share: bool | None) -> None:
    (member,) = members_of(written(f"member_id,share\nM1,{cell}\n"))
    assert member == Member("M1", share=share)


def test_a_word_that_is_neither_yes_nor_no_makes_a_bad_line(written: Write) -> None:
    (bad,) = bad_lines_of(written("member_id,share\nM1,perhaps\n"))
    assert bad.text == (
        "Line 2: share is neither yes nor no; expected whether partners may be told of the member's stays."
    )
