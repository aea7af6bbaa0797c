"""The settings of qiibee's users, on their way to the source and into its requests."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import respx

from connector.bootstrap.parts import Parts
from connector.bootstrap.schemes import source
from connector.schemes.qiibee import Qiibee
from connector.store.engine import Database
from connector.telemetry import redact
from tests.unit.settings.settings_files import SMALL, Files

KEY = "geheim-qiibee"
BRAND = """
[scheme]
program = "MM"
kind = "qiibee"
endpoint = "https://qiibee.test/api/admin/"
fields = { member_id = "auth_id", tier = "metadata.tier" }
partner_numbers = { MM = "miles_and_more" }
memberships = "embedded"
"""


async def test_come_as_they_were_set_and_the_logs_know_the_key(tmp_path: Path, respx_mock: respx.MockRouter) -> None:
    user = {"auth_id": "A1", "metadata": {"tier": "GOLD"}, "memberships": []}
    route = respx_mock.get("https://qiibee.test/api/admin/users/?limit=100&offset=0").respond(json=[user])
    settings = Files(tmp_path).load(SMALL + BRAND, {"LOYALTY_SCHEME__API_KEY": KEY})
    assert settings.scheme is not None
    async with AsyncExitStack() as stack:
        parts = Parts(settings, Database(settings.database.url), stack)
        made = source(parts, settings.scheme)
        assert isinstance(made, Qiibee)
        assert made.fields == {"member_id": "auth_id", "tier": "metadata.tier"}
        assert (made.partner_numbers, made.memberships) == ({"MM": "miles_and_more"}, "embedded")
        roll = await made.verify()
        (record,) = [record async for chunk in roll.take("", 100) for record in chunk.records]
        assert record.member_id == "A1"
        assert parts.clients[0].requests == 1
    assert route.calls.last.request.headers["X-API-KEY"] == KEY
    assert KEY not in redact.scrub(f"it says {KEY}")
    assert KEY not in repr(made)
    redact.forget(KEY)
