"""qiibee as a channel: what its settings may be."""

from __future__ import annotations

import json
import uuid
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.bootstrap.partners import partnerships
from connector.bootstrap.parts import Parts
from connector.domain.awards import Credit, Kind
from connector.domain.prepaid import Prepaid
from connector.jobs.contracts import Partnership
from connector.settings import QiibeePartner, warnings
from connector.store.engine import Database
from tests.unit.settings.settings_files import SMALL, Files

KEY = "LOYALTY_PARTNERS__MM__API_KEY"
PARTNER = """
[partners.mm]
program = "MM"
channel = "qiibee"
brand_a_token_id = "own"
brand_b_token_id = "theirs"
relay_domain = "relay.example.com"
"""
EARN = """
[[partners.mm.earn]]
basis = "spend"
miles = 1
"""


def without_app() -> dict[str, str]:
    """Return the secrets of a file whose partner has a key and no app."""
    return {
        "LOYALTY_MEWS__CLIENT_TOKEN": "geheim-1",
        "LOYALTY_MEWS__PROPERTIES__WIEN__ACCESS_TOKEN": "geheim-2",
        KEY: "geheim",
        "LOYALTY_PRIVACY__HASH_KEY": "geheim-3",
    }


def partner(files: Files, lines: str = "") -> QiibeePartner:
    """The partner of a file with these lines."""
    text = SMALL + PARTNER + lines + EARN
    found = files.load(text, without_app(), secrets=False).partners["mm"]
    assert isinstance(found, QiibeePartner)
    return found


def faults(files: Files, lines: str) -> list[str]:
    """The fault lines of a file with these lines, without the file's name."""
    text = SMALL + PARTNER + lines + EARN
    found = files.faults(text, without_app(), secrets=False)
    return [line.removeprefix("connector.toml: partners.mm.") for line in found]


def told(files: Files, lines: str) -> list[str]:
    """The warnings of a file with these lines."""
    text = SMALL + PARTNER + lines + EARN
    found = warnings(files.load(text, without_app(), secrets=False))
    return [line.removeprefix("connector.toml: partners.mm.") for line in found]


def test_tokens_a_domain_and_a_key_are_all_that_it_takes(files: Files) -> None:
    found = partner(files)
    assert found.endpoint == "https://bwaapi.qiibee.com/api/admin"
    assert (found.exchange_rate, found.auth_id, found.out_of_credit) == (Decimal(1), "per_member", "Insufficient")
    assert found.doubt_wait == timedelta(minutes=10)


def test_without_a_key_nothing_can_be_sent(files: Files) -> None:
    text = SMALL + PARTNER + EARN
    secrets = {name: value for name, value in without_app().items() if name != KEY}
    (fault,) = files.faults(text, secrets, secrets=False)
    assert fault == (
        "connector.toml: partners.mm.api_key: the secret is missing or empty; expected it in the environment variable "
        "LOYALTY_PARTNERS__MM__API_KEY or the file partners__mm__api_key"
    )


@pytest.mark.parametrize(
    "domain", ["", "relay", "a@relay.example", "relay.example/", "Relay.example", "re lay.example"]
)
def test_a_relay_that_is_no_domain_is_refused(files: Files, domain: str) -> None:
    text = SMALL + PARTNER.replace("relay.example.com", domain) + EARN
    (fault,) = files.faults(text, without_app(), secrets=False)
    assert fault == (
        f'connector.toml: partners.mm.relay_domain: "{domain}" is not a domain; '
        'expected a domain of yours like "relay.example.com"'
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('exchange_rate = "0"', 'exchange_rate: "0" is not above zero; expected an amount like "20.00"'),
        ('doubt_wait = "0s"', 'doubt_wait: "0" is too short; expected a duration above zero like "30s"'),
        (
            'token_id_format = "int"',
            'brand_a_token_id: "own" is no number; expected digits with token_id_format = "int"',
        ),
        (
            'unmoved_statuses = ["failed", "DONE"]',
            'unmoved_statuses: "DONE" is in moved_statuses too; expected one of them',
        ),
    ],
)
def test_a_value_that_cannot_be_is_refused(files: Files, lines: str, expected: str) -> None:
    assert faults(files, lines)[0] == expected


def test_a_token_is_not_exchanged_for_itself(files: Files) -> None:
    text = SMALL + PARTNER.replace('"theirs"', '"own"') + EARN
    (fault,) = files.faults(text, without_app(), secrets=False)
    assert fault == (
        "connector.toml: partners.mm.brand_b_token_id: is the own token too; expected the one of Miles & More"
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('hold = "none"', 'hold: "none" sends before the folio is final, and this channel cannot take miles back'),
        (
            'exchange_rate = "1.5"',
            "exchange_rate: at 1.5 miles a point some awards are no whole number of points, and wait for a person",
        ),
        (
            'auth_id = "per_award"',
            'auth_id: "per_award" makes a user at qiibee of every award; expected only if qiibee agreed to it',
        ),
        (
            'out_of_credit = ""',
            "out_of_credit: is empty, so that awards are refused one by one when the prepaid credits are used up",
        ),
        (
            'mode = "live"\nstart = 2026-12-01\ndaily_ceiling = 9\n'
            'endpoint = "https://bwaapi-sandbox.qiibee.com/api/admin"',
            "moved_statuses: neither it nor unmoved_statuses is set; an exchange that is listed with another status "
            "than done, completed, complete, success, successful, succeeded is never credited, so ask qiibee for its "
            "words",
        ),
        (
            'mode = "live"\nstart = 2026-12-01\ndaily_ceiling = 9\n'
            'endpoint = "https://bwaapi-sandbox.qiibee.com/api/admin"',
            "endpoint: https://bwaapi-sandbox.qiibee.com/api/admin is a test system, although a partner is live",
        ),
    ],
)
def test_what_works_but_is_hardly_meant_is_told(files: Files, lines: str, expected: str) -> None:
    assert expected in told(files, lines)


