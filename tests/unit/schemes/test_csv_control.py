"""What an export states of its file, in the last line or beside it: whatever disagrees is refused whole."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from connector.domain.members import Member
from connector.errors import Unfinished
from connector.schemes.csv_file import CsvFile
from connector.schemes.form import Control, Form
from connector.schemes.reading import opened
from tests.unit.schemes.members_files import Write, bad_lines_of, members_of

FILE = b"member_id,tier\nM1,GOLD\nM2,SILVER\n"
BOTH = [Member("M1", tier="GOLD"), Member("M2", tier="SILVER")]
LINE, SIDECAR = Form(control="line"), Form(control="sidecar")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def beside(tmp_path: Path) -> Path:
    """Where the sidecar of the file stands."""
    return tmp_path / "members.csv.control"


def refusal_of(file: CsvFile) -> str:
    with pytest.raises(Unfinished) as caught:
        file.verify()
    said = str(caught.value)
    assert "; expected " in said
    assert "\n" not in said
    return said


class TestTheLastLine:
    @pytest.mark.parametrize(
        "line",
        [
            b"#rows=2\n",
            b"#rows=2\r\n",
            b"#rows=0002\n",
            b"#rows=2;sha256=" + sha256(FILE).encode() + b"\n",
            b"#rows=2;sha256=" + sha256(FILE).upper().encode() + b"\n",
        ],
    )
    def test_that_agrees_is_no_member(self, written: Write, line: bytes) -> None:
        file = written(FILE + line, form=LINE)
        assert members_of(file) == BOTH
        listing = file.verify()
        assert (listing.rows, listing.size, listing.sha256) == (2, len(FILE + line), sha256(FILE))

    @pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
    def test_is_read_in_every_encoding(self, written: Write, codec: str) -> None:
        start = b"\xfe\xff" if codec == "utf-16-be" else b""
        content = start + "member_id,last_name\nM1,Müller\n".encode(codec)
        line = f"#rows=1;sha256={sha256(content)}\n".encode(codec.removesuffix("-sig"))
        file = written(content + line.removeprefix(b"\xff\xfe"), form=LINE)
        assert members_of(file) == [Member("M1", last_name="Müller")]

    @pytest.mark.parametrize("first", ["M", "MM"])
    @pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
    def test_is_found_below_a_long_file(self, written: Write, first: str, codec: str) -> None:
        content = f"member_id\n{first}\n" + "".join(f"M{number}\n" for number in range(4999)) + "#rows=5000\n"
        assert len(members_of(written(content.encode(codec), form=LINE))) == 5000

    @pytest.mark.parametrize(
        "line",
        [
            b"",
            b"#rows=2",
            b"#rows=\n",
            b"#rows=-2\n",
            b"#rows=2;sha256=\n",
            b"#rows=2;sha256=abc\n",
            b"#rows=2;md5=abc\n",
            b" #rows=2\n",
            b"#rows=2\n\n",
            b"#rows=2\nM3,GOLD\n",
            b"M3,GOLD#rows=3\n",
            "#rows=２\n".encode(),
        ],
    )
    def test_that_is_absent_means_truncated(self, written: Write, line: bytes) -> None:
        said = refusal_of(written(FILE + line, form=LINE))
        assert "is truncated; expected a last line #rows=12345 or #rows=12345;sha256=…" in said

    def test_that_counts_others_is_told_with_both_numbers(self, written: Write) -> None:
        said = refusal_of(written(FILE + b"#rows=3\n", form=LINE))
        assert "holds 2 members, bad lines included; expected 3, as its last line says; nothing of it" in said

    def test_that_has_another_checksum_is_told_with_both(self, written: Write) -> None:
        line = f"#rows=2;sha256={sha256(b'')}\n".encode()
        said = refusal_of(written(FILE + line, form=LINE))
        assert f"has the SHA-256 {sha256(FILE)}; expected {sha256(b'')}, as its last line says" in said

    def test_counts_bad_lines_but_neither_header_nor_empty_lines(self, written: Write) -> None:
        file = written(b"member_id,points\n\nM1,many\n\nM2,5\nM3\nM4,1\n#rows=4\n", form=LINE)
        assert file.verify().rows == 4
        assert len(bad_lines_of(file)) == 2

    def test_notices_a_line_that_a_stray_quote_swallowed(self, written: Write) -> None:
        said = refusal_of(written(b'member_id,note\nM1,"x\nM2,y"\nM3,z\n#rows=3\n', form=LINE))
        assert "holds 2 members" in said

    def test_inside_a_quote_is_none(self, written: Write) -> None:
        assert "closed quotes" in refusal_of(written(b'member_id,note\nM1,x\nM2,"y\n#rows=2\n', form=LINE))

    def test_cannot_make_a_cut_member_whole(self, written: Write) -> None:
        said = refusal_of(written(b"member_id,tier\nM1,GOLD\nM2\n#rows=2\n", form=LINE))
        assert "is truncated; expected a complete last line" in said

    def test_alone_is_an_empty_file(self, written: Write) -> None:
        assert "is empty" in refusal_of(written(b"#rows=0\n", form=LINE))

    def test_of_nobody_does_not_empty_the_scheme(self, written: Write) -> None:
        assert "holds no member" in refusal_of(written(b"member_id\n#rows=0\n", form=LINE))

    @pytest.mark.parametrize("control", ["none", "sidecar"])
    def test_is_not_taken_for_a_member_where_none_is_expected(
        self, written: Write, tmp_path: Path, control: Control
    ) -> None:
        beside(tmp_path).write_text("rows=2\n")
        said = refusal_of(written(b"member_id\nM1\n#rows=1\n", form=Form(control=control)))
        assert 'ends with a control line; expected scheme.control = "line"' in said

    def test_of_another_number_between_the_passes_is_no_harm(self, written: Write) -> None:
        listing = written(FILE + b"#rows=2\n", form=LINE).verify()
        more = written(FILE + b"M3,GOLD\n#rows=3\n", form=LINE)
        with pytest.raises(Unfinished, match="changed while"):
            list(more.chunks(listing))


class TestASidecar:
    @pytest.mark.parametrize(
        "content",
        [
            "rows=2\n",
            f"sha256={sha256(FILE)}\n",
            f"rows=2\nsha256={sha256(FILE).upper()}\n",
            f"sha256={sha256(FILE)}\r\n\r\nrows=2\r\n",
            f"{sha256(FILE)}  members.csv\n",
            f"{sha256(FILE)} */export/members.csv.part\n",
            f"\\{sha256(FILE)}  members\\\\.csv\n",
            f"{sha256(FILE)}  members.csv\nrows=2\n",
        ],
    )
    @pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
    def test_that_agrees_lets_the_file_pass(self, written: Write, tmp_path: Path, content: str, codec: str) -> None:
        file = written(FILE, form=SIDECAR)
        beside(tmp_path).write_bytes(content.encode(codec))
        assert members_of(file) == BOTH

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            ("rows=3\n", "holds 2 members, bad lines included; expected 3, as members.csv.control says"),
            ("rows=0\n", "holds 2 members, bad lines included; expected 0, as members.csv.control says"),
            (
                f"rows=2\nsha256={sha256(b'')}\n",
                f"has the SHA-256 {sha256(FILE)}; expected {sha256(b'')}, as members.csv.control says",
            ),
            (f"{sha256(b'')}  members.csv\n", f"has the SHA-256 {sha256(FILE)}; expected {sha256(b'')}"),
            (f"rows=3\nsha256={sha256(FILE)}\n", "holds 2 members"),
        ],
    )
    def test_that_disagrees_is_told_with_what_is_found(
        self, written: Write, tmp_path: Path, content: str, why: str
    ) -> None:
        file = written(FILE, form=SIDECAR)
        beside(tmp_path).write_text(content)
        assert why in refusal_of(file)

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"", "has an unfinished members.csv.control; expected a line break at its end"),
            (b"rows=2", "has an unfinished members.csv.control"),
            (b"rows=2\nsha256=" + sha256(FILE).encode(), "has an unfinished members.csv.control"),
            (b"\n", "has a members.csv.control with something else in it; expected rows= and sha256="),
            (b"rows=two\n", "with something else in it"),
            (b"rows=2\nrows=2\n", "with something else in it"),
            (b"rows=2\nmd5=1\n", "with something else in it"),
            (f"sha256={sha256(FILE)}\n{sha256(FILE)}  members.csv\n".encode(), "with something else in it"),
            (f"{sha256(FILE)}\n".encode(), "with something else in it"),
            (b"rows=2\n" * 20_000, "has a members.csv.control of more than 65536 bytes; expected a few lines"),
            ("rows=2\n".encode("utf-16-le"), "has an unfinished members.csv.control"),
            (b"rows=\xff2\n", "has a members.csv.control that is not text; expected UTF-8"),
        ],
    )
    def test_that_states_nothing_clear_is_not_trusted(
        self, written: Write, tmp_path: Path, content: bytes, why: str
    ) -> None:
        file = written(FILE, form=SIDECAR)
        beside(tmp_path).write_bytes(content)
        assert why in refusal_of(file)

    def test_that_is_missing_is_told_by_its_name(self, written: Write) -> None:
        said = refusal_of(written(FILE, form=SIDECAR))
        assert "has no readable members.csv.control beside it (No such file or directory); expected one with" in said

    def test_that_is_a_directory_is_not_read(self, written: Write, tmp_path: Path) -> None:
        beside(tmp_path).mkdir()
        assert "has no readable members.csv.control beside it (Is a directory)" in refusal_of(
            written(FILE, form=SIDECAR)
        )

    def test_of_a_number_only_must_not_be_older_than_the_file(self, written: Write, tmp_path: Path) -> None:
        beside(tmp_path).write_text("rows=2\n")
        file = written(FILE, form=SIDECAR)
        os.utime(beside(tmp_path), ns=(0, 1_000_000_000))
        os.utime(tmp_path / "members.csv", ns=(0, 1_000_000_000))
        assert members_of(file) == BOTH
        os.utime(tmp_path / "members.csv", ns=(0, 1_000_000_001))
        assert "was written after members.csv.control; expected the number of its own members" in refusal_of(file)

    def test_with_a_checksum_may_be_older_than_the_file(self, written: Write, tmp_path: Path) -> None:
        beside(tmp_path).write_text(f"sha256={sha256(FILE)}\n")
        os.utime(beside(tmp_path), ns=(0, 0))
        assert members_of(written(FILE, form=SIDECAR)) == BOTH

    @pytest.mark.parametrize("then", ["rows=2\n", "rows=3\n", ""])
    def test_that_is_written_while_the_file_is_read_is_not_trusted(
        self, written: Write, tmp_path: Path, then: str
    ) -> None:
        written(FILE, form=SIDECAR)
        beside(tmp_path).write_text("rows=2\n")
        os.utime(beside(tmp_path), ns=(0, 2**62))
        with opened(tmp_path / "members.csv", SIDECAR) as reading:
            rows = len(list(reading.rows()))
            beside(tmp_path).write_text(then)
            with pytest.raises(Unfinished, match=r"changed while it was being read|has an unfinished"):
                reading.require_stated(rows)

    def test_written_before_the_file_was_complete_waits_for_it(self, written: Write, tmp_path: Path) -> None:
        file = written(FILE[: FILE.index(b"M2")], form=SIDECAR)
        beside(tmp_path).write_text(f"rows=2\nsha256={sha256(FILE)}\n")
        assert "holds 1 member, bad lines included; expected 2" in refusal_of(file)
        assert members_of(written(FILE, form=SIDECAR)) == BOTH


CONTENTS = {
    "line breaks of Unix": b"member_id,tier\nM1,GOLD\nM22,SILVER\n",
    "line breaks of Windows": b"member_id,tier\r\nM1,GOLD\r\nM22,SILVER\r\n",
    "one column": b"member_id\nM1\nM2\nM22\n",
    "quotes": b'member_id,note\nM1,"a\nb"\nM2,"c"\n',
    "UTF-16": "member_id,last_name\nM1,Müller\nM2,Berger\n".encode("utf-16"),
}


def accepted(path: Path, content: bytes, form: Form) -> bool:
    path.write_bytes(content)
    try:
        file = CsvFile(path, form=form)
        assert sum(map(len, file.chunks(file.verify()))) > 0
    except Unfinished:
        return False
    return True


class TestAFileThatIsCut:
    """At every byte."""

    @pytest.mark.parametrize("kind", CONTENTS)
    @pytest.mark.parametrize("summed", [True, False])
    @pytest.mark.parametrize("line_break", ["\n", "\r\n"])
    def test_is_refused_when_it_has_a_control_line(
        self, tmp_path: Path, kind: str, summed: bool, line_break: str
    ) -> None:
        content = CONTENTS[kind]
        rows = 3 if kind == "one column" else 2
        line = f"#rows={rows}" + (f";sha256={sha256(content)}" if summed else "") + line_break
        whole = content + line.encode("utf-16-le" if kind == "UTF-16" else "ascii")
        cuts = range(len(whole) + 1)
        assert [cut for cut in cuts if accepted(tmp_path / "m.csv", whole[:cut], LINE)] == [len(whole)]

    @pytest.mark.parametrize("kind", CONTENTS)
    @pytest.mark.parametrize("stated", ["rows=ROWS\n", "sha256=SUM\n", "rows=ROWS\nsha256=SUM\n", "SUM  m.csv\n"])
    def test_is_refused_when_it_has_a_sidecar(self, tmp_path: Path, kind: str, stated: str) -> None:
        content = CONTENTS[kind]
        rows = "3" if kind == "one column" else "2"
        sidecar = tmp_path / "m.csv.control"
        sidecar.write_text(stated.replace("ROWS", rows).replace("SUM", sha256(content)))
        os.utime(sidecar, ns=(0, 2**62))
        cuts = range(len(content) + 1)
        assert [cut for cut in cuts if accepted(tmp_path / "m.csv", content[:cut], SIDECAR)] == [len(content)]

    def test_is_refused_with_whatever_there_is_of_the_sidecar(self, tmp_path: Path) -> None:
        stated = f"rows=12\nsha256={sha256(FILE)}\n"
        content = b"member_id\n" + b"".join(b"M%d\n" % number for number in range(12))
        for cut in range(len(stated)):
            (tmp_path / "m.csv.control").write_text(stated[:cut])
            os.utime(tmp_path / "m.csv.control", ns=(0, 2**62))
            for end in range(len(content)):
                assert not accepted(tmp_path / "m.csv", content[:end], SIDECAR)

    def test_cannot_be_noticed_at_the_end_of_a_line_without_any_control(self, tmp_path: Path) -> None:
        cuts = [cut for cut in range(len(FILE) + 1) if accepted(tmp_path / "m.csv", FILE[:cut], Form())]
        assert cuts == [len(b"member_id,tier\nM1,GOLD\n"), len(FILE)]
