"""Ties between members and guests that a person makes or ends: they outrank what matching finds."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.matching import BY_PERSON, Doubt
from connector.errors import Misconfigured, Refused
from connector.store import resolutions
from connector.store.loyalty import survivors
from connector.store.resolutions import Signature
from connector.store.rows import table, upsert
from connector.store.tables import loyalty, members

_MEMBER, _LINK = table(members.Member), table(members.Link)
_GUEST, _MEMBERSHIP = table(loyalty.Guest), table(loyalty.Membership)

_PRESENT = select(func.max(_MEMBER.c.generation)).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a person's word; ``left_behind`` is a membership that stays on the guest of before."""

    sentence: str
    changed: bool = True
    left_behind: str | None = None


async def link(
    connection: AsyncConnection, member_id: str, account_id: str, signature: Signature, *, reason: str = ""
) -> Outcome:
    """Tie a member to a guest, whatever tied or untied them before, and settle the member's doubts.

    ``reason`` names one more case of the member that this settles. Raises Misconfigured for a member or guest that
    nobody knows, Refused for one that cannot be tied.
    """
    await _require_member(connection, member_id)
    await _require_guest(connection, account_id)
    await _require_free(connection, member_id, account_id)
    before = await _link_of(connection, member_id)
    sentence = f"member {member_id}: linked to guest {account_id} by hand"
    if before is not None and before.unlinked_at is None and before.account_id == account_id:
        await _settle(connection, member_id, sentence, signature, reason)
        # from now on it is this person's word, whatever the scheme's Mews id says
        held = {"method": BY_PERSON, "linked_by": before.linked_by or signature.by}
        await connection.execute(update(_LINK).where(_LINK.c.member_id == member_id).values(**held))
        return Outcome(f"member {member_id}: linked to guest {account_id} already; nothing was changed", changed=False)
    same_guest = before is not None and before.account_id == account_id
    row = {
        "member_id": member_id,
        "account_id": account_id,
        "method": BY_PERSON,
        "membership_id": None,  # the next pass remembers it
        "linked_at": signature.at,
        "linked_by": signature.by,
        "unlinked_at": None,
        "unlinked_by": None,
        "cancelled_at": before.cancelled_at if before is not None and same_guest else None,
    }
    await upsert(connection, members.Link, [row])
    await _settle(connection, member_id, sentence, signature, reason)
    await resolutions.remember(connection, ("member", member_id), sentence, signature)
    left = None if before is None or same_guest else await _living(connection, before.membership_id)
    return Outcome(f"{sentence}; the next alignment writes the membership", left_behind=left)


async def unlink(connection: AsyncConnection, member_id: str, signature: Signature) -> Outcome:
    """End a member's link by hand: the membership stays as it is, and nothing ties the member again but a person.

    Raises Misconfigured for a member that nobody knows, Refused for one that is not linked.
    """
    before = await _link_of(connection, member_id)
    if before is None:
        await _require_member(connection, member_id)
        raise Refused(f"member {member_id}: it is not linked to a guest; nothing was changed")
    if before.unlinked_by is not None:
        return Outcome(f"member {member_id}: unlinked by hand already; nothing was changed", changed=False)
    ended = {"unlinked_at": signature.at, "unlinked_by": signature.by}
    await connection.execute(update(_LINK).where(_LINK.c.member_id == member_id).values(**ended))
    sentence = f"member {member_id}: unlinked from guest {before.account_id} by hand"
    await _settle(connection, member_id, sentence, signature)
    await resolutions.remember(connection, ("member", member_id), sentence, signature)
    return Outcome(f"{sentence}; the membership in Mews stays as it is")


async def _settle(
    connection: AsyncConnection, member_id: str, outcome: str, signature: Signature, reason: str = ""
) -> None:
    await resolutions.settle(connection, ("member", member_id), [*Doubt, reason], outcome, signature)


async def _link_of(connection: AsyncConnection, member_id: str) -> members.Link | None:
    found = await connection.execute(select(_LINK).where(_LINK.c.member_id == member_id))
    row = found.mappings().first()
    return None if row is None else members.Link(**row)


async def _require_member(connection: AsyncConnection, member_id: str) -> None:
    present = _MEMBER.c.generation == _PRESENT
    found = (await connection.execute(select(present).where(_MEMBER.c.member_id == member_id))).scalar()
    if found is None:
        raise Misconfigured("members: the scheme has no member with this id; expected it as the scheme writes it")
    if not found:
        raise Refused(f"member {member_id}: the scheme's present listing does not hold it; expected one that it holds")


async def _require_guest(connection: AsyncConnection, account_id: str) -> None:
    found = await connection.execute(select(_GUEST.c.active).where(_GUEST.c.id == account_id))
    active = found.scalar()
    if active is None:
        raise Misconfigured("members: Mews has shown no guest with this id; expected the id of a guest profile")
    living = (await survivors(connection, [account_id])).get(account_id)
    if living is not None:
        raise Refused(f"guest {account_id}: the profile was merged into guest {living}; link the member to that one")
    if not active:
        raise Refused(f"guest {account_id}: the profile is not active in Mews; expected one that is")


async def _require_free(connection: AsyncConnection, member_id: str, account_id: str) -> None:
    """Raise Refused when another listed member is tied to the guest: two would fight over one membership."""
    found = await connection.execute(
        select(_LINK.c.member_id)
        .join(_MEMBER, _MEMBER.c.member_id == _LINK.c.member_id)
        .where(
            _LINK.c.account_id == account_id,
            _LINK.c.member_id != member_id,
            _LINK.c.unlinked_at.is_(None),
            _MEMBER.c.generation == _PRESENT,
        )
        .order_by(_LINK.c.member_id)
        .limit(1)
    )
    if other := found.scalar():
        raise Refused(
            f"guest {account_id}: member {other} is linked to it; if that is wrong, end it first with "
            f"`members unlink {other}`"
        )


async def _living(connection: AsyncConnection, membership_id: str | None) -> str | None:
    found = await connection.execute(
        select(_MEMBERSHIP.c.id).where(_MEMBERSHIP.c.id == membership_id, _MEMBERSHIP.c.deleted.is_(False))
    )
    return found.scalar()
