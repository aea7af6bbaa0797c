"""Users' numbers at partners: from the memberships in their records, or by a request for each of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Literal

from connector.errors import Misconfigured
from connector.schemes.plain import NotText, text_of
from connector.schemes.qiibee_answers import number_in
from connector.schemes.qiibee_api import QiibeeApi

Where = Literal["request", "embedded"]

_AT_ONCE = 8  # requests under way
_MEMBERSHIPS = "memberships"


class Memberships:
    """Finds the numbers of one reading; ``partner_numbers`` are qiibee's names of the providers by program code."""

    def __init__(self, api: QiibeeApi, partner_numbers: Mapping[str, str], where: Where) -> None:
        self._api = api
        self._providers = {_place(code): name for code, name in partner_numbers.items()}
        self._embedded = where == "embedded"
        self._found = False

    @staticmethod
    def paths(partner_numbers: Mapping[str, str]) -> dict[str, str]:
        """Return where ``added_to`` puts a number in a user's record, by program code."""
        return {code: _place(code) for code in partner_numbers}

    async def added_to(self, users: Sequence[object]) -> Sequence[object]:
        """Return the records of users with their numbers, in the same order."""
        if not self._providers:
            return users
        slots = asyncio.Semaphore(_AT_ONCE)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._added(user, slots)) for user in users]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return [task.result() for task in tasks]

    def conclude(self) -> None:
        """Raise Misconfigured when memberships were looked for in records of which none had any."""
        if self._providers and self._embedded and not self._found:
            raise Misconfigured(
                'scheme.memberships: no record of a user has any; expected "request", or records that have them.'
            )

    async def _added(self, user: object, slots: asyncio.Semaphore) -> object:
        if not isinstance(user, Mapping):
            return user
        async with slots:
            found = await self._of(user)
        return {**user, **{place: number_in(found, name) for place, name in self._providers.items()}}

    async def _of(self, user: Mapping[str, object]) -> object:
        if self._embedded:
            self._found |= _MEMBERSHIPS in user
            return user.get(_MEMBERSHIPS)
        try:
            auth_id = text_of(user.get("auth_id"))
        except NotText:
            return None
        return await self._api.memberships(auth_id) if auth_id.strip() else None


def _place(code: str) -> str:
    return f"number in {code}"
