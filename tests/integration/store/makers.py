"""Records for the store's tests, whole but for what a test is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Award, Credit, Kind, Message, award_id, message_key
from connector.domain.decision import Frozen
from connector.domain.ledger import State
from connector.domain.loyalty import Guest, Membership
from connector.domain.matching import Hasher
from connector.domain.members import OWNABLE, Member
from connector.domain.stays import OrderItem, Property, Reservation
from connector.store import pairs as beside
from connector.store.pairs import Pair, Terms

NOW = datetime(2026, 11, 1, 12, 0, 0, 123456, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PROGRAM = "program-alpen"
PARTNER = "miles_and_more"
CHAIN = "chain-1"
HASHER = Hasher(b"a key for tests")


async def pairs(connection: AsyncConnection, generation: int = 1) -> list[Pair]:
    """All linked members about whom there may be something to do, when the scheme owns every field."""
    upto = await beside.reach(connection, "", 100)
    terms = Terms(PROGRAM, generation, frozenset(OWNABLE), {"GOLD": "t-gold"})
    return await beside.page(connection, terms, beside.query(terms), "", upto) if upto else []


def guest(name: str, **facts: Any) -> Guest:
    plain = Guest(id=name, active=True, merge_target_id=None, has_ota_email=False, updated=NOW)
    return plain._replace(**facts)


def guest_keys(each: Guest) -> Mapping[str, bytes | None]:
    return {
        "email_key": HASHER.email_and_name(each.email, each.first_name, each.last_name),
        "name_key": HASHER.last_name(each.last_name),
        "loyalty_key": HASHER.loyalty_code(each.loyalty_code),
    }


def member_keys(each: Member) -> Mapping[str, bytes | None]:
    return {
        "email_key": HASHER.email_and_name(each.email, each.first_name, each.last_name),
        "name_key": HASHER.last_name(each.last_name),
        "loyalty_key": HASHER.loyalty_code(each.number),
    }


def membership(name: str, account: str, **facts: Any) -> Membership:
    plain = Membership(id=name, account_id=account, program_id=PROGRAM, state="Enrolled", is_primary=False)
    return plain._replace(**facts)


def reservation(name: str = "r1", **facts: Any) -> Reservation:
    plain = Reservation(
        id=name,
        number=f"no-{name}",
        property_id="wien",
        service_id="stay-service",
        state="Processed",
        account_id="guest",
        account_type="Customer",
        scheduled_start=NOW - 3 * DAY,
        scheduled_end=NOW - DAY,
        created=NOW - 30 * DAY,
        updated=NOW - DAY,
    )
    return replace(plain, **facts)


def item(name: str, reservation_id: str = "r1", **facts: Any) -> OrderItem:
    plain = OrderItem(
        id=name,
        reservation_id=reservation_id,
        type="SpaceOrder",
        state="Closed",
        currency="EUR",
        net=Decimal("90.91"),
        gross=Decimal("100.00"),
        updated=NOW,
        taxes=(("AT-10", Decimal("9.09")),),
    )
    return replace(plain, **facts)


def place(**facts: Any) -> Property:
    plain = Property("wien", "Hotel Wien", "wien", "Europe/Vienna", "EUR", 3 * DAY, timedelta(hours=4))
    return replace(plain, **facts)


FROZEN = Frozen("fingerprint", {("CZK", "EUR"): Decimal("0.04")}, "GOLD", "m1", "992001234567890")


def award(root: str = "r1", **facts: Any) -> Award:
    plain = Award(
        id=award_id(CHAIN, root, PARTNER, "owner"),
        partner=PARTNER,
        root_id=root,
        seat="owner",
        program_code="MM",
        membership_id="m1",
        member_number="992001234567890",
        property_id="wien",
        departure=date(2026, 10, 31),
        unit="miles",
        miles=100,
        revision=1,
    )
    return replace(plain, **facts)


def credit(key: UUID, kind: Kind = Kind.CREDIT, root: str = "r1", **facts: Any) -> Credit:
    plain = Credit(
        key=key,
        kind=kind,
        member_number="992001234567890",
        miles=100,
        reservation_id=root,
        reservation_number=f"no-{root}",
        property_id="wien",
        property_keys=("wien", "property-id", "Hotel Wien"),
        departed_at=NOW - DAY,
        departure=date(2026, 10, 31),
        currency="EUR",
        value_net=Decimal("90.91"),
        value_gross=Decimal("100.00"),
        composed_at=NOW,
        taxes=(("AT-10", Decimal("9.09")),),
    )
    return replace(plain, **facts)


def message(root: str = "r1", kind: Kind = Kind.CREDIT, revision: int = 1, **facts: Any) -> Message:
    """``number`` and ``miles`` are those of the credit as well."""
    key = message_key(CHAIN, root, facts.get("partner", PARTNER), "owner", kind, revision)
    number = facts.pop("number", "992001234567890")
    miles = facts.setdefault("miles", 100)
    plain = Message(
        key=str(key),
        award_id=award_id(CHAIN, root, facts.get("partner", PARTNER), "owner"),
        partner=PARTNER,
        kind=kind,
        revision=revision,
        miles=miles,
        state=State.READY,
        due_at=NOW,
        lane=f"lane of {number}",
        credit=credit(key, kind, root, member_number=number, miles=miles),
    )
    return replace(plain, **facts)
