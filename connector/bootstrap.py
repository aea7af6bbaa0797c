"""The one place that knows everybody: settings in, a running application out."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from connector import __version__
from connector.domain.contract import Contract, Hold
from connector.domain.harm import Limits
from connector.domain.matching import Hasher
from connector.domain.programs import WantedProgram, WantedTier
from connector.domain.rules import Rule
from connector.errors import Misconfigured
from connector.http.auth import Auth, BasicAuth, ClientCredentials
from connector.http.breaker import Breaker
from connector.http.client import Client
from connector.http.limiter import SlidingWindow
from connector.jobs.chain import Chain
from connector.jobs.contracts import Partnership
from connector.jobs.runner import Runner
from connector.jobs.scheme import Road
from connector.mews.client import Mews
from connector.partners.airmiles import AirMiles, Terms
from connector.partners.uplyft import Form, Uplyft
from connector.ports import Partner
from connector.schemes.csv_file import CsvFile
from connector.settings import AirMilesPartner, AnyPartner, EarnRule, Program, Settings, UplyftPartner
from connector.store import migrations
from connector.store.engine import Database
from connector.store.limits import StoredBreakers, StoredSendLog
from connector.store.lock import exclusive
from connector.telemetry import redact
from connector.telemetry.clock import SystemClock

CONCURRENCY = 8  # requests under way at one partner


@dataclass(frozen=True, slots=True)
class App:
    """Everything that a command needs."""

    settings: Settings
    database: Database
    runner: Runner

    @property
    def chain(self) -> Chain:
        """The chain that the jobs work on."""
        return self.runner.chain

    @property
    def partners(self) -> list[str]:
        """The names of the partners."""
        return [each.name for each in self.runner.partnerships]


@asynccontextmanager
async def application(
    settings: Settings, *, works: bool = False, confirm: str | None = None, operator: str = ""
) -> AsyncIterator[App]:
    """Open the application: database upgraded, connections closed at the end.

    ``works``: the command runs jobs, so on SQLite it holds the exclusive lock; raises Refused when another does.
    """
    async with AsyncExitStack() as stack:
        database = open_database(settings)
        stack.push_async_callback(database.aclose)
        if database.file is not None:
            database.file.parent.mkdir(parents=True, exist_ok=True)
            if works:
                stack.enter_context(exclusive(database.file))
        await migrations.upgrade(database)
        builder = _Builder(settings, database, stack)
        yield App(settings, database, builder.runner(confirm, operator))


def open_database(settings: Settings) -> Database:
    """Return the database of the settings, not yet connected."""
    return Database(settings.database.url, _reveal_optional(settings.database.password))


def _reveal(secret: SecretStr) -> str:
    """Return a secret's value, after the logs have learnt to leave it out."""
    redact.register(secret.get_secret_value())
    return secret.get_secret_value()


def _reveal_optional(secret: SecretStr | None) -> str | None:
    return None if secret is None else _reveal(secret)


