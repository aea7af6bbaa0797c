"""Whatever stands in the file: it is read as it was written, or refused in one sentence."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.members import BadLine, Member
from connector.errors import Unfinished
from connector.schemes.csv_file import CsvFile

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=8)
PIECES = st.sampled_from([b"member_id", b",", b";", b'"', b"\n", b"\r", b"M1", b"\xff", b"\xfe", b"\0", b"\xc3"])


def read(content: bytes) -> list[Member | BadLine]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "members.csv"
        path.write_bytes(content)
        file = CsvFile(path)
        listing = file.verify()
        members = [member for chunk in file.chunks(listing, size=3) for member in chunk]
        assert len(members) == listing.rows
        return members


def refusal_of(content: bytes) -> str:
    try:
        read(content)
    except Unfinished as refusal:
        return str(refusal)
    return ""


@settings(deadline=None)
@given(
    st.dictionaries(st.integers(0, 10**9).map("M{}".format), st.tuples(NAMES, NAMES), min_size=1, max_size=8),
    st.sampled_from(",;\t"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_was_written_is_read(
    names: dict[str, tuple[str, str]], delimiter: str, encoding: str, line_end: str
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end)
    writer.writerow(["member_id", "first_name", "last_name"])
    writer.writerows((member_id, *both) for member_id, both in names.items())
    assert read(text.getvalue().encode(encoding)) == [
        Member(member_id, first_name=first.strip() or None, last_name=last.strip() or None)
        for member_id, (first, last) in names.items()
    ]


@settings(deadline=None, max_examples=300)
@given(st.lists(PIECES, max_size=30).map(lambda pieces: b"member_id,tier\n" + b"".join(pieces)) | st.binary())
def test_any_bytes_are_read_or_refused_in_one_sentence(content: bytes) -> None:
    refusal = refusal_of(content)
    assert refusal == "" or "expected" in refusal
    assert "\n" not in refusal
