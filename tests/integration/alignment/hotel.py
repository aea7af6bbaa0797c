"""A small chain in the strict Mews simulator over a real socket, a members file, and the first road between them.

Times are told: the connector's clock stands still unless a test moves it, and Mews's clock is moved with it.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text
from starlette.responses import Response

from connector.domain.harm import Limits
from connector.domain.matching import Hasher
from connector.domain.programs import WantedProgram, WantedTier
from connector.http.client import Client
from connector.http.limiter import Limiter, SlidingWindow, Unlimited
from connector.jobs import align as alignment
from connector.jobs.align import Aligned, Preview
from connector.jobs.chain import Chain
from connector.jobs.properties import read_properties
from connector.jobs.scheme import Road
from connector.mews.client import Mews
from connector.sandbox.fault_layer import FaultLayer
from connector.sandbox.faults import Effect, Fault, FaultPlan
from connector.sandbox.mews import edits
from connector.sandbox.mews.app import PREFIX, create_app, operation_of
from connector.sandbox.mews.limit import Limit
from connector.sandbox.mews.state import State
from connector.sandbox.mews.tokens import ACCESS_TOKENS, CLIENT_TOKEN
from connector.schemes.csv_file import CsvFile
from connector.schemes.csv_source import CsvSource
from connector.store import suspense
from connector.store.engine import Database
from connector.store.limits import StoredSendLog
from tests.serving import serving
from tests.unit.http.memory import HandClock

CHAIN = "chain-1"
ADD, UPDATE, DELETE = (f"loyaltyMemberships/{verb}" for verb in ("add", "update", "delete"))
STATIC = {"configuration/get", "enterprises/getAll", "services/getAll", "exchangeRates/getAll"}  # hourly, not counted
TIERS = (WantedTier("SILVER", "Silver member", 1), WantedTier("GOLD", "Gold member", 2))
PROGRAMS = (
    WantedProgram("ALPEN", "Alpenglow Club", "Hotel", "Free", TIERS),
    WantedProgram("MM", "Miles & More", "ExternalPartner", "Free"),
)
WITHOUT_GUARD = Limits(10_000, 1.0, 1.0)


def _ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def enterprise(table: str, *, chain: str = CHAIN, days: int = 100) -> tuple[str, dict[str, Any]]:
    """A property that was opened ``days`` ago: so far back the first read of guests goes."""
    opened = _ago(days)
    return "Enterprises", {
        "Id": f"e-{table}",
        "ChainId": chain,
        "Name": f"Hotel {table}",
        "CreatedUtc": opened,
        "UpdatedUtc": opened,
        "LinkedUtc": opened,
        "TimeZoneIdentifier": "Europe/Vienna",
        "AccountingEditableHistoryInterval": "P0M3DT0H0M0S",
        "OperationalEditableHistoryInterval": "P0M7DT0H0M0S",
        "_Table": table,
        "_Currency": "EUR",
    }


def guest(name: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """A guest profile ``g-NAME`` with an e-mail address and names of its own."""
    return "Customers", {
        "Id": f"g-{name}",
        "ChainId": CHAIN,
        "FirstName": f"Franzi{name}",
        "LastName": f"Berger{name}",
        "Email": f"mail.{name}@guests.example",
        "HasOtaEmail": False,
        "IsActive": True,
        "CreatedUtc": _ago(60),
        "UpdatedUtc": _ago(30),
        **more,
    }


def program(code: str = "ALPEN", name: str = "Alpenglow Club", type_: str = "Hotel") -> tuple[str, dict[str, Any]]:
    """A program ``p-CODE``."""
    return "LoyaltyPrograms", {
        "Id": f"p-{code}",
        "ChainId": CHAIN,
        "Code": code,
        "Name": name,
        "Type": type_,
        "Subscription": "Free",
        "_CreatedUtc": _ago(50),
    }


def tier(code: str, name: str, ordering: int) -> tuple[str, dict[str, Any]]:
    """A tier ``t-CODE`` of ``p-ALPEN``."""
    return "LoyaltyTiers", {
        "Id": f"t-{code}",
        "ChainId": CHAIN,
        "LoyaltyProgramId": "p-ALPEN",
        "Code": code,
        "Name": name,
        "Ordering": ordering,
        "_CreatedUtc": _ago(50),
    }


def membership(id_: str, name: str, program_: str = "p-ALPEN", **more: Any) -> tuple[str, dict[str, Any]]:
    """A membership of guest ``g-NAME``, as staff entered it."""
    return "LoyaltyMemberships", {
        "Id": id_,
        "ChainId": CHAIN,
        "AccountId": f"g-{name}",
        "LoyaltyProgramId": program_,
        "State": "Enrolled",
        "IsPrimary": False,
        "_CreatedUtc": _ago(40),
        "_UpdatedUtc": _ago(40),
        **more,
    }


SET_UP = (
    program(),
    program("MM", "Miles & More", "ExternalPartner"),
    tier("SILVER", "Silver member", 1),
    tier("GOLD", "Gold member", 2),
)


def member(name: str, **more: Any) -> dict[str, Any]:
    """The line of member ``m-NAME`` of the scheme, found by the e-mail and names of ``guest``."""
    return {
        "member_id": f"m-{name}",
        "number": f"N-{name}",
        "email": f"mail.{name}@guests.example",
        "first_name": f"Franzi{name}",
        "last_name": f"Berger{name}",
        "tier": "SILVER",
        "points": 10,
        "expires_on": "2030-12-31",
        **more,
    }


@dataclass
class Calls:
    """What reached Mews: an ASGI layer that notes each operation with its body."""

    app: Any
    made: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    unknown: set[tuple[str, str]] = field(default_factory=set)  # (property table, beginning of an operation): 401
    blind: set[str] = field(default_factory=set)  # property tables whose token sees no property

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
            return
        content, more = b"", True
        while more:
            message = await receive()
            content, more = content + message["body"], message["more_body"]
        operation, given_body = operation_of(scope["path"]), json.loads(content)
        self.made.append((operation, given_body))
        if self._is_refused(operation, given_body):
            await Response('{"Message": "Not permitted."}', 401)(scope, receive, send)
            return
        if operation == "enterprises/getAll" and given_body["AccessToken"] in map(ACCESS_TOKENS.get, self.blind):
            await Response('{"Enterprises": [], "Cursor": null}')(scope, receive, send)
            return
        given = iter([{"type": "http.request", "body": content, "more_body": False}])

        async def again() -> Any:
            return next(given, None) or await receive()

        await self.app(scope, again, send)

    def _is_refused(self, operation: str, body: dict[str, Any]) -> bool:
        named = ((ACCESS_TOKENS[table], beginning) for table, beginning in self.unknown)
        return any(body["AccessToken"] == token and operation.startswith(beginning) for token, beginning in named)

    def by(self, table: str, beginning: str = "") -> list[str]:
        """The operations that were called with the token of a property, static data left out."""
        token = ACCESS_TOKENS[table]
        every = [operation for operation, body in self.made if body["AccessToken"] == token]
        return [operation for operation in every if operation not in STATIC and operation.startswith(beginning)]

    def count(self) -> dict[str, int]:
        """How often each operation was called, static data left out."""
        return dict(Counter(operation for operation, _ in self.made if operation not in STATIC))

    def bodies(self, operation: str) -> list[dict[str, Any]]:
        """The bodies of an operation, the credentials left out."""
        secret = ("ClientToken", "AccessToken", "Client")
        found = [body for name, body in self.made if name == operation]
        return [{name: value for name, value in body.items() if name not in secret} for body in found]

    def writes(self) -> dict[str, int]:
        """The calls that would change something."""
        return {name: count for name, count in self.count().items() if not name.split("/")[1].startswith("get")}


@dataclass
class Hotel:
    """The chain as a test sees it."""

    home: Path
    database: Database
    url: str
    state: State
    faults: FaultPlan
    calls: Calls
    road: Road
    tokens: dict[str, str]
    portfolios: frozenset[str] = frozenset()
    clock: HandClock = field(default_factory=HandClock)
    limit: Limit | None = None
    chain: Chain = None  # type: ignore[assignment]  # made by ``start``
    offset: float = 0.0

    # -- the scheme

    @property
    def file(self) -> Path:
        """The members file."""
        return self.home / "members.csv"

    def members(self, *lines: Mapping[str, Any], columns: Iterable[str] = ()) -> None:
        """Write the members file; its columns are those of the first line unless named."""
        names = list(columns) or list(lines[0])
        with self.file.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names, lineterminator="\n", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(lines)

    def settings(self, **changes: Any) -> None:
        """Change the road's settings."""
        self.road = replace(self.road, **changes)

    # -- time and people

    def later(self, seconds: float = 60.0) -> None:
        """Let time go on, here and at Mews."""
        self.clock.advance(seconds)
        self.offset += seconds
        self.state.shift_clock(self.offset)

    @contextmanager
    def unseen(self) -> Iterator[None]:
        """Let changes happen that no listing shows yet, however the seconds fall."""
        self.state.shift_clock(self.offset + 3600)
        yield
        self.state.shift_clock(self.offset)

    def edit(self, kind: str, id_: str, **changes: Any) -> None:
        """Change a record as staff would."""
        edits.edit(self.state, kind, id_, changes)

    def load(self, *records: tuple[str, dict[str, Any]]) -> None:
        """Add records."""
        for kind, record in records:
            edits.add(self.state, kind, record)

    def merge(self, source: str, target: str, memberships: str) -> None:
        """Merge one guest into another."""
        edits.merge(self.state, f"g-{source}", f"g-{target}", memberships)

    def delete_by_staff(self, membership_id: str) -> None:
        """Delete a membership; its update time does not move."""
        self.edit("LoyaltyMemberships", membership_id, _DeletedUtc="now")

    def fault(self, operation: str, effect: str, **more: Any) -> None:
        """Plan a fault."""
        self.faults.add(Fault(operation, Effect(effect), **{"times": 1, **more}))

    # -- the connector

    async def start(self) -> None:
        """Start (again), as a new process would, on the same database."""
        await self.stop()
        self.chain = Chain(
            database=self.database,
            clock=self.clock,
            owner="test",
            tokens={table: self._token(table, token) for table, token in self.tokens.items()},
            portfolios=self.portfolios,
            hasher=Hasher(b"0" * 32),
            history=timedelta(days=90),
            visibility=timedelta(seconds=60),
        )

    async def stop(self) -> None:
        """Close the connections."""
        if self.chain is not None:
            for token in self.chain.tokens.values():
                await token.aclose()

    def _token(self, table: str, access_token: str) -> Mews:
        return Mews(
            Client(self.url, name="Mews"),
            client_token=CLIENT_TOKEN,
            access_token=access_token,
            client_name="Mews Loyalty Connector 1.0.0",
            table=table,
            limiter=self._limiter(access_token),
            clock=self.clock,
            sleep=self.clock.sleep,
        )

    def _limiter(self, access_token: str) -> Limiter:
        if self.limit is None:
            return Unlimited()
        window, log = timedelta(seconds=self.limit.seconds), StoredSendLog(self.database)
        return SlidingWindow(access_token, self.limit.requests, window, log, self.clock, self._wait)

    async def _wait(self, seconds: float) -> None:
        self.later(seconds)

    async def align(self, confirm: str | None = None) -> Aligned:
        """Run one pass of the first road and forget the calls made before it."""
        self.calls.made.clear()
        await read_properties(self.chain)
        return await alignment.align(self.chain, self.road, confirm=confirm, operator="anna")

    async def preview(self) -> Preview:
        """Plan without writing."""
        self.calls.made.clear()
        await read_properties(self.chain)
        return await alignment.preview(self.chain, self.road)

    async def cases(self) -> dict[tuple[str, str], str]:
        """The open cases: (subject, reason) and the words."""
        async with self.database.read() as connection:
            found = await suspense.listing(connection)
        return {(each.case.subject_id, each.case.reason): each.case.text for each in found}

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Look into the connector's database."""
        async with self.database.read() as connection:
            return [tuple(row) for row in await connection.execute(text(sql))]

    # -- what Mews holds

    def records(self, kind: str) -> list[dict[str, Any]]:
        """Every living record of a kind, oldest first."""
        every = [record.whole() for record in self.state.walk(kind)]
        return [record for record in reversed(every) if not record["_Deleted"]]

    def held(self, code: str = "ALPEN") -> dict[str, list[dict[str, Any]]]:
        """The living memberships of a program by guest, without the sandbox's own keys."""
        programs = {one["Id"] for one in self.records("LoyaltyPrograms") if one["Code"] == code}
        found: dict[str, list[dict[str, Any]]] = {}
        for record in self.records("LoyaltyMemberships"):
            if record["LoyaltyProgramId"] in programs:
                found.setdefault(record["AccountId"].removeprefix("g-"), []).append(record)
        return found

    def one(self, name: str) -> dict[str, Any]:
        """The one membership of a guest in the scheme's program: its telling fields, the tier by code."""
        (record,) = self.held()[name]
        tiers = {one["Id"]: one["Code"] for one in self.records("LoyaltyTiers")}
        names = ("State", "IsPrimary", "MembershipNumber", "Points", "ProviderMembershipId")
        found = {name: record.get(name) for name in names} | {"Tier": tiers.get(record.get("LoyaltyTierId") or "")}
        return found | {"ExpirationDate": (record.get("ExpirationDate") or "")[:10]}

    def id_of(self, name: str) -> str:
        """The id of the one membership of a guest in the scheme's program."""
        (record,) = self.held()[name]
        return str(record["Id"])


