"""Which guest a member is: keyed hashes to compare by, and why a tie is not made."""

from __future__ import annotations

import hashlib
import unicodedata
import uuid
from dataclasses import fields
from enum import StrEnum
from operator import attrgetter

from connector.domain.members import Member
from connector.domain.numbers import looks_like_payment_card


class Doubt(StrEnum):
    """Why a member and a guest were not tied to each other; ``words`` says it to reception."""

    TWO_CANDIDATES = "two_candidates"
    CLAIMED_BY_TWO_MEMBERS = "claimed_by_two_members"
    TWO_MEMBERSHIPS = "two_memberships"
    NUMBER_OTHER_NAME = "number_other_name"
    UNLINKED_BY_STAFF = "unlinked_by_staff"
    OTHER_MEWS_ID = "other_mews_id"
    DELETED_PROFILE = "deleted_profile"

    @property
    def words(self) -> str:
        """One sentence: what was found, and what to do."""
        return _WORDS[self]


_WORDS = {
    Doubt.TWO_CANDIDATES: (
        "Several guest profiles fit this member; merge them in Mews if they are one person, else link the right one."
    ),
    Doubt.CLAIMED_BY_TWO_MEMBERS: (
        "Several members of the scheme fit this guest profile; ask the guest for the membership number and link that "
        "member, or unlink the wrong one."
    ),
    Doubt.TWO_MEMBERSHIPS: (
        "The guest profile holds this loyalty program twice, so neither membership is changed; delete the wrong one in "
        "Mews."
    ),
    Doubt.NUMBER_OTHER_NAME: (
        "A guest profile with another last name holds this member's number; correct the number or the name in Mews, "
        "or link the member if it is the same person."
    ),
    Doubt.UNLINKED_BY_STAFF: (
        "Somebody deleted this membership in Mews, or moved it to another guest, so it is not put back; link the "
        "member if the guest should have it, else resolve this case."
    ),
    Doubt.OTHER_MEWS_ID: (
        "The scheme's Mews id names this guest profile and not the one to which the member is linked, so nothing is "
        "changed; link the member to the right one, or correct the scheme."
    ),
    Doubt.DELETED_PROFILE: (
        "Somebody linked this member to a guest profile that was deleted in Mews; link the member to another one, or "
        "unlink it."
    ),
}

BY_PERSON = "person"
_BLOCK = 64  # bytes that SHA-256 takes in at a time
_PADS = (0x36, 0x5C)  # of the inner and the outer hash (RFC 2104)
_FOUND_BY = {
    "mews_id": "the guest's id in the scheme's data",
    "membership": "a membership in Mews with this member's id, or with number and last name",
    "loyalty_code": "the loyalty code of the guest profile",
    "email_and_name": "e-mail and name",
    "enrolment": "the scheme's answer when it was asked to take the guest",
    BY_PERSON: "a person",
}


def found_by(method: str) -> str:
    """Return in words by what a member and a guest were found to be one."""
    return _FOUND_BY.get(method, method)


_said = attrgetter(*(field.name for field in fields(Member)))


class Hasher:
    """Keyed hashes (HMAC-SHA256, its first 16 bytes) of identifiers, each purpose apart from the others."""

    __slots__ = ("_inner", "_outer", "_short")

    def __init__(self, key: bytes) -> None:
        self._short = hashlib.sha256(key).digest()  # BLAKE2 takes keys of 64 bytes at most
        block = (key if len(key) <= _BLOCK else self._short).ljust(_BLOCK, b"\0")
        self._inner, self._outer = (hashlib.sha256(bytes(byte ^ pad for byte in block)) for pad in _PADS)

    def email_and_name(self, email: str | None, first: str | None, last: str | None) -> bytes | None:
        """Return the hash of e-mail and both names, or None when one of the three is missing."""
        return self._hash("email_and_name", normal(email), normal(first), normal(last))

    def last_name(self, last: str | None) -> bytes | None:
        """Return the hash of a last name, or None without one."""
        return self._hash("last_name", normal(last))

    def loyalty_code(self, code: str | None) -> bytes | None:
        """Return the hash of a loyalty code or membership number, spaces left out, or None without one.

        What looks like a payment card is not hashed either.
        """
        if code and looks_like_payment_card(code):
            return None
        return self._hash("loyalty_code", normal(code).replace(" ", ""))

    def whole(self, member: Member) -> bytes:
        """Return 16 bytes that stand for all that a member's record says; two that differ do not share them."""
        return hashlib.blake2b(repr(_said(member)).encode(), key=self._short, digest_size=16).digest()

    def lane(self, partner: str, number: str) -> str:
        """Return the name of a member's lane at a partner: one request is under way in it at a time."""
        return self._mac("lane", partner, number).hex()

    def erased(self, kind: str, id_: str) -> bytes:
        """Return what stands for the id of somebody who was erased, so that it is known if it is told again."""
        return self._mac("erased", kind, id_)

    def settings(self, text: str) -> str:
        """Return what stands for settings, so that it is known whether they changed: an address may hold a key."""
        return self._mac("settings", text).hex()

    def alias(self, *parts: str) -> uuid.UUID:
        """Return a pseudonym under which somebody, or an award, is known to a partner."""
        return uuid.UUID(bytes=self._mac("alias", *parts), version=4)

    def _hash(self, purpose: str, *parts: str) -> bytes | None:
        if not all(parts):
            return None
        return self._mac(purpose, *parts)

    def _mac(self, *words: str) -> bytes:
        """Return the first half of the HMAC-SHA256 of words, as RFC 2104 defines it.

        The two hashes begin with the key, the same for every message: copies of what they are then cost a quarter of
        what the standard library's HMAC does, which begins anew each time.
        """
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update("\x1f".join(words).encode())
        outer.update(inner.digest())
        return outer.digest()[:16]


def normal(text: str | None) -> str:
    """Return a text as it is compared: compatible forms united, case and white space folded, accents kept.

    Accents stay because "Müller" and "Muller" may be two guests: a tie may be missed, never wrong.
    """
    if not text:
        return ""
    if text.isascii():
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())
