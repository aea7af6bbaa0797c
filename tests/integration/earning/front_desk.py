"""What happens at the front desk, as the simulated Mews is told it, and the connector that reads it over a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connector.http.client import Client
from connector.http.limiter import Unlimited
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.report import JobReport
from connector.mews.client import Mews
from connector.sandbox.fault_layer import FaultLayer
from connector.sandbox.faults import FaultPlan, parse
from connector.sandbox.mews import edits
from connector.sandbox.mews.app import create_app, operation_of
from connector.sandbox.mews.events import Events
from connector.sandbox.mews.state import State
from connector.sandbox.mews.tokens import ACCESS_TOKENS, CLIENT_TOKEN, PORTFOLIO_TOKEN
from connector.store.engine import Database
from tests.integration.earning.chain import (
    CHAIN_ID,
    CHECK_OUT,
    CURRENCIES,
    MEMBER,
    NOW,
    HandClock,
    chain_for,
    runner_for,
)
from tests.serving import serving


def wire(moment: datetime) -> str:
    """Write a moment as Mews does."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _hotels() -> Iterator[tuple[str, dict[str, Any]]]:
    for table, currency in CURRENCIES.items():
        yield (
            "Enterprises",
            {
                "Id": f"e-{table}",
                "ChainId": CHAIN_ID,
                "Name": table.title(),
                "CreatedUtc": wire(NOW - timedelta(days=50)),
                "UpdatedUtc": wire(NOW - timedelta(days=50)),
                "TimeZoneIdentifier": "Europe/Vienna" if table == "wien" else "America/Toronto",
                "AccountingEditableHistoryInterval": "P0M1DT0H0M0S",
                "OperationalEditableHistoryInterval": "P0M2DT0H0M0S",
                "_Table": table,
                "_Currency": currency,
            },
        )
        yield "Services", {"Id": f"s-{table}", "EnterpriseId": f"e-{table}"}
    for code, name in (("MM", "Miles & More"), ("AM", "AIR MILES")):
        words = {"Name": name, "Code": code, "Type": "ExternalPartner", "Subscription": "Free"}
        yield "LoyaltyPrograms", {"Id": f"p-{code}", "ChainId": CHAIN_ID, **words}


