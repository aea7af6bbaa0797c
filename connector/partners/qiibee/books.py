"""qiibee's books: the number of a user's exchanges. One is under way at a time, so one more means that it was taken."""

from __future__ import annotations

from connector.domain.awards import Credit
from connector.errors import NotSent
from connector.partners.qiibee.history import Tally, Unreadable, tally
from connector.partners.qiibee.requests import Requests, Unlisted
from connector.partners.qiibee.terms import Alias
from connector.ports import Sight, Sought


class QiibeeBooks:
    """See ``ports.Books``. A mark names the user whom it counts, so that another hash key cannot swap users."""

    counts = True

    def __init__(self, requests: Requests, alias: Alias) -> None:
        self._requests = requests
        self._alias = alias

    async def mark(self, credit: Credit) -> str:
        """Count the user's exchanges; whoever has none may not be a user yet, and becomes one."""
        auth_id = self._requests.terms.auth_id(credit, self._alias)
        try:
            found = await self._counted(auth_id)
        except Unreadable as fault:
            raise NotSent(f"{self._requests.name}: qiibee's transactions cannot be counted: {fault}") from fault
        if not found.total:
            await self._requests.ensure_user(auth_id)
        return str(found)

    async def _counted(self, auth_id: str) -> Tally:
        """Count a user's exchanges before the first send; whoever qiibee says that it does not know has none."""
        try:
            return await tally(self._requests.read, auth_id, self._requests.terms)
        except Unlisted:
            if await self._requests.is_user(auth_id):
                raise
            return Tally(auth_id, 0)

    async def look_up(self, sought: Sought) -> Sight:
        """Compare with the mark; where one more moved no miles, counting cannot tell which of them.

        As long as any transaction's status is not decided, nothing is told.

        Only a list that was read shows that there is none more: a 404 comes from a wrong path or a router as well.
        """
        try:
            before = Tally.parse(sought.mark)
            now = await tally(self._requests.read, before.auth_id, self._requests.terms)
        except (ValueError, NotSent):
            return Sight.UNCLEAR
        if now == before:
            return Sight.ABSENT
        return Sight.SHOWN if now.total > before.total and now.unmoved == before.unmoved else Sight.UNCLEAR
