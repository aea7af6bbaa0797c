"""The encoding of a members file: what is read, what is refused, and letters that were spoilt before."""

from __future__ import annotations

import pytest

from connector.domain.members import Member
from connector.errors import Unfinished
from connector.schemes.form import Encoding, Form
from tests.unit.schemes.members_files import Write, members_of

NAMES = ["Müller", "Öztürk", "García", "Łukasz", "Παπάς", "Žižka", "Groß", "Ångström", "Ñandú", "Conceição", "€"]


def file_of(*names: str) -> str:
    """A file of members with these last names."""
    return "member_id,last_name\n" + "".join(f"M{number},{name}\n" for number, name in enumerate(names))


def last_names(members: list[object]) -> list[str | None]:
    return [member.last_name for member in members if isinstance(member, Member)]


def twice(name: str) -> str:
    """A name that was encoded, read as windows-1252, or Latin-1 where that knows no letter, and encoded again."""
    return "".join(bytes([byte]).decode("windows-1252", "ignore") or chr(byte) for byte in name.encode())


def refusal(content: str | bytes, written: Write, encoding: Encoding = "auto") -> str:
    with pytest.raises(Unfinished) as caught:
        written(content, form=Form(encoding)).verify()
    assert "; expected " in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


class TestASetEncoding:
    @pytest.mark.parametrize(
        ("encoding", "codec"),
        [
            ("utf-8", "utf-8"),
            ("utf-8", "utf-8-sig"),
            ("utf-16", "utf-16"),
            ("windows-1252", "windows-1252"),
        ],
    )
    def test_is_read(self, written: Write, encoding: Encoding, codec: str) -> None:
        content = file_of("Müller", "Šimek", "€").encode(codec)
        assert last_names(members_of(written(content, form=Form(encoding)))) == ["Müller", "Šimek", "€"]

    @pytest.mark.parametrize("encoding", ["utf-8", "windows-1252"])
    def test_reads_ascii_whatever_it_is(self, written: Write, encoding: Encoding) -> None:
        assert last_names(members_of(written(file_of("Berger"), form=Form(encoding)))) == ["Berger"]

    @pytest.mark.parametrize(
        ("encoding", "codec", "why"),
        [
            ("utf-8", "utf-16", "begins with the byte order mark of UTF-16; expected UTF-8, as"),
            ("utf-8", "windows-1252", "is not UTF-8 somewhere after line 0; expected UTF-8, as"),
            ("utf-16", "utf-8", "begins with no byte order mark; expected UTF-16 with its byte order mark, as"),
            ("utf-16", "utf-16-le", "begins with no byte order mark; expected UTF-16 with"),
            ("utf-16", "utf-8-sig", "begins with the byte order mark of UTF-8; expected UTF-16 with"),
            ("windows-1252", "utf-8-sig", "begins with the byte order mark of UTF-8; expected windows-1252, as"),
            ("windows-1252", "utf-16", "begins with the byte order mark of UTF-16; expected windows-1252, as"),
            ("windows-1252", "utf-16-le", "holds a NUL character in line 1; expected windows-1252, as"),
        ],
    )
    def test_refuses_a_file_in_another(self, written: Write, encoding: Encoding, codec: str, why: str) -> None:
        said = refusal(file_of("Müller").encode(codec), written, encoding)
        assert why in said
        assert "as scheme.encoding says" in said

    @pytest.mark.parametrize("byte", [b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d"])
    def test_of_windows_1252_refuses_bytes_that_are_no_letter_there(self, written: Write, byte: bytes) -> None:
        content = file_of("Müller").encode("windows-1252") + b"M9," + byte + b"\n"
        assert "is not WINDOWS-1252" in refusal(content, written, "windows-1252")

    @pytest.mark.parametrize("name", [*NAMES, "Á", "𝒜lice"])
    def test_of_windows_1252_refuses_utf_8(self, written: Write, name: str) -> None:
        said = refusal(file_of("Berger", name), written, "windows-1252")
        assert "is UTF-8 wherever it is not ASCII, so it was most likely re-encoded; expected windows-1252" in said

    def test_of_windows_1252_refuses_utf_8_whose_letters_lie_on_the_border_of_two_reads(self, written: Write) -> None:
        content = "member_id,last_name\nM1,x\n" + "M,x\n" * 16377 + "M,é\n"
        assert content.encode()[: 1 << 16][-1:] == b"\xc3"
        assert "is UTF-8 wherever" in refusal(content, written, "windows-1252")

    def test_of_windows_1252_reads_a_file_of_which_only_a_part_could_be_utf_8(self, written: Write) -> None:
        content = file_of(twice("Müller"), "Müller").encode("windows-1252")
        assert last_names(members_of(written(content, form=Form("windows-1252")))) == ["MÃ¼ller", "Müller"]


class TestSpoiltLetters:
    @pytest.mark.parametrize("name", [*NAMES, "Иван", "O’Neill", "משה", "محمد"])
    def test_refuse_a_file_that_was_encoded_twice(self, written: Write, name: str) -> None:
        said = refusal(file_of("Berger", *[twice(name)] * 3), written)
        assert 'holds letters spoilt like "Ã¼" or "\ufffd" in 3 lines, first in line 3, so that names' in said
        assert twice(name) not in said.replace('"Ã¼"', "")

    def test_refuse_a_file_with_signs_in_place_of_letters(self, written: Write) -> None:
        assert "spoilt" in refusal(file_of("M\ufffdller", "Gro\ufffd", "\ufffdztürk"), written)

    @pytest.mark.parametrize("encoding", ["utf-16", "windows-1252"])
    def test_refuse_a_file_in_any_encoding(self, written: Write, encoding: Encoding) -> None:
        content = file_of(*map(twice, ["Müller", "René", "Jürgen"]), "Groß").encode(encoding)
        assert "in 3 lines, first in line 2" in refusal(content, written, encoding)

    def test_warn_of_few_lines(self, written: Write) -> None:
        file = written(file_of("Berger", *[twice("Müller")] * 2))
        assert file.verify().warnings == (
            'The file holds letters spoilt like "Ã¼" or "\ufffd" in 2 lines, first in line 3, so that names match '
            "nobody; expected names as people write them.",
        )
        assert last_names(members_of(file)) == ["Berger", "MÃ¼ller", "MÃ¼ller"]

    def test_warn_where_no_fewer_lines_are_sound(self, written: Write) -> None:
        names = [*[twice("Müller")] * 4, *["Müller"] * 4]
        (warning,) = written(file_of(*names)).verify().warnings
        assert "in 4 lines, first in line 2" in warning
        assert "in 4 lines" in refusal(file_of(*names[:-1]), written)

    def test_are_counted_wherever_in_the_file_they_are(self, written: Write) -> None:
        names = ["Berger"] * 1000
        names[150] = names[151] = names[990] = twice("Müller")
        assert "in 3 lines, first in line 152" in refusal(file_of(*names), written)

    @pytest.mark.parametrize("name", [*NAMES, "SÃO", "Château", "ÂGE", "ÄRLIG", "ÅSA", "PEÑA", "Île", "Ørsted", "Иван"])
    def test_are_none_in_sound_names(self, written: Write, name: str) -> None:
        assert written(file_of(*[name] * 5)).verify().warnings == ()