@dataclass(slots=True)
class FrontDesk:
    """A simulated Mews with a hand on its records, and one connector that reads it; ``events`` are what it says."""

    state: State
    plan: FaultPlan
    url: str
    clock: HandClock
    events: Events
    database: Database = field(init=False, repr=False)
    clients: list[Client] = field(default_factory=list)
    offset: timedelta = timedelta(0)
    _tokens: dict[str, Mews] = field(default_factory=dict)

    # -- what guests and staff do

    def guest(self, id_: str, **more: Any) -> None:
        """Enter a guest profile."""
        names = {"FirstName": "Anna", "LastName": "Berger", "Email": f"{id_}@guests.example"}
        flags = {"IsActive": True, "HasOtaEmail": False, "UpdatedUtc": wire(NOW - timedelta(days=30))}
        edits.add(self.state, "Customers", {"Id": id_, "ChainId": CHAIN_ID, **names, **flags, **more})

    def membership(self, id_: str, guest: str, program: str = "MM", number: str | None = MEMBER, **more: Any) -> None:
        """Enter a membership as staff would."""
        body = {"AccountId": guest, "LoyaltyProgramId": f"p-{program}", "State": "Enrolled", "IsPrimary": True}
        typed = {} if number is None else {"MembershipNumber": number}
        edits.add(self.state, "LoyaltyMemberships", {"Id": id_, "ChainId": CHAIN_ID, **body, **typed, **more})

    def member(self, id_: str = "g1", program: str = "MM", number: str = MEMBER) -> None:
        """Enter a guest with a membership."""
        self.guest(id_)
        self.membership(f"m-{id_}-{program}", id_, program, number)

    def stay(self, id_: str = "r1", guest: str = "g1", hotel: str = "wien", **more: Any) -> None:
        """Enter a stay that was checked out two hours ago."""
        times = {
            "CreatedUtc": wire(NOW - timedelta(days=20)),
            "UpdatedUtc": wire(self.clock.moment),
            "ScheduledStartUtc": wire(CHECK_OUT - timedelta(days=2)),
            "ScheduledEndUtc": wire(CHECK_OUT),
            "ActualEndUtc": wire(CHECK_OUT),
        }
        body = {"ServiceId": f"s-{hotel}", "AccountId": guest, "AccountType": "Customer", "State": "Processed"}
        edits.add(self.state, "Reservations", {"Id": id_, "Number": f"n-{id_}", **body, **times, **more})

    def charge(self, id_: str, net: float, stay: str = "r1", hotel: str = "wien", **more: Any) -> None:
        """Put a room night on a folio, with ten percent of tax; the bill is closed."""
        tax = round(net * 0.1, 2)
        amount = {
            "Currency": CURRENCIES[hotel],
            "NetValue": net,
            "GrossValue": round(net + tax, 2),
            "TaxValues": [{"Code": "CA-GST" if hotel == "montreal" else "AT-10", "Value": tax}],
        }
        now = wire(self.clock.moment)
        times = {"CreatedUtc": wire(CHECK_OUT), "UpdatedUtc": now, "ClosedUtc": wire(CHECK_OUT)}
        body = {"Type": "SpaceOrder", "AccountingState": "Closed", "ServiceOrderId": stay, "Amount": amount}
        edits.add(self.state, "OrderItems", {"Id": id_, "EnterpriseId": f"e-{hotel}", **body, **times, **more})

    def rebate(self, id_: str, net: float, lowers: str, stay: str = "r1", hotel: str = "wien") -> None:
        """Lower a charge now; the reservation's own update time does not move."""
        data = {"Discriminator": "Rebate", "Rebate": {"ProductId": "x", "RebatedItemId": lowers}}
        now = wire(self.state.now())
        times = {"CreatedUtc": now, "UpdatedUtc": now, "ClosedUtc": now}
        self.charge(id_, -net, stay, hotel, Type="NightRebate", Data=data, **times)

    def edit(self, kind: str, id_: str, **changes: Any) -> None:
        """Change a record as staff would."""
        edits.edit(self.state, kind, id_, changes)

    def merge(self, source: str, target: str, memberships: str = "keep") -> None:
        """Merge one guest profile into another."""
        edits.merge(self.state, source, target, memberships)

    def fault(self, text: str) -> None:
        """Plan a fault, such as ``orderItems/getAll=400,times=1``."""
        self.plan.add(parse(f"mews:{text}")[1])

    # -- what the connector does

    def later(self, **parts: float) -> None:
        """Let time pass, for Mews and for the connector."""
        self.clock.advance(**parts)
        self.offset += timedelta(**parts)
        self.state.shift_clock(self.offset.total_seconds())

    def chain(self, **access_tokens: str) -> Chain:
        """Return a new process of the connector; ``access_tokens`` replace the right ones."""
        return chain_for(self.database, self.clock, {table: self._token(table, access_tokens) for table in CURRENCIES})

    async def forget_connections(self) -> None:
        """Let the next process begin without what this one heard from Mews."""
        for client in self.clients:
            await client.aclose()
        self._tokens.clear()

    def portfolio(self, *own: str) -> Chain:
        """Return a new process with a portfolio token over both hotels, and the own tokens of some."""
        tokens = {table: self._token(table, {"group": PORTFOLIO_TOKEN}) for table in ("group", *own)}
        return chain_for(self.database, self.clock, tokens, "group")

    def _token(self, table: str, access_tokens: dict[str, str]) -> Mews:
        access_token = access_tokens.get(table) or ACCESS_TOKENS[table]
        if access_token not in self._tokens:
            client = Client(self.url, name=f"Mews {table}")
            self.clients.append(client)
            self._tokens[access_token] = Mews(
                client,
                client_token=CLIENT_TOKEN,
                access_token=access_token,
                client_name="Mews Loyalty Connector 1.0.0",
                table=table,
                limiter=Unlimited(),
                clock=self.clock,
                sleep=_at_once,
            )
        return self._tokens[access_token]

    async def read(self, *partnerships: Partnership, chain: Chain | None = None) -> JobReport:
        """Let a minute pass, then run the job ``stays`` once."""
        self.later(minutes=1)
        return await runner_for(chain or self.chain(), partnerships).run("stays")

    async def deliver(self, *partnerships: Partnership) -> JobReport:
        """Run the job ``deliver`` once."""
        return await runner_for(self.chain(), partnerships).run("deliver")


async def _at_once(_seconds: float) -> None:
    """Wait for nothing: short retries are tested elsewhere."""


@asynccontextmanager
async def front_desk(database: Database, folder: Path) -> AsyncIterator[FrontDesk]:
    """Open the hotels, at the time of a clock moved by hand."""
    async with _hotels_open(folder, NOW - datetime.now(UTC)) as desk:
        desk.database = database
        yield desk
        for client in desk.clients:
            await client.aclose()


@asynccontextmanager
async def present_desk(folder: Path) -> AsyncIterator[FrontDesk]:
    """Open the hotels at the real time, for whoever comes over the socket."""
    async with _hotels_open(folder, timedelta(0)) as desk:
        yield desk


@asynccontextmanager
async def _hotels_open(folder: Path, offset: timedelta) -> AsyncIterator[FrontDesk]:
    app = create_app(folder / "mews.db")
    state: State = app.state.simulator.state
    state.load(_hotels())
    state.shift_clock(offset.total_seconds())
    plan = FaultPlan()
    async with serving(FaultLayer(app, operation_of, plan), own_date=True) as url:
        yield FrontDesk(state, plan, url, HandClock(), app.state.events, offset=offset)
