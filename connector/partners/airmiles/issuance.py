"""The parts that the bodies of all issuance calls have: who is meant, which miles, and what never changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from connector.domain.awards import Credit, Kind
from connector.domain.shares import by_code
from connector.errors import Skippable
from connector.partners.airmiles.terms import Terms

Body = Mapping[str, object]


def constants(credit: Credit, terms: Terms) -> Body:
    """Return the fields that the partner asked for; whatever else a body has stands before one of the same name."""
    named = terms.reversals.credit_field if credit.kind is Kind.REVERSAL else ""
    return {**terms.extra, **({named: str(credit.reverses or credit.key)} if named else {})}


def identifier(credit: Credit, terms: Terms) -> str:
    """Return the transaction's id; a reversal may bear that of the credit that it takes back."""
    takes_credits = credit.kind is Kind.REVERSAL and terms.reversals.identifier == "credit"
    return str(credit.reverses or credit.key) if takes_credits else str(credit.key)


def device(terms: Terms) -> Body:
    """Return the terminal's id, where the partner gave one."""
    return {"deviceId": terms.device_id} if terms.device_id else {}


def issuances(credit: Credit, terms: Terms, otherwise: str) -> list[Body]:
    """Return an issuance for each offer code; ``otherwise`` describes one without a text of its own."""
    place = location(credit, terms)
    sign = -1 if credit.kind is Kind.REVERSAL and terms.reversals.sign == "negative" else 1
    return [
        {
            "issuanceOfferCode": offer,
            "locationCode": place,
            "milesAmount": sign * miles,
            "offerDescription": credit.description or otherwise,
            **_offer_id(offer, terms),
        }
        for offer, miles in by_offer(credit, terms).items()
    ]


def by_offer(credit: Credit, terms: Terms) -> dict[str, int]:
    """Return the miles by offer code; the partner's own may have become that of a rule meanwhile."""
    issued: dict[str, int] = {}
    for code, miles in by_code((credit.shares, credit.miles)).items():
        offer = code or terms.offer_code
        issued[offer] = issued.get(offer, 0) + miles
    return issued


def _offer_id(offer: str, terms: Terms) -> Body:
    if offer not in terms.offer_ids:
        return {}
    return {"offerId": int(terms.offer_ids[offer]) if terms.numeric else terms.offer_ids[offer]}


def location(credit: Credit, terms: Terms) -> str:
    """Return the location code of the property; raises Skippable where it has none."""
    for key in credit.property_keys:
        if key in terms.locations:
            return terms.locations[key]
    raise Skippable(f"property {credit.property_keys[0]} has no location code; expected one in location_codes")


def written(moment: datetime) -> str:
    """Write a moment as the samples do: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
