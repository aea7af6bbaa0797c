"""Where miles are given that no stay earned: the award and its message, for the ordinary delivery to send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.domain.awards import Award, Credit, Kind, Message, award_id, message_key
from connector.domain.decision import Frozen
from connector.domain.grants import GRANTED, Grant
from connector.domain.ledger import State
from connector.domain.stays import Property
from connector.errors import Skippable
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.store import ledger, sharing
from connector.store.ledger import Opening


@dataclass(frozen=True, slots=True)
class Counter:
    """Gives at one partner; ``place`` is the property in whose name, where one is told."""

    chain: Chain
    partnership: Partnership
    place: Property | None
    now: datetime

    async def give(self, connection: AsyncConnection, made: Grant, by: str, why: str) -> None:
        """Store award and message, signed in the award's history; both or none.

        Raises Skippable when the channel cannot say it, or the member's guest does not share with partners.
        """
        terms = self.partnership.contract
        if not await sharing.shares(connection, terms.program_code, made.number, terms.opt_out):
            raise Skippable("the member does not want partners to be told anything")
        credit = self._credit(made)
        self.partnership.channel.compose(credit)  # better now than in suspense
        award = self.award(made)
        await ledger.open_awards(connection, [Opening(award, Frozen("", {}), [made.root])], self.now)
        await ledger.append(connection, [self._message(award, credit)], by, self.now, why)

    def award(self, made: Grant) -> Award:
        """Return the award that gives the miles; its identity is the reference's."""
        return Award(
            id=award_id(self.chain.chain_id, made.root, self.partnership.name, made.seat),
            partner=self.partnership.name,
            root_id=made.root,
            seat=made.seat,
            program_code=self.partnership.contract.program_code,
            membership_id=GRANTED,
            member_number=made.number,
            property_id=made.property_id,
            departure=made.day,
            unit=self.partnership.unit,
            miles=made.miles,
            revision=1,
        )

    def _message(self, award: Award, credit: Credit) -> Message:
        return Message(
            key=str(credit.key),
            award_id=award.id,
            partner=self.partnership.name,
            kind=credit.kind,
            revision=1,
            miles=credit.miles,
            state=State.READY,
            due_at=self.now,
            lane=self.chain.hasher.lane(self.partnership.name, credit.member_number),
            credit=credit,
            account=self.partnership.account_of(credit.property_keys),
        )

    def _credit(self, made: Grant) -> Credit:
        return Credit(
            key=message_key(self.chain.chain_id, made.root, self.partnership.name, made.seat, Kind.CREDIT, 1),
            kind=Kind.CREDIT,
            member_number=made.number,
            miles=made.miles,
            reservation_id=made.root,
            reservation_number=made.reference,
            property_id=made.property_id,
            property_keys=self.place.keys if self.place else (),
            departed_at=datetime.combine(made.day, time(12), UTC),  # noon: the same day at every hotel
            departure=made.day,
            currency="",
            value_net=Decimal(0),
            value_gross=Decimal(0),
            composed_at=self.now,
            description=self.partnership.description,
            grant=True,
        )
