"""What the jobs need from the outside, as small protocols. Adapters implement them, ``bootstrap`` joins them."""

from connector.ports.partners import (
    Books,
    Capabilities,
    Offer,
    Offering,
    Offers,
    Outcome,
    Partner,
    PartnerRequest,
    Receipt,
    Receiver,
    Sight,
    Sought,
    Symptom,
    Transmitter,
    Verdict,
)
from connector.ports.process import BreakerState, BreakerStore, Clock, Progress, SendLog

__all__ = [
    "Books",
    "BreakerState",
    "BreakerStore",
    "Capabilities",
    "Clock",
    "Offer",
    "Offering",
    "Offers",
    "Outcome",
    "Partner",
    "PartnerRequest",
    "Progress",
    "Receipt",
    "Receiver",
    "SendLog",
    "Sight",
    "Sought",
    "Symptom",
    "Transmitter",
    "Verdict",
]
