"""A small chain for tests: two hotels, their partners, and one process of the connector after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, Literal

from connector.domain.contract import Contract, Hold
from connector.domain.matching import Hasher
from connector.domain.rules import Rule
from connector.http.auth import BasicAuth, ClientCredentials, HeaderAuth
from connector.http.breaker import Breaker
from connector.http.client import Client
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.runner import Runner
from connector.mews.client import Mews
from connector.partners import qiibee
from connector.partners.airmiles import AirMiles, Terms
from connector.partners.uplyft import Form, Uplyft
from connector.ports import Partner
from connector.sandbox.airmiles import tokens
from connector.sandbox.qiibee import application, exchange
from connector.sandbox.uplyft import events
from connector.store.engine import Database
from connector.store.limits import StoredBreakers

# noon of yesterday: far from midnight for clocks moved by hand, and past for the commands, which have the real one
NOW = (datetime.now(UTC) - timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
CHECK_OUT = NOW - timedelta(hours=2)
CHAIN_ID = "chain-1"
MM, AM = "miles_and_more", "air_miles"
MEMBER = "992003669288601"
COLLECTOR = "80085102028"
PAYMENT_CARD = "4111111111111111"
CURRENCIES = {"wien": "EUR", "montreal": "CAD"}
DAY = timedelta(days=1)
_processes = count(1)


class HandClock:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment

    def advance(self, **parts: float) -> None:
        self.moment += timedelta(**parts)


def chain_for(database: Database, clock: HandClock, tokens_: dict[str, Mews] | None = None, *portfolios: str) -> Chain:
    """Return a chain as one process sees it; every call is another process."""
    return Chain(
        database=database,
        clock=clock,
        owner=f"process {next(_processes)}",
        tokens=tokens_ or {},
        portfolios=frozenset(portfolios),
        hasher=Hasher(b"a key of the tests"),
        history=timedelta(days=60),
        visibility=timedelta(seconds=60),
        chain_id=CHAIN_ID,
    )


def runner_for(chain: Chain, partnerships: Sequence[Partnership]) -> Runner:
    """Return what runs the jobs of these partners."""
    labels = [each.label for one in partnerships for each in one.by_account()]
    breakers = {label: Breaker(f"partner {label}", StoredBreakers(chain.database), chain.clock) for label in labels}
    return Runner(chain, None, partnerships, breakers, [])


def per_euro(**changes: Any) -> Rule:
    """One mile for each euro that the room cost."""
    terms: dict[str, Any] = {
        "basis": "spend",
        "miles": Decimal(1),
        "currency": "EUR",
        "items": frozenset({"SpaceOrder"}),
    }
    return Rule(**(terms | changes))


def per_twenty_dollars(**changes: Any) -> Rule:
    """One mile for each twenty dollars, before tax."""
    return per_euro(**({"per": Decimal(20), "currency": "CAD", "amount": "net"} | changes))


def miles_and_more(channel: Partner, *, contract: dict[str, Any] | None = None, **changes: Any) -> Partnership:
    """Return Miles & More on a channel; ``contract`` and ``changes`` are fields that differ."""
    terms = Contract(
        name=MM,
        program_code="MM",
        number_scheme="miles_and_more",
        rules=(per_euro(),),
        hold=Hold("none"),
        competing=frozenset({"MM", "AM"}),
    )
    return _partnership(channel, replace(terms, **(contract or {})), changes)


def air_miles(channel: Partner, *, contract: dict[str, Any] | None = None, **changes: Any) -> Partnership:
    """Return AIR MILES on a channel; ``contract`` and ``changes`` are fields that differ."""
    terms = Contract(
        name=AM,
        program_code="AM",
        number_scheme="air_miles",
        rules=(per_twenty_dollars(),),
        hold=Hold("none"),
        currencies=frozenset({"CAD"}),
        competing=frozenset({"MM", "AM"}),
        location_keys=frozenset({"montreal"}),
    )
    return _partnership(channel, replace(terms, **(contract or {})), changes)


def _partnership(channel: Partner, contract: Contract, changes: dict[str, Any]) -> Partnership:
    mode: Literal["live"] = "live"
    return replace(Partnership(contract, channel, mode, "miles", description="Alpenglow"), **changes)


def uplyft_channel(client: Client, *, form: Form | None = None, duplicate: Any = "", **words: Any) -> Uplyft:
    """Return Uplyft's channel; ``client`` comes from ``uplyft_client``."""
    return Uplyft(client, name=MM, app_id=events.APP_ID, form=form or Form(), duplicate_answer=duplicate, **words)


def uplyft_client(url: str, secret: str = events.PRODUCTION_SECRET) -> Client:
    """Return a signed client of an Uplyft."""
    return Client(url, name=f"Uplyft for {MM}", auth=BasicAuth(events.APP_ID, secret))


def airmiles_channel(client: Client, terms: Terms | None = None) -> AirMiles:
    """Return the channel of AIR MILES; ``client`` comes from ``airmiles_client``."""
    usual = Terms("STANDARD", {"montreal": "0037"}, {"CA-GST": "GST", "CA-QST": "QST"})
    return AirMiles(client, name=AM, terms=terms or usual)


def airmiles_client(url: str, secret: str = tokens.CLIENT_SECRET) -> Client:
    """Return a client of an AIR MILES that fetches its own tokens."""
    auth = ClientCredentials(f"{url}/oauth/token", tokens.CLIENT_ID, secret)
    return Client(url, name=f"AIR MILES for {AM}", auth=auth)


def qiibee_channel(
    url: str, *, secret: str = application.API_KEY, hash_key: bytes = b"a key of the tests", **terms: Any
) -> qiibee.Qiibee:
    """Return a channel of a qiibee at an address."""
    client = Client(f"{url}{application.BASE}", name=f"qiibee for {MM}", auth=HeaderAuth("X-API-KEY", secret))
    agreed = qiibee.Terms(exchange.BRAND_A, exchange.BRAND_B, "relay.example", **terms)
    return qiibee.Qiibee(client, name=MM, terms=agreed, alias=Hasher(hash_key).alias)
