"""Each channel in conversation with its sandbox server over a real socket."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from connector.domain.awards import Credit, Kind
from connector.domain.matching import Hasher
from connector.http.auth import BasicAuth, ClientCredentials, HeaderAuth
from connector.http.client import Client
from connector.partners import qiibee as exchanging
from connector.partners.airmiles import AirMiles, Terms
from connector.partners.lufthansa import EarnService
from connector.partners.lufthansa import Terms as EarnTerms
from connector.partners.qiibee import Qiibee
from connector.partners.uplyft import Form, Uplyft
from connector.ports import Outcome, Partner, PartnerRequest, Receipt, Sight, Sought
from connector.sandbox.airmiles import application as airmiles
from connector.sandbox.airmiles import tokens
from connector.sandbox.faults import FaultPlan, parse
from connector.sandbox.journal import Journal
from connector.sandbox.lufthansa import application as lufthansa
from connector.sandbox.qiibee import application as qiibee
from connector.sandbox.qiibee.exchange import BRAND_A, BRAND_B
from connector.sandbox.uplyft import application as uplyft
from connector.sandbox.uplyft import events
from connector.sandbox.uplyft import schema as published

TAKEN = {Outcome.CREDITED, Outcome.ACCEPTED}
NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


class FixedClock:
    """Tells when the credits of a rehearsal are written."""

    def now(self) -> datetime:
        return NOW


@dataclass(frozen=True)
class Channel:
    """One adapter: how it is opened for an address, and its server; ``operation`` is the crediting one."""

    operation: str
    operation_of: Callable[[str], str]
    server: Callable[[Path], Starlette]
    opened: Callable[[str, str], Partner]
    secret: str
    member: str
    unknown_member: str


#: What the sandbox's Uplyft says of a card that does not exist; nothing is published of errors.
UNKNOWN_CARD = ("not a card number",)


def _uplyft(form: Form) -> Channel:
    def server(path: Path) -> Starlette:
        return uplyft.create_app(path, form=published.Form(form.signature))

    def opened(url: str, secret: str) -> Partner:
        client = Client(url, name="Uplyft", auth=BasicAuth(events.APP_ID, secret))
        return Uplyft(client, name="miles_and_more", app_id=events.APP_ID, form=form, refusal_words=UNKNOWN_CARD)

    return Channel(
        operation="createEvent",
        operation_of=uplyft.operation_of,
        server=server,
        opened=opened,
        secret=events.PRODUCTION_SECRET,
        member="992003669288601",
        unknown_member="9920036692886015",
    )


def _uplyft_with_a_token() -> Channel:
    """The transaction form written by hand, signed by an access token."""
    document = (
        "mutation { createEvent(uniqueId: $unique_id, businessValue: {currency: $currency, amount: $amount}, "
        "action: purchase, objects: [{id: $reservation, type: product, name: $name}], "
        "transaction: {walletAddress: $wallet, baselineReward: {amount: $miles, currency: milesandmore}}) }"
    )

    def opened(url: str, secret: str) -> Partner:
        client = Client(url, name="Uplyft", auth=HeaderAuth.bearer(secret))
        form = Form(document=document)
        return Uplyft(
            client, name="miles_and_more", app_id="", form=form, authorization="bearer", refusal_words=UNKNOWN_CARD
        )

    return replace(_uplyft(Form()), opened=opened, secret=events.ACCESS_TOKEN)


def open_airmiles(url: str, secret: str) -> Partner:
    auth = ClientCredentials(f"{url}/oauth/token", tokens.CLIENT_ID, secret)
    terms = Terms("STANDARD", {"montreal": "0037"}, {"CA-GST": "GST", "CA-QST": "QST"})
    return AirMiles(Client(url, name="AIR MILES", auth=auth), name="air_miles", terms=terms)


def open_qiibee(url: str, secret: str, **terms: Any) -> Qiibee:
    client = Client(f"{url}{qiibee.BASE}", name="qiibee", auth=HeaderAuth("X-API-KEY", secret))
    agreed = exchanging.Terms(BRAND_A, BRAND_B, "relay.example", **terms)
    return Qiibee(client, name="miles_and_more", terms=agreed, alias=Hasher(b"a key of the tests").alias)


def open_lufthansa(url: str, secret: str, **terms: Any) -> Partner:
    auth = ClientCredentials(f"{url}{lufthansa.TOKEN_PATH}", lufthansa.CLIENT_ID, secret)
    client = Client(f"{url}{lufthansa.PROFILES}", name="The Earn service", auth=auth)
    written = EarnTerms(path=lufthansa.EARN, reference_field="reference", **terms)
    return EarnService(client, name="miles_and_more", terms=written, clock=FixedClock())


def serve_lufthansa(path: Path, **options: Any) -> Starlette:
    return lufthansa.create_app(path, clock=NOW.timestamp, **options)


CHANNELS = {
    "uplyft_transaction": _uplyft(Form("transaction")),
    "uplyft_flat": _uplyft(Form("flat", "grouped", "decimal")),
    "uplyft_token": _uplyft_with_a_token(),
    "airmiles": Channel(
        operation="post",
        operation_of=airmiles.operation_of,
        server=airmiles.create_app,
        opened=open_airmiles,
        secret=tokens.CLIENT_SECRET,
        member="80085102028",
        unknown_member="70085102028",
    ),
    "qiibee": Channel(
        operation="POST transactions",
        operation_of=qiibee.operation_of,
        server=qiibee.create_app,
        opened=open_qiibee,
        secret=qiibee.API_KEY,
        member="992003669288601",
        unknown_member="99200366928860",
    ),
    "lufthansa": Channel(
        operation=lufthansa.EARN,
        operation_of=lufthansa.operation_of,
        server=serve_lufthansa,
        opened=open_lufthansa,
        secret=lufthansa.CLIENT_SECRET,
        member="992003669288601",
        unknown_member="9920036692886015",
    ),
}


@dataclass(frozen=True)
class Rehearsal:
    """A channel in conversation with its server; ``journal`` is what the server did, ``salt`` makes keys new.

    ``before`` is how much it had done when the rehearsal began.
    """

    channel: Channel
    partner: Partner
    journal: Journal
    plan: FaultPlan
    url: str
    salt: uuid.UUID = field(default_factory=uuid.uuid4)
    before: int = 0

    def key(self, number: int) -> uuid.UUID:
        return uuid.uuid5(self.salt, str(number))

    def credit(self, number: int = 1, **fields: Any) -> Credit:
        credit = Credit(
            key=self.key(number),
            kind=Kind.CREDIT,
            member_number=self.channel.member,
            miles=12,
            reservation_id="3b2c8f0e-0000-4000-8000-000000000001",
            reservation_number="4711",
            property_id="b2",
            property_keys=("montreal", "b2", "Hôtel Montréal"),
            departed_at=datetime(2026, 11, 1, 15, 30, tzinfo=UTC),
            departure=date(2026, 11, 1),
            currency="CAD",
            value_net=Decimal("249.97"),
            value_gross=Decimal("287.40"),
            composed_at=NOW,
            taxes=(("CA-GST", Decimal("12.50")), ("CA-QST", Decimal("24.93"))),
            description='Hôtel "Le Quai"',
        )
        return replace(credit, **fields)

    @property
    def sends(self) -> tuple[bool, ...]:
        """Return whether each send is a repeated one: where a repeat counts anew, there is none."""
        return (False, True) if self.partner.capabilities.idempotent else (False,)

    def fault(self, text: str, operation: str | None = None) -> None:
        """Plan what goes wrong with the crediting operation, once."""
        self.plan.add(parse(f"here:{operation or self.channel.operation}={text},times=1")[1])

    def given(self) -> list[tuple[str, int]]:
        """Return member and miles of every effect of this rehearsal."""
        return [(each["member"], each["miles"]) for each in self.journal.credits()[self.before :]]

    async def mark(self, credit: Credit) -> str:
        """Return what the partner's books are before a credit."""
        return await self.partner.books.mark(credit) if self.partner.books else ""

    async def send(self, credit: Credit) -> Receipt:
        """Send a credit for the first time, as a delivery does."""
        await self.mark(credit)
        return await self.partner.deliver(self.partner.compose(credit), again=False)

    async def shows(self, credit: Credit, mark: str) -> Sight | None:
        """Return what the partner's books show of a credit, None where there are none."""
        return await self.partner.books.look_up(Sought(credit, mark)) if self.partner.books else None

    async def resolve(self, credit: Credit, request: PartnerRequest, mark: str) -> None:
        """Resolve a doubt as the channel can: by the same bytes again, or by looking before that."""
        sight = None if self.partner.capabilities.idempotent else await self.shows(credit, mark)
        if sight in (None, Sight.ABSENT):
            assert (await self.partner.deliver(request, again=True)).outcome in TAKEN
        else:
            assert sight is Sight.SHOWN
