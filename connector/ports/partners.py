"""What the jobs need from a partner's channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from connector.domain.awards import Credit
from connector.domain.deposits import Deposit
from connector.domain.numbers import Scheme
from connector.domain.offers import OptIn


class Outcome(StrEnum):
    """What a partner's answer means for a message."""

    CREDITED = "credited"  # the miles are with the member
    ACCEPTED = "accepted"  # taken, confirmed later
    REFUSED = "refused"  # the partner will not take this request; nothing happened
    DOUBT = "doubt"  # neither sure that it happened nor that it did not
    UNRESOLVABLE = "unresolvable"  # a doubt that sending again cannot resolve: a person must ask the partner
    RETRY = "retry"  # the partner said that it did nothing; send again later


@dataclass(frozen=True, slots=True)
class Receipt:
    """A partner's answer: what it means, the partner's own words (masked), and when to come back (seconds).

    ``rest``: for so many seconds the partner wants nothing at all to be sent.
    """

    outcome: Outcome
    reason: str = ""
    reference: str = ""
    after: float | None = None
    rest: float | None = None


@dataclass(frozen=True, slots=True)
class PartnerRequest:
    """The exact bytes of one call, stored before the first send and re-sent as they were.

    ``path`` is relative to the channel's endpoint; ``headers`` holds no credentials.
    """

    path: str
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do; it drives behaviour, so that no job asks for a partner by name.

    ``location_keys`` are the property tables, ids and names for which the channel has a code (None: it needs none).
    """

    reverses: bool
    idempotent: bool  # the same request again cannot have a second effect
    currencies: frozenset[str] | None = None  # None: any
    grants: bool = False  # miles can be given for something that is no stay
    number_scheme: Scheme = "miles_and_more"
    account_numbers: bool = False  # also takes the 9-digit account number of Miles & More
    location_keys: frozenset[str] | None = None
    taxes: frozenset[str] | None = None  # the Mews tax codes that it can name; None: taxes are not told
    transmits: bool = False  # something can be sent that moves nothing: the channel is a Transmitter
    offers: bool = False  # the partner tells what members did about its offers: the channel is Offering


class Verdict(StrEnum):
    """What a finding means: well, worth knowing, or a fault of the configuration or of a remote system."""

    OK = "ok"
    NOTE = "note"
    CONFIGURATION = "configuration"
    REMOTE = "remote"


@dataclass(frozen=True, slots=True)
class Symptom:
    """What a channel found out about itself: ``text`` is a sentence, ``fix`` says what to do about a fault."""

    verdict: Verdict
    text: str
    fix: str = ""


class Sight(StrEnum):
    """What a partner's books show of a message."""

    SHOWN = "shown"  # its miles moved
    ABSENT = "absent"  # the books were read to their end, and it is not there (yet)
    UNCLEAR = "unclear"  # the books could not be read, or do not tell it from others


@dataclass(frozen=True, slots=True)
class Sought:
    """A message that is looked for in a partner's books.

    ``mark`` is what the books were before it was sent; ``others`` are the member's further messages at this partner
    that moved miles or may have, so that two that look alike are not taken for one.
    """

    credit: Credit
    mark: str
    others: tuple[Credit, ...] = ()


class Books(Protocol):
    """A partner's record of what it did, where a channel lets us read it.

    ``counts``: a message is known by the number of entries alone, so that no further one of its member may be sent
    before it is confirmed.
    """

    counts: bool

    async def mark(self, credit: Credit) -> str:
        """Return what the books are before a message's first send ("" where that is not needed).

        Raises NotSent when they cannot be read now, Unauthorized when they may not be: then nothing is sent.
        """
        ...

    async def look_up(self, sought: Sought) -> Sight:
        """Look for a message; raises Unauthorized, every other failure is UNCLEAR."""
        ...


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer to a member; ``states`` are the partner's words for what the member did about it."""

    id: str
    title: str = ""
    states: Mapping[str, str] = field(default_factory=dict)


class Offers(Protocol):
    """A partner's offers to its members.

    Every call raises Unauthorized, Permanent for what the partner refuses, and Retryable for everything else.
    """

    async def of(self, number: str) -> list[Offer]:
        """Return the offers to a member."""
        ...

    async def opted_in(self, number: str, offer_id: str) -> OptIn:
        """Return whether a member opted in to an offer; Permanent is also raised for what only a person can tell."""
        ...

    async def change(self, number: str, offer_id: str, name: str, value: str) -> None:
        """Set a state of an offer for a member; the same again changes nothing."""
        ...


class Partner(Protocol):
    """One channel to one partner; ``books`` is None where nothing can be looked up."""

    name: str
    capabilities: Capabilities

    @property
    def books(self) -> Books | None:
        """Return the partner's books."""
        ...

    def compose(self, credit: Credit) -> PartnerRequest:
        """Write the request of a credit or reversal; pure, so that the bytes can be stored first.

        Raises Skippable when this credit cannot be written (a tax code that is not mapped, for instance).
        """
        ...

    async def deliver(self, request: PartnerRequest, *, again: bool) -> Receipt:
        """Send once; ``again``: these bytes may have been sent before.

        Raises NotSent when the request provably never left, Unauthorized when the partner does not accept our
        credentials and Exhausted when what was paid in advance is used up (nothing happened either time); every other
        failure is a Receipt.
        """
        ...

    async def examine(self) -> Sequence[Symptom]:
        """Find out whether the partner would take what we send, without sending anything that moves miles.

        Raises Unauthorized, NotSent and Lost: what those mean is the same for every channel.
        """
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


@runtime_checkable
class Transmitter(Protocol):
    """A channel on which something can be sent that moves no miles, to see whether it arrives."""

    async def transmit(self, now: datetime) -> str:
        """Send it, and return what was answered; raises Unauthorized, Permanent when refused, else Retryable."""
        ...


@runtime_checkable
class Offering(Protocol):
    """A channel whose partner makes offers to its members."""

    @property
    def offers(self) -> Offers | None:
        """Return the offers; None where the settings do not tell how they are reached."""
        ...


class Receiver(Protocol):
    """What takes the calls of a partner that tells of miles exchanged for points of the scheme."""

    def knows(self, authorization: str) -> bool:
        """Tell, in constant time, whether a call's Authorization header is the partner's."""
        ...

    def read(self, content: bytes) -> Deposit:
        """Return what a call tells; raises Skippable when that cannot be told apart from other calls."""
        ...
