"""The messages that an award needs, written down but not yet in the ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from connector.domain.awards import Award, Credit, Kind, Message, message_key
from connector.domain.decision import Earned
from connector.domain.ledger import State
from connector.domain.stays import Stay
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership


@dataclass(frozen=True, slots=True)
class Drafts:
    """Writes messages to one partner, at one moment."""

    chain: Chain
    partnership: Partnership
    now: datetime

    def message(self, stay: Stay, award: Award, earned: Earned, kind: Kind, waits_for: str | None = None) -> Message:
        """Return what tells the partner of a stay that earned; it waits for the message named."""
        key = message_key(self.chain.chain_id, award.root_id, award.partner, award.seat, kind, award.revision)
        credit = Credit(
            key=key,
            kind=kind,
            member_number=earned.member_number,
            miles=earned.miles,
            reservation_id=stay.reservation.id,
            reservation_number=stay.reservation.number,
            property_id=stay.property.id,
            property_keys=stay.property.keys,
            departed_at=earned.departed_at,
            departure=earned.departure,
            currency=earned.currency,
            value_net=earned.value_net,
            value_gross=earned.value_gross,
            composed_at=self.now,
            taxes=earned.taxes,
            description=earned.description or self.partnership.description,
            shares=earned.shares,
        )
        return self._queued(credit, award.id, award.revision, waits_for)

    def reversal(self, award: Award, credited: Message, waits_for: str | None) -> Message:
        """Return what takes a credit back, by the account that gave it."""
        identity = (self.chain.chain_id, award.root_id, award.partner, award.seat)
        key = message_key(*identity, Kind.REVERSAL, credited.revision)
        credit = replace(
            credited.credit,
            key=key,
            kind=Kind.REVERSAL,
            composed_at=self.now,
            original=credited.reference or None,
            reverses=credited.credit.key,
        )
        queued = self._queued(credit, credited.award_id, credited.revision, waits_for)
        return replace(queued, account=credited.account)

    def _queued(self, credit: Credit, award: str, revision: int, waits_for: str | None) -> Message:
        return Message(
            key=str(credit.key),
            award_id=award,
            partner=self.partnership.name,
            kind=credit.kind,
            revision=revision,
            miles=credit.miles,
            state=State.HELD if waits_for else State.READY,
            due_at=self.now,
            lane=self.chain.hasher.lane(self.partnership.name, credit.member_number),
            credit=credit,
            waits_for=waits_for,
        )

    def routed(self, message: Message) -> Message:
        """Return the message with the account of its property."""
        return replace(message, account=self.partnership.account_of(message.credit.property_keys))
