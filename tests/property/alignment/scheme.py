"""The scheme of a story: what its members file says, and which numbers it knows at a partner."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from connector.domain.members import Member
from connector.schemes.csv_file import CsvFile
from connector.schemes.csv_source import CsvRoll, CsvSource
from connector.schemes.source import Chunk
from tests.integration.alignment.hotel import Hotel, member

NAMES = ("anna", "bea", "carl", "dora", "emil")
NOBODY = "nobody"  # a member whom no guest fits
COLUMNS = ("member_id", "number", "email", "first_name", "last_name", "tier", "points", "expires_on")


@dataclass
class Scheme:
    """The members by name; ``spoiled`` says what is wrong with the file of the next pass."""

    hotel: Hotel
    owns_state: bool
    lines: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {name: member(name, state="", url="") for name in (*NAMES, NOBODY)}
    )
    numbers: dict[str, str] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    twice: set[str] = field(default_factory=set)
    anonymous: bool = False
    spoiled: str = ""

    # -- what happens

    def say(self, name: str, changes: Mapping[str, Any]) -> None:
        """Change a member's line."""
        self.lines[name] = self.lines[name] | changes

    def swap(self, one: str, other: str) -> None:
        """Let two members change their numbers."""
        mine, theirs = self.lines[one]["number"], self.lines[other]["number"]
        self.say(one, {"number": theirs})
        self.say(other, {"number": mine})

    def leave(self, *names: str) -> None:
        """Take members out of the file."""
        self.away |= set(names)

    def join(self, *names: str) -> None:
        """Put members into the file, whole and once."""
        self.away -= set(names)
        self.twice -= set(names)

    def repeat(self, name: str) -> None:
        """Let a member stand in the file twice."""
        self.twice.add(name)

    def hide_an_id(self, hidden: bool) -> None:
        """Let the file have a line without a member id, or no such line any more."""
        self.anonymous = hidden

    def spoil(self, how: str) -> None:
        """Let the next pass find the file missing or truncated."""
        self.spoiled = how

    def partner(self, name: str, number: str) -> None:
        """Let the scheme know a number at the partner; "" is none."""
        self.numbers[name] = number

    # -- what the connector reads

    @property
    def listed(self) -> list[str]:
        """The names in the file."""
        return [name for name in self.lines if name not in self.away]

    @property
    def owned(self) -> set[str]:
        """The fields that the scheme owns."""
        return {"number", "tier", "points", "expires_on", "url"} | ({"state"} if self.owns_state else set())

    def readable(self, name: str) -> bool:
        """Whether a member's line can be read."""
        return self.lines[name]["points"] != "many" and name not in self.twice

    def write(self) -> None:
        """Write the file of the next pass."""
        columns = (*COLUMNS, *(["state"] if self.owns_state else []))
        names = [each for name in self.listed for each in [name] * (1 + (name in self.twice))]
        lines = [self.lines[name] for name in names]
        if self.anonymous:
            lines.append(self.lines[NOBODY] | {"member_id": ""})
        self.hotel.members(*lines, columns=columns)
        file = self.hotel.file
        if self.spoiled == "missing":
            file.unlink()
        elif self.spoiled == "truncated":
            file.write_bytes(file.read_bytes()[:-7])

    def source(self) -> Source:
        """Return where the connector finds the members."""
        return Source(self.hotel.file, self)


@dataclass(frozen=True)
class Source:
    """A members file, and what it has no columns for: addresses of cards, and numbers at the partner."""

    path: Path
    scheme: Scheme

    async def verify(self) -> Roll:
        """Read the file once."""
        urls = {line["member_id"]: line["url"] for line in self.scheme.lines.values()}
        numbers = {f"m-{name}": number for name, number in self.scheme.numbers.items()}
        return Roll(await CsvSource(CsvFile(self.path)).verify(), urls, numbers)


@dataclass(frozen=True)
class Roll:
    """The file's members with the rest that is known of them."""

    file: CsvRoll
    urls: Mapping[str, str]
    numbers: Mapping[str, str]
    programs: frozenset[str] = frozenset({"MM"})
    meaning: str = ""
    warnings: tuple[str, ...] = ()
    full_every: timedelta | None = None

    @property
    def columns(self) -> frozenset[str]:
        """The file's, and the address."""
        return self.file.columns | {"url"}

    @property
    def mark(self) -> str:
        """That of the file, and all the rest."""
        return f"{self.file.mark} {sorted(self.urls.items())} {sorted(self.numbers.items())}"

    async def take(self, since: str, size: int) -> AsyncIterator[Chunk]:
        """Yield the members."""
        async for chunk in self.file.take(since, size):
            yield Chunk([self._whole(each) if isinstance(each, Member) else each for each in chunk.records])

    def _whole(self, member: Member) -> Member:
        numbers = {"MM": self.numbers.get(member.member_id) or None}
        return replace(member, url=self.urls[member.member_id] or None, partner_numbers=numbers)
