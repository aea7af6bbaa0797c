"""A person settles a case: by a link, or as seen."""

from __future__ import annotations

from connector.errors import Misconfigured
from connector.jobs.chain import Chain
from connector.store import links, resolutions, suspense
from connector.store.resolutions import Signature
from connector.store.suspense import Case

_STILL = {
    "message": "The message itself stays suspended or refused in the ledger: its miles are not sent.",
    "reservation": "The stay itself stays suspended: it earns nothing until what is wrong is put right.",
    "month": "The miles themselves still have no answer: `ledger reconcile` goes on telling the difference.",
    "guest": "The guest is still left alone until the record can be read.",
}


async def resolve(chain: Chain, case_id: int, signature: Signature, guest_id: str | None) -> tuple[Case, Signature]:
    """Settle an open case: as seen, or by linking its member to a guest.

    Raises Misconfigured for a case that is not open or not about a member, and what linking raises.
    """
    async with chain.database.write() as connection:
        found = await suspense.of_id(connection, case_id)
        if found is None:
            raise Misconfigured(f"suspense: no case {case_id} is open; expected a number that `suspense list` shows")
        if guest_id is None:
            await resolutions.acknowledge(connection, case_id, signature)
        elif found.case.subject_kind == "member":
            await links.link(connection, found.case.subject_id, guest_id, signature, reason=found.case.reason)
        else:
            raise Misconfigured(f"suspense: case {case_id} is not about a member; expected it without --link")
        return await resolutions.resolved(connection, case_id)


def silence(case: Case) -> str:
    """Say what acknowledging a case does not do."""
    quiet = "The case comes back when something else is found, or the same after it was gone."
    return f"{_STILL[case.subject_kind]} {quiet}" if case.subject_kind in _STILL else quiet
