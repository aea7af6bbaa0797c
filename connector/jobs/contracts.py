"""The second road as configured: one partner's contract, and how its messages are sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from connector.domain.contract import Contract
from connector.domain.numbers import Verdict, check
from connector.domain.prepaid import Prepaid
from connector.errors import Misconfigured
from connector.jobs.pacing import Pacing
from connector.ports import Partner
from connector.schemes.deposit_file import DepositFile
from connector.schemes.exchange_file import ExchangeFile


@dataclass(frozen=True, slots=True)
class Account:
    """Credentials of our own for some properties (table names, ids or names), and what they may give a day in miles.

    ``prepaid`` is what was paid for this account in advance, if its credits are counted.
    """

    name: str
    channel: Partner
    properties: frozenset[str]
    daily_ceiling: int | None = None
    prepaid: Prepaid | None = None


@dataclass(frozen=True, slots=True)
class Exchanges:
    """Where requests to exchange points come from, and in the name of which property (table, id or name) they give."""

    file: ExchangeFile
    property: str = ""


@dataclass(frozen=True, slots=True)
class Deposits:
    """Where the scheme is told of miles exchanged for points; ``members_are_known``: there is a scheme to ask."""

    file: DepositFile
    members_are_known: bool


@dataclass(frozen=True, slots=True)
class Partnership:
    """A partner: its contract (what a stay earns) and its channel (how that is said).

    ``daily_ceiling`` is in miles (None: no bound outside live mode); ``description`` appears on statements where the
    channel has a field for it. ``concurrency`` is how many requests are under way at once, ``pacing`` how fast and when
    they are. ``price_per_mile`` is what a mile costs the hotel in the money that the partner bills in (None: not told).
    ``display_name`` is what guests call the partner. ``accounts`` are those that some properties have of their own;
    everything else goes by the channel itself. ``account`` names the one that this is narrowed to. ``exchanges`` say
    where members exchange points for miles, ``deposits`` where the scheme reads of miles exchanged for points.
    ``doubt_wait`` is how long the partner may take to show in its books what it took. ``confirm_live`` says whether a
    first live delivery is confirmed also where nothing was rehearsed. ``prepaid`` is what was paid in advance, where
    somebody wants its rest counted.
    """

    contract: Contract
    channel: Partner
    mode: Literal["shadow", "test", "live"]
    unit: str
    daily_ceiling: int | None = None
    description: str = ""
    concurrency: int = 4
    price_per_mile: Decimal | None = None
    display_name: str = ""
    accounts: tuple[Account, ...] = ()
    account: str = ""
    exchanges: Exchanges | None = None
    deposits: Deposits | None = None
    doubt_wait: timedelta = timedelta(minutes=10)
    confirm_live: Literal["after_rehearsal", "always"] = "after_rehearsal"
    pacing: Pacing = field(default_factory=Pacing)
    prepaid: Prepaid | None = None

    @property
    def name(self) -> str:
        """The partner's name in the settings."""
        return self.contract.name

    @property
    def label(self) -> str:
        """What the partner is called where its accounts are told apart."""
        return f"{self.name}.accounts.{self.account}" if self.account else self.name

    def account_of(self, property_keys: Iterable[str]) -> str:
        """Return the account of a property, which settings may know by any of these keys."""
        keys = frozenset(property_keys)
        return next((each.name for each in self.accounts if keys & each.properties), "")

    def by_account(self) -> Iterator[Partnership]:
        """Yield the partnership as each account sends: the partner's own first."""
        yield self
        for each in self.accounts:
            ceiling = each.daily_ceiling or self.daily_ceiling
            told = replace(self, account=each.name, channel=each.channel, prepaid=each.prepaid)
            yield replace(told, daily_ceiling=ceiling, accounts=())

    def unknown_properties(self, known: Collection[str]) -> list[str]:
        """Return a sentence for each property of an account that Mews does not show by this key."""
        return [
            f'partners.{self.name}.accounts.{each.name}.properties: Mews shows no property "{word}"; expected a table '
            "of [mews.properties], an id or a name"
            for each in self.accounts
            for word in sorted(each.properties - frozenset(known))
        ]

    @property
    def counts(self) -> bool:
        """Tell whether the partner's books only count, so that one message of a member is under way until it shows."""
        return self.channel.books is not None and self.channel.books.counts

    @property
    def confirms(self) -> bool:
        """Tell whether the partner's books show what became of what it accepted."""
        return self.channel.books is not None

    @property
    def looks_up(self) -> bool:
        """Tell whether the partner's books resolve a doubt: where no key makes it harmless to send again."""
        return self.confirms and not self.channel.capabilities.idempotent

    def number(self, typed: str) -> Verdict:
        """Return a member number that a person typed, canonical; raises Misconfigured for one that is none."""
        terms = self.contract
        verdict = check(terms.number_scheme, typed, terms.number_check, accounts=terms.accounts)
        if verdict.number is None:
            raise Misconfigured(f"{self.name}: the member number is not taken: {verdict.fault}")
        return verdict


def partner_called(name: str, partnerships: Sequence[Partnership]) -> Partnership:
    """Return the partner of this name; raises Misconfigured when there is none."""
    for each in partnerships:
        if each.name == name:
            return each
    names = ", ".join(each.name for each in partnerships) or "none: there is no [partners] table"
    raise Misconfigured(f"no partner is called {name!r}; expected one of: {names}")
