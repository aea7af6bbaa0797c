"""Who is who: identifiers compared by keyed hashes, ties only when unique both ways."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from connector.domain.matching import Doubt, Hasher, normal
from connector.domain.members import Member

HASHER = Hasher(b"k" * 32)


class TestNormalForm:
    @pytest.mark.parametrize(
        ("written", "compared"),
        [
            ("  Anna  Maria\t", "anna maria"),
            ("ANNA@Example.ORG", "anna@example.org"),
            ("Groß", "gross"),
            ("Mu\u0308ller", "müller"),
            ("\u00a0Léa\u2003Roux ", "léa roux"),
            ("\uff21nna", "anna"),
            ("\U0001d400nna", "anna"),
            ("\u01f0", "\u01f0"),
            ("\u0130pek", "i\u0307pek"),
            ("", ""),
            (None, ""),
        ],
    )
    def test_spelling_is_folded(self, written: str | None, compared: str) -> None:
        assert normal(written) == compared

    def test_accents_are_kept_apart(self) -> None:
        assert normal("Müller") != normal("Muller")

    @pytest.mark.parametrize("text", ["\u0345\u0301", "\u1e9e", "\ufb03", "\u03a3\u03c2"])
    def test_folding_twice_changes_nothing(self, text: str) -> None:
        assert normal(normal(text)) == normal(text)


class TestHasher:
    def test_it_is_hmac_sha256_cut_to_sixteen_bytes(self) -> None:
        whole = hmac.new(b"k" * 32, b"last_name\x1fm\xc3\xbcller", hashlib.sha256).digest()
        assert HASHER.last_name(" MÜLLER ") == whole[:16]

    @pytest.mark.parametrize("length", [1, 63, 64, 65, 200])
    def test_a_key_of_any_length_counts_as_hmac_has_it(self, length: int) -> None:
        key = bytes(range(length))
        assert Hasher(key).last_name("Berger") == hmac.digest(key, b"last_name\x1fberger", "sha256")[:16]

    def test_another_key_makes_another_hash(self) -> None:
        assert Hasher(b"x" * 32).last_name("Berger") != HASHER.last_name("Berger")

    def test_purposes_are_kept_apart(self) -> None:
        assert HASHER.last_name("berger") != HASHER.loyalty_code("berger")

    def test_the_border_between_names_matters(self) -> None:
        assert HASHER.email_and_name("a@b.c", "Anna M", "B") != HASHER.email_and_name("a@b.c", "Anna", "M B")

    def test_the_same_person_spelt_otherwise_is_the_same(self) -> None:
        assert HASHER.email_and_name("A@b.c", "ANNA", "Groß") == HASHER.email_and_name("a@B.c ", "Anna", "GROSS")

    @pytest.mark.parametrize("missing", [None, "", "  "])
    def test_a_missing_part_gives_no_hash(self, missing: str | None) -> None:
        assert HASHER.last_name(missing) is None
        assert HASHER.loyalty_code(missing) is None
        assert HASHER.email_and_name(missing, "Anna", "Berger") is None
        assert HASHER.email_and_name("a@b.c", missing, "Berger") is None
        assert HASHER.email_and_name("a@b.c", "Anna", missing) is None

    def test_what_looks_like_a_payment_card_is_not_hashed(self) -> None:
        assert HASHER.loyalty_code("4111 1111 1111 1111") is None

    def test_lanes_are_apart_by_member_and_partner(self) -> None:
        lanes = {HASHER.lane("mm", "1"), HASHER.lane("mm", "2"), HASHER.lane("am", "1")}
        assert len(lanes) == 3
        assert HASHER.lane("mm", "1") in lanes

    def test_an_alias_is_a_random_looking_uuid_that_is_always_the_same(self) -> None:
        """Another recipe would make new users of the members at a partner."""
        alias = Hasher(b"a key").alias("Alpenglow", "mm", "992001234567894")
        assert (str(alias), alias.version) == ("ba3ba935-5808-4d8f-b0b8-8fda109e99bf", 4)
        assert Hasher(b"another").alias("Alpenglow", "mm", "992001234567894") != alias

    def test_of_whole_members_differ_in_every_field(self) -> None:
        plain = Member("M1")
        others = [
            *(Member("M1", **{name: "1"}) for name in ("number", "tier", "email", "last_name", "url", "mews_id")),
            Member("M1", points=1),
            Member("M1", partner_numbers={"MM": "1"}),
            Member("M1", partner_numbers={"MM": None}),
        ]
        assert len({HASHER.whole(each) for each in (plain, *others)}) == 10
        assert HASHER.whole(plain) == HASHER.whole(Member("M1"))
        assert HASHER.whole(plain) != Hasher(b"another key").whole(plain)

    def test_spaces_in_a_code_do_not_matter(self) -> None:
        assert HASHER.loyalty_code("al 77 88") == HASHER.loyalty_code("AL7788")


@pytest.mark.parametrize("doubt", list(Doubt))
def test_every_doubt_is_one_sentence_that_says_what_to_do(doubt: Doubt) -> None:
    assert doubt.words.endswith(".")
    assert "link" in doubt.words or "delete" in doubt.words
