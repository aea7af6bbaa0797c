"""Messages of accounts that the settings no longer name: nobody sends them, so somebody must be told."""

from __future__ import annotations

from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.store import outbox


async def orphans(chain: Chain, partnership: Partnership) -> list[str]:
    """Return a sentence for each account that messages wait for and that the settings no longer name."""
    known = {each.account for each in partnership.by_account()}
    async with chain.database.read() as connection:
        waiting = await outbox.accounts(connection, partnership.name)
    return [
        f"{partnership.name}: {count} messages wait for account {account}, which the settings do not name; expected "
        f"[partners.{partnership.name}.accounts.{account}] back until they are sent"
        for account, count in sorted(waiting.items())
        if account not in known
    ]