class _Builder:
    """Turns tables of the settings into the objects that do the work."""

    def __init__(self, settings: Settings, database: Database, stack: AsyncExitStack) -> None:
        self.settings = settings
        self.database = database
        self.stack = stack
        self.clock = SystemClock()
        self.clients: list[Client] = []

    def runner(self, confirm: str | None, operator: str) -> Runner:
        partnerships = [self._partnership(name, each) for name, each in self.settings.partners.items()]
        breakers = {
            each.name: Breaker(f"partner {each.name}", StoredBreakers(self.database), self.clock)
            for each in partnerships
        }
        return Runner(self._chain(), self._road(), partnerships, breakers, self.clients, confirm, operator)

    def _chain(self) -> Chain:
        mews = self.settings.mews
        return Chain(
            database=self.database,
            clock=self.clock,
            owner=f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}",
            tokens={table: self._token(table) for table in mews.properties},
            portfolios=frozenset(table for table, each in mews.properties.items() if each.portfolio),
            hasher=Hasher(hash_key(self.settings, self.database)),
            history=mews.history,
            visibility=mews.visibility,
        )

    def _token(self, table: str) -> Mews:
        mews = self.settings.mews
        access_token = _reveal(mews.properties[table].access_token)
        limiter = SlidingWindow(
            f"mews {hashlib.sha256(access_token.encode()).hexdigest()[:16]}",
            mews.limits.requests,
            mews.limits.window,
            StoredSendLog(self.database),
            self.clock,
        )
        return Mews(
            self._client(mews.platform_address, f"Mews {table}"),
            client_token=_reveal(mews.client_token),
            access_token=access_token,
            client_name=mews.client,
            table=table,
            limiter=limiter,
            clock=self.clock,
        )

    def _client(self, address: str, name: str, auth: Auth | None = None) -> Client:
        client = Client(
            address,
            name=name,
            auth=auth,
            max_connections=CONCURRENCY,
            user_agent=f"mews-loyalty-connector/{__version__}",
        )
        self.clients.append(client)
        self.stack.push_async_callback(client.aclose)
        return client

    def _road(self) -> Road | None:
        scheme, alignment = self.settings.scheme, self.settings.alignment
        if scheme is None:
            return None
        return Road(
            program_code=scheme.program,
            programs=tuple(_wanted(program) for program in self.settings.programs),
            source=CsvFile(scheme.path),
            mode=scheme.mode,
            methods=self.settings.matching.by,
            primary=alignment.primary,
            gone=alignment.gone,
            unknown=alignment.unknown,
            limits=Limits(alignment.max_removals, alignment.max_removal_share, alignment.max_changes_share),
        )

    def _partnership(self, name: str, partner: AnyPartner) -> Partnership:
        channel = self._channel(name, partner)
        return Partnership(
            contract=self._contract(name, partner, channel),
            channel=channel,
            mode=partner.mode,
            unit=partner.unit,
            daily_ceiling=partner.daily_ceiling,
            description=self.settings.chain.name[:20],
            concurrency=CONCURRENCY,
        )

    def _channel(self, name: str, partner: AnyPartner) -> Partner:
        if isinstance(partner, UplyftPartner):
            app_id = partner.app_id.get_secret_value()
            auth = BasicAuth(app_id, _reveal(partner.app_secret))
            form = Form(partner.signature, partner.wallet_format, partner.amount_format, partner.unique_id)
            client = self._client(partner.endpoint, f"Uplyft for {name}", auth)
            return Uplyft(client, name=name, app_id=app_id, form=form, duplicate_answer=partner.duplicate_answer)
        tokens = ClientCredentials(
            partner.token_endpoint,
            partner.client_id.get_secret_value(),
            _reveal(partner.client_secret),
            audience=partner.audience,
            scope=partner.scope,
        )
        terms = Terms(partner.offer_code, partner.location_codes, partner.tax_codes)
        return AirMiles(self._client(partner.endpoint, f"AIR MILES for {name}", tokens), name=name, terms=terms)

    def _contract(self, name: str, partner: AnyPartner, channel: Partner) -> Contract:
        locations = partner.location_codes if isinstance(partner, AirMilesPartner) else None
        scheme = self.settings.scheme
        return Contract(
            name=name,
            program_code=partner.program,
            number_scheme="air_miles" if isinstance(partner, AirMilesPartner) else "miles_and_more",
            rules=tuple(_rule(rule) for rule in partner.earn),
            number_check=partner.number_check,
            currencies=channel.capabilities.currencies,
            hold=_hold(partner.hold),
            settle_timeout=partner.settle_timeout,
            start=partner.start,
            max_age=partner.max_age,
            which=partner.which,
            competing=frozenset(each.program for each in self.settings.partners.values()),
            correct_from=partner.correct_from,
            location_keys=None if locations is None else frozenset(locations),
            tier_program=scheme.program if scheme else None,
        )


def _wanted(program: Program) -> WantedProgram:
    tiers = tuple(WantedTier(tier.code, tier.name, tier.ordering) for tier in program.tiers)
    return WantedProgram(program.code, program.name, program.type, program.subscription, tiers)


def _hold(hold: timedelta | Literal["settled", "none"]) -> Hold:
    return Hold("after", hold) if isinstance(hold, timedelta) else Hold(hold)


def _rule(rule: EarnRule) -> Rule:
    return Rule(
        basis=rule.basis,
        miles=Decimal(rule.miles),
        name=rule.name,
        per=rule.per,
        currency=rule.currency,
        amount=rule.amount,
        items=frozenset(rule.items),
        exclude_items=frozenset(rule.exclude_items),
        bonus=rule.bonus,
        min_nights=rule.min_nights,
        min_spend=rule.min_spend,
        cap_stay=rule.cap_stay,
        over_cap=rule.over_cap,
        travel_agencies=rule.travel_agencies,
        companies=rule.companies,
        blocks=rule.blocks,
        exclude_classifications=frozenset(rule.exclude_classifications),
        properties=frozenset(rule.properties),
        zero_rate=rule.zero_rate,
        departure_from=rule.departure.from_,
        departure_to=rule.departure.to,
        description=rule.description,
    )


def hash_key(settings: Settings, database: Database) -> bytes:
    """Return the key of the identifiers' hashes: the configured one, or one made and kept beside the database.

    Raises Misconfigured on PostgreSQL without a configured one: instances must share it.
    """
    if configured := _reveal_optional(settings.privacy.hash_key):
        return configured.encode()
    if database.file is None:
        raise Misconfigured(
            "privacy.hash_key: it is missing, and PostgreSQL has no place beside it; "
            "expected LOYALTY_PRIVACY__HASH_KEY or the secret file privacy__hash_key"
        )
    return _kept_key(database.file.with_name(f"{database.file.name}.hash_key"))


def _kept_key(path: Path) -> bytes:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        key = secrets.token_hex(32).encode()
        file.write(key)
    return key
