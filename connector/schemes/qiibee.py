"""Members who are users at qiibee: its Loyalty API lists them, a hundred at a time.

Changes cannot be asked for, so every reading takes everybody. Numbers at partners stand in the users' memberships, of
which the documented API tells one user at a time. Points are not read: they too would take a request for each user.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from connector.domain.members import BadLine, Member
from connector.errors import Unfinished
from connector.schemes.once import Once
from connector.schemes.overlap import SHIFTED, Overlap
from connector.schemes.qiibee_answers import total_in, users_in
from connector.schemes.qiibee_api import LONGEST_PAGE, QiibeeApi
from connector.schemes.qiibee_memberships import Memberships, Where
from connector.schemes.records import Records
from connector.schemes.source import Chunk

_USER = "User"


@dataclass(frozen=True, slots=True)
class Qiibee:
    """The users of a brand: the path of each field in a user's record, and where their numbers at partners stand.

    ``partner_numbers`` are qiibee's names of the providers (exchange_provider_implementation_name) by program code;
    their ``memberships`` are embedded in the records of users, or requested for each user.
    """

    api: QiibeeApi
    fields: Mapping[str, str]
    partner_numbers: Mapping[str, str] = field(default_factory=dict)
    memberships: Where = "request"

    async def verify(self) -> QiibeeRoll:
        """Return the roll without a request: the settings say what it has, and reading it once must suffice.

        A qiibee that is out of reach or breaks off is noticed by ``take``. Mews has been read by then, but nothing is
        written in Mews before the taking has ended.
        """
        return QiibeeRoll(self)

    def records(self) -> Records:
        """Return the reader of users' records."""
        return Records(self.fields, Memberships.paths(self.partner_numbers), _USER)


@dataclass(frozen=True, slots=True)
class QiibeeRoll:
    """The users as they are; only reading tells whether anything is new."""

    source: Qiibee
    mark: str = ""
    meaning: str = ""
    warnings: tuple[str, ...] = ()
    full_every: None = None

    @property
    def columns(self) -> frozenset[str]:
        """The fields that have a path."""
        return self.source.records().columns

    @property
    def programs(self) -> frozenset[str]:
        """The programs whose provider is known."""
        return self.source.records().programs

    async def take(self, since: str, size: int) -> AsyncIterator[Chunk]:
        """Yield the members, all of them whatever ``since`` says.

        Raises Unauthorized, Permanent, Misconfigured and Unfinished at any time: nothing may be applied before the
        iterator has ended.
        """
        reading = _Reading(self.source)
        while not reading.ended:
            records = await reading.page()
            for start in range(0, len(records), size):
                yield Chunk(records[start : start + size])
        reading.conclude()


class _Reading:
    """One reading of all users: how far it is, and what it has seen."""

    def __init__(self, source: Qiibee) -> None:
        self._api = source.api
        self._memberships = Memberships(source.api, source.partner_numbers, source.memberships)
        self._records, self._once = source.records(), Once(_USER)
        self._overlap = Overlap(LONGEST_PAGE, "auth_id")
        self._told: list[int] = []
        self._number = self._members = 0

    @property
    def ended(self) -> bool:
        """Whether every page was read: the last one is not full."""
        return self._overlap.ended

    async def page(self) -> list[Member | BadLine]:
        """Return the records of the next page, without those that came before."""
        answer = await self._api.users(self._overlap.offset)
        users = self._overlap.join(self._users(answer))
        found = [self._record(user) for user in await self._memberships.added_to(users)]
        return [record for record in found if record is not None]

    def conclude(self) -> None:
        """Raise Unfinished unless everybody came, as far as qiibee tells how many there are.

        The total may have moved meanwhile, so that each one counts that was told. One below the number of users who
        came is something else, and proves nothing.
        """
        if self._told and self._members < min(self._told):
            raise Unfinished(
                f"scheme: qiibee told of {min(self._told)} users and gave {self._members}; expected all of them, "
                "so nothing of it was applied."
            )
        if self._overlap.moved and (not self._told or self._members > max(self._told)):
            raise Unfinished(SHIFTED)
        if self._members:
            self._memberships.conclude()

    def _users(self, answer: object) -> list[object]:
        if answer is None and not self._overlap.offset:
            raise Unfinished(
                "scheme.endpoint: qiibee answered 404; expected at least one user, so nothing of it was applied."
            )
        if (told := total_in(answer)) is not None:
            self._told.append(told)
        return [] if answer is None else users_in(answer)

    def _record(self, user: object) -> Member | BadLine | None:
        self._number += 1
        record = self._once.admit(self._records.read(user, self._number), self._number)
        self._members += record is not None
        return record