@pytest.mark.parametrize("agreed", ['moved_statuses = ["EXECUTED"]', 'unmoved_statuses = ["failed"]'])
def test_statuses_that_are_agreed_are_not_asked_for(files: Files, agreed: str) -> None:
    lines = f'mode = "live"\nstart = 2026-12-01\ndaily_ceiling = 9\n{agreed}'
    assert not [line for line in told(files, lines) if line.startswith("moved_statuses")]


def test_what_is_usual_is_not_told(files: Files) -> None:
    assert told(files, 'endpoint = "https://bwaapi-sandbox.qiibee.com/api/admin"\nmode = "test"') == []


@pytest.fixture
def credit() -> Credit:
    """Twelve miles of a stay."""
    moment = datetime(2026, 11, 1, 15, 30, tzinfo=UTC)
    return Credit(
        key=uuid.UUID(int=1),
        kind=Kind.CREDIT,
        member_number="992003669288601",
        miles=12,
        reservation_id="r1",
        reservation_number="4711",
        property_id="b1",
        property_keys=("wien",),
        departed_at=moment,
        departure=date(2026, 11, 1),
        currency="EUR",
        value_net=Decimal(100),
        value_gross=Decimal(110),
        composed_at=moment,
    )


class TestTheChannel:
    """What the settings make of it; each is opened anew, as by another process."""

    async def opened(self, files: Files, lines: str = "", chain: str = "Alpenglow Hotels") -> Partnership:
        text = (SMALL + PARTNER + lines + EARN).replace("Alpenglow Hotels", chain)
        settings = files.load(text, without_app(), secrets=False)
        async with AsyncExitStack() as stack:
            database = Database(f"sqlite:///{files.directory / 'connector.db'}")
            stack.push_async_callback(database.aclose)
            (partnership,) = partnerships(Parts(settings, database, stack))
        return partnership

    async def written(self, files: Files, credit: Credit, lines: str = "", **options: str) -> dict[str, Any]:
        partnership = await self.opened(files, lines, **options)
        found: dict[str, Any] = json.loads(partnership.channel.compose(credit).content)["transaction"]
        return found

    async def test_is_of_miles_and_more_and_looks_where_a_key_would_help_elsewhere(self, files: Files) -> None:
        partnership = await self.opened(files, 'doubt_wait = "42m"')
        assert partnership.contract.number_scheme == "miles_and_more"
        assert (partnership.counts, partnership.looks_up) == (True, True)
        assert partnership.doubt_wait == timedelta(minutes=42)

    async def test_writes_as_the_settings_say(self, files: Files, credit: Credit) -> None:
        lines = (
            'exchange_rate = "0.5"\nexchange_rate_override = true\namount_format = "string"\nbrand_a_field = "token"'
        )
        transaction = await self.written(files, credit, lines)
        assert transaction.pop("user_auth_id")
        assert transaction == {
            "type": "exchange",
            "amount": "24",
            "token": "own",
            "brandB_token_id": "theirs",
            "brandB_membership_number": "992003669288601",
            "exchange_rate_override": 0.5,
        }

    async def test_knows_a_member_by_the_same_name_in_every_process_and_chains_apart(
        self, files: Files, credit: Credit
    ) -> None:
        first, again = [(await self.written(files, credit))["user_auth_id"] for _ in range(2)]
        other = (await self.written(files, credit, chain="Seaside Hotels"))["user_auth_id"]
        assert first == again != other


class TestPrepaidCredits:
    BOUGHT = "[partners.mm.prepaid]\ncredits = 500000\nsince = 2026-12-01\nlow_water = 50000\n"

    async def test_reach_the_partnership_and_each_account(self, files: Files, tmp_path: Path) -> None:
        own = '[partners.mm.accounts.west]\nproperties = ["wien"]\n'
        wests = self.BOUGHT.replace("mm.prepaid", "mm.accounts.west.prepaid").replace("500000", "60000")
        text = SMALL + PARTNER + self.BOUGHT + 'per_mile = "0.5"\n' + own + wests + EARN
        settings = files.load(
            text, without_app() | {"LOYALTY_PARTNERS__MM__ACCOUNTS__WEST__API_KEY": "geheim"}, secrets=False
        )
        async with AsyncExitStack() as stack:
            (found,) = partnerships(Parts(settings, Database(f"sqlite:///{tmp_path}/connector.db"), stack))
        assert [each.prepaid for each in found.by_account()] == [
            Prepaid(500_000, date(2026, 12, 1), 50_000, Decimal("0.5")),
            Prepaid(60_000, date(2026, 12, 1), 50_000),
        ]

    def test_are_more_than_few(self, files: Files) -> None:
        assert faults(files, self.BOUGHT.replace("500000", "50000")) == [
            "prepaid.low_water: 50000 is not below the 50000 credits; expected fewer"
        ]