@asynccontextmanager
async def opened(
    home: Path,
    database: Database,
    *records: tuple[str, dict[str, Any]],
    limit: Limit | None = None,
    tokens: Mapping[str, str] = ACCESS_TOKENS,
    portfolios: frozenset[str] = frozenset(),
) -> AsyncIterator[Hotel]:
    """Serve a chain of two properties and these records, with the first road to it; both sides keep to ``limit``."""
    clock = HandClock()
    app = create_app(home / "mews.db", limit=limit, clock=lambda: clock.now().timestamp())
    state = app.state.simulator.state
    given = {record["Id"] for kind, record in records if kind == "Enterprises"}
    hotels = [enterprise(table) for table in ACCESS_TOKENS if f"e-{table}" not in given]
    services = [("Services", {"Id": f"s-{table}", "EnterpriseId": f"e-{table}"}) for table in ACCESS_TOKENS]
    state.load([*hotels, *services, *records])
    faults = FaultPlan()
    calls = Calls(FaultLayer(app, operation_of, faults))
    async with serving(calls, own_date=True) as url:
        hotel = Hotel(home, database, url, state, faults, calls, _road(home), dict(tokens), portfolios, clock, limit)
        await hotel.start()
        try:
            yield hotel
        finally:
            await hotel.stop()


def _road(home: Path) -> Road:
    return Road(
        program_code="ALPEN",
        programs=PROGRAMS,
        source=CsvSource(CsvFile(home / "members.csv")),
        mode="snapshot",
        methods=("mews_id", "membership", "loyalty_code", "email_and_name"),
        primary="if_only",
        gone="cancel",
        unknown="keep",
        limits=WITHOUT_GUARD,
    )
