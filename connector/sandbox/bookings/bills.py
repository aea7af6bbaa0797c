"""Who pays for a stay, and when: bills."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from .clock import DAY, stamp
from .directory import company_id
from .guests import Party
from .identity import identity
from .stays import Stay


@dataclass(frozen=True, slots=True)
class Billing:
    """One bill; ``closed`` is None while it is open, ``corrects`` the id of the bill that it corrects."""

    id: str
    number: str
    account_type: str
    account_id: str
    opened: datetime
    closed: datetime | None
    invoice: bool
    corrects: str = ""

    @property
    def account(self) -> dict[str, str]:
        return {"AccountType": self.account_type, "AccountId": self.account_id}


def billing_of(stay: Stay, party: Party, payers: tuple[str, ...]) -> Billing:
    """The bill of a stay: one in a hundred is open, three in a hundred are paid by a firm for its guest."""
    is_open = stay.draw.random() < 0.01
    other = stay.draw.random() < 0.03 and bool(payers)
    minutes = stay.draw.randint(-20 if stay.processed else 1, 10)
    closed = stay.clock.past(stay.ended + timedelta(minutes=minutes))
    account_type, account_id = owner_of(stay, party)
    if other and account_type == "Customer":
        account_type, account_id = "Company", company_id(stay.draw.choice(payers))
    return Billing(
        identity("bill", stay.booking.booking),
        f"{stay.place.table[0].upper()}{stay.booking.booking:07}",
        account_type,
        account_id,
        min(stay.began, closed),
        None if is_open else closed,
        account_type == "Company",
    )


def correction_of(billing: Billing, moment: datetime) -> Billing:
    """The bill on which a rebate given after the closing stands."""
    changes = replace(billing, id=identity("bill", billing.id, "correction"), number=f"{billing.number}C")
    return replace(changes, opened=moment, closed=moment, corrects=billing.id)


def bill(stay: Stay, billing: Billing) -> dict[str, Any]:
    """The ``Bills`` record. A receipt is paid as it closes, an invoice three weeks later."""
    touched = billing.closed or stay.ended
    record = billing.account | {
        "Id": billing.id,
        "EnterpriseId": stay.place.enterprise_id,
        "State": "Closed" if billing.closed else "Open",
        "Type": "Invoice" if billing.invoice else "Receipt",
        "CorrectionState": "CorrectiveBill" if billing.corrects else "Bill",
        "CreatedUtc": stamp(billing.opened),
        "UpdatedUtc": stamp(touched),
    }
    if billing.corrects:
        record |= {"CorrectionType": "CreditNote", "CorrectedBillId": billing.corrects}
    return record | (_closing(stay, billing, billing.closed) if billing.closed else {})


def _closing(stay: Stay, billing: Billing, closed: datetime) -> dict[str, Any]:
    issued = stamp(closed)
    times = {"Number": billing.number, "IssuedUtc": issued, "TaxedUtc": issued}
    paid = closed + (21 * DAY if billing.invoice else timedelta())
    if paid < stay.clock.now:
        times |= {"PaidUtc": stamp(paid), "UpdatedUtc": stamp(paid)}
    return times


def owner_of(stay: Stay, party: Party) -> tuple[str, str]:
    """Account type and id of the owner of the reservation."""
    if party.owner:
        return "Customer", party.owner.id
    return "Company", company_id(stay.booking.company)
