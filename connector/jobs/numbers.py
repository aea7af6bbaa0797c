"""How good the member numbers are that a chain holds for a partner."""

from __future__ import annotations

from dataclasses import dataclass

from connector.domain.contract import Contract
from connector.domain.numbers import check
from connector.store import numbers as store
from connector.store.engine import Database

_PAGE = 2000


@dataclass(slots=True)
class Quality:
    """Of ``stored`` numbers ``passing`` have a fitting check digit, ``odd`` another one, the others are no number."""

    stored: int = 0
    passing: int = 0
    odd: int = 0

    @property
    def share(self) -> float:
        """The share that passes the check, from 0 to 1; 1 where there is no number."""
        return self.passing / self.stored if self.stored else 1.0


async def quality(database: Database, contract: Contract) -> Quality:
    """Check every number in the partner's program, whatever ``number_check`` says of a failing one."""
    found, after = Quality(), ""
    while True:
        async with database.read() as connection:
            page = await store.page(connection, contract.program_code, after, _PAGE)
        for after, number in page:  # noqa: B007  # the next page begins after the last
            verdict = check(contract.number_scheme, number, accounts=contract.accounts)
            found.stored += 1
            found.odd += bool(verdict.warning)
            found.passing += verdict.number is not None and not verdict.warning
        if len(page) < _PAGE:
            return found
