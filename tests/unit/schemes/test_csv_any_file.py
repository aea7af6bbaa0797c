"""Whatever stands in the file: it is read as it was written, or refused in one sentence."""

from __future__ import annotations

import csv
import hashlib
import io
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.members import BadLine, Member
from connector.errors import Unfinished
from connector.schemes.csv_file import CsvFile
from connector.schemes.form import Control, Delimiter, Encoding, Form

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=8)
ANY, NONE = Form(), MappingProxyType[str, str]({})
PIECES = st.sampled_from(
    [
        *(
            b"member_id",
            b"url",
            b"miles",
            b",",
            b";",
            b"\t",
            b'"',
            b"\n",
            b"\r\n",
            b"\r",
            b"M1",
            b"M2",
            b"4111111111111111",
        ),
        *(b"M1", b"M2", b"4111111111111111"),
        *(b"\xff", b"\xfe", b"\0", b"\xc3", b"\x81", b"\xc3\xbc", "Ã¼".encode(), "\ufffd".encode(), b"https://x"),
        *(b"#rows=1\n", b"#rows=2\n", b"#rows=", b";sha256=", b"rows=1\n", b"sha256=" + b"0" * 64 + b"\n"),
    ]
)
SOME = st.lists(PIECES, max_size=30).map(b"".join)
HEADERS = st.sampled_from([b"member_id,tier\n", b"member_id\n", b"miles;member_id;url\r\n", b""])
FORMS = st.builds(
    Form,
    st.sampled_from(get_args(Encoding)),
    st.sampled_from(get_args(Delimiter)),
    st.sampled_from(get_args(Control)),
)


def read(
    content: bytes, form: Form = ANY, columns: Mapping[str, str] = NONE, beside: bytes | None = None
) -> list[Member | BadLine]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "members.csv"
        path.write_bytes(content)
        if beside is not None:
            (Path(folder) / "members.csv.control").write_bytes(beside)
        file = CsvFile(path, columns, form)
        listing = file.verify()
        members = [member for chunk in file.chunks(listing, size=3) for member in chunk]
        assert len(members) == listing.rows > 0
        return members


def refusal_of(content: bytes, form: Form, columns: Mapping[str, str], beside: bytes | None) -> str:
    try:
        read(content, form, columns, beside)
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


@settings(deadline=None, max_examples=500)
@given(
    st.builds(bytes.__add__, HEADERS, SOME) | SOME | st.binary(),
    FORMS,
    st.sampled_from([{}, {"MM": "miles"}]),
    st.none() | SOME | st.binary(),
)
def test_any_bytes_are_read_or_refused_in_one_sentence(
    content: bytes, form: Form, columns: Mapping[str, str], beside: bytes | None
) -> None:
    refusal = refusal_of(content, form, columns, beside)
    assert refusal == "" or "; expected " in refusal
    assert "\n" not in refusal


@settings(deadline=None)
@given(st.builds(bytes.__add__, HEADERS, SOME), FORMS)
def test_what_one_control_lets_pass_is_what_is_read_without_any(content: bytes, form: Form) -> None:
    stated = f"sha256={hashlib.sha256(content).hexdigest()}\n".encode()
    plain = replace(form, control="none")
    if refusal_of(content, plain, NONE, None):
        assert refusal_of(content, replace(form, control="sidecar"), NONE, stated)
    else:
        assert read(content, replace(form, control="sidecar"), NONE, stated) == read(content, plain)
