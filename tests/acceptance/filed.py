"""Messages that wait in a ledger to be sent, as if the stays of many members had been decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from connector.domain.awards import Award, Credit, Kind, Message, award_id, message_key
from connector.domain.decision import Frozen
from connector.domain.ledger import State
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.ports import Partner
from connector.store import ledger
from connector.store.engine import Database
from tests.integration.earning.chain import CHAIN_ID, air_miles, miles_and_more

FILED_AT = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
_FROZEN = Frozen("a fingerprint", {})
_GROUP = 1000


def partnership(channel: Partner) -> Partnership:
    """Return a live partner on a channel; which contract it has is of no consequence for messages that are there."""
    made = air_miles if channel.capabilities.currencies else miles_and_more
    return made(channel, contract={"name": channel.name})


def credits_for(partner: str, stem: str, count: int, per_member: int = 1) -> list[Credit]:
    """Return credits for stays in Montreal; the member numbers end in four digits after ``stem``."""
    return [_credit(partner, f"{stem}{n // per_member:04}", n) for n in range(count)]


async def file(database: Database, chain: Chain, channel: Partner, credits_: Sequence[Credit]) -> None:
    """Put an award and a message that is due for each credit into a ledger."""
    for start in range(0, len(credits_), _GROUP):
        group = credits_[start : start + _GROUP]
        async with database.write() as connection:
            openings = [ledger.Opening(_award(channel.name, each), _FROZEN, [each.reservation_id]) for each in group]
            await ledger.open_awards(connection, openings, FILED_AT)
            messages = [_message(chain, channel.name, each) for each in group]
            await ledger.append(connection, messages, chain.owner, FILED_AT)


def _credit(partner: str, number: str, n: int) -> Credit:
    stay = f"stay {n:06}"
    return Credit(
        key=message_key(CHAIN_ID, stay, partner, "owner", Kind.CREDIT, 1),
        kind=Kind.CREDIT,
        member_number=number,
        miles=12 + n % 100,
        reservation_id=stay,
        reservation_number=f"{n:06}",
        property_id="e-montreal",
        property_keys=("montreal", "e-montreal", "Hôtel Montréal"),
        departed_at=datetime(2026, 11, 1, 15, 30, tzinfo=UTC),
        departure=date(2026, 11, 1),
        currency="CAD",
        value_net=Decimal("249.97"),
        value_gross=Decimal("287.40"),
        composed_at=FILED_AT,
        taxes=(("CA-GST", Decimal("12.50")), ("CA-QST", Decimal("24.93"))),
        description='Hôtel "Le Quai"',
    )


def _award(partner: str, credit: Credit) -> Award:
    return Award(
        id=award_id(CHAIN_ID, credit.reservation_id, partner, "owner"),
        partner=partner,
        root_id=credit.reservation_id,
        seat="owner",
        program_code="P",
        membership_id=f"membership of {credit.member_number}",
        member_number=credit.member_number,
        property_id=credit.property_id,
        departure=credit.departure,
        unit="miles",
        miles=credit.miles,
        revision=1,
    )


def _message(chain: Chain, partner: str, credit: Credit) -> Message:
    return Message(
        key=str(credit.key),
        award_id=award_id(CHAIN_ID, credit.reservation_id, partner, "owner"),
        partner=partner,
        kind=credit.kind,
        revision=1,
        miles=credit.miles,
        state=State.READY,
        due_at=FILED_AT,
        lane=chain.hasher.lane(partner, credit.member_number),
        credit=credit,
    )
