"""What settles a stay before anything is counted: is it over, ours to pay, and a person's?"""

from __future__ import annotations

from datetime import date

from connector.domain.contract import Contract
from connector.domain.ruling import Ruling, excluded, waiting
from connector.domain.stays import OWNER, Stay


def over(stay: Stay) -> Ruling | None:
    """Hold back what is not checked out; a check-out can be undone in Mews."""
    state = stay.reservation.state
    if state == "Processed":
        return None
    if state == "Canceled":
        return excluded("not_processed", "the reservation is canceled")
    return waiting("not_processed", "the reservation is not checked out")


def ours(stay: Stay, contract: Contract, departure: date, today: date) -> Ruling | None:
    """Turn away what the contract does not cover; what was awarded once is not asked again."""
    if contract.start and departure < contract.start:
        return excluded("before_start", f"departed on {departure}, before the start on {contract.start}")
    if today - departure > contract.max_age:
        return excluded("too_old", f"departed on {departure}, more than {contract.max_age.days} days ago")
    if contract.location_keys is not None and contract.location_keys.isdisjoint(stay.property.keys):
        return excluded("no_location", f"property {stay.property.table} has no location code at {contract.name}")
    return None


def elsewhere(stay: Stay, contract: Contract) -> Ruling | None:
    """Turn away what somebody else gave the miles for, an award of our own that is not sent yet included."""
    if contract.name in stay.elsewhere:
        return excluded("credited_elsewhere", f"its miles at {contract.name} were given elsewhere, as was imported")
    return None


def erased(stay: Stay, contract: Contract) -> Ruling | None:
    """Turn away what was awarded to somebody who was erased since: whose it was, nobody knows any more."""
    if contract.name in stay.erased:
        return excluded("erased", f"it was awarded at {contract.name} to somebody whose data was erased since")
    return None


def shared(stay: Stay, contract: Contract) -> Ruling | None:
    """Turn away the stays of who does not want partners to be told of them."""
    if not stay.holder.share or stay.holder.classifications & contract.opt_out:
        return excluded("opted_out", "the guest does not want partners to be told of stays")
    return None


def personal(stay: Stay) -> Ruling | None:
    """Turn away what a company would earn: only people are members."""
    if stay.reservation.account_type == "Company" and stay.seat == OWNER:
        return excluded("company_owner", "the reservation belongs to a company")
    return None
