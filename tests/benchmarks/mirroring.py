"""Reading memberships and guests into the mirror, against a script that does only that.

Run as ``python -m tests.benchmarks.mirroring [quick|nightly]``. The yardstick is what somebody would write in an
afternoon: plain httpx and sqlite3, the same pages into the same columns, but no cursors, and nothing is durable.
"""

from __future__ import annotations

import asyncio
import hmac
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from connector.sandbox.mews.tokens import ACCESS_TOKENS, CLIENT_TOKEN
from connector.sandbox.serve import Sandbox
from tests.acceptance.road import rows
from tests.benchmarks.contest import Contest, Watch
from tests.campaigns.figures import Figure, Profile, ran

BAR = 0.75
RECORDS = 50_000  # guests, and as many memberships: what a pass costs once, whatever their number, is small beside them
KEY = b"0" * 32
TOKENS = {"ClientToken": CLIENT_TOKEN, "AccessToken": ACCESS_TOKENS["wien"], "Client": "Script 1.0.0"}
OPENED = timedelta(days=320)  # so long ago the hotel was, and so far back guests are asked for
LONGEST = timedelta(days=89)


def campaign(profile: Profile) -> Iterator[Figure]:
    """Compare the two."""
    from tests.benchmarks.population import small_chain

    with tempfile.TemporaryDirectory() as scratch:
        state = Path(scratch) / "sandbox"
        small_chain(state / "mews.db", RECORDS, RECORDS)
        with Sandbox(state, limit="off") as sandbox:
            yield Contest(
                claim="Mirroring memberships and guests is at least 0.75 as fast as a script that is not durable",
                yardstick="a plain httpx and sqlite3 script",
                module=__spec__.name,
                arguments=[sandbox.urls["mews"], scratch],
                records=2 * RECORDS,
                bar=BAR,
            ).held(profile)


async def ours(url: str, scratch: Path) -> None:
    """Read with the connector's own jobs, which the script's process does not import."""
    from connector.jobs import mirror
    from connector.jobs.properties import read_properties
    from tests.benchmarks.connected import connected

    async with connected(scratch / "connector.db", url) as chain:
        await read_properties(chain)
        with Watch() as watch:
            await mirror.refresh(chain)
    watch.tell(_rows(scratch))


def yardstick(url: str, scratch: Path) -> None:
    """Read with a script."""
    with closing(sqlite3.connect(scratch / "script.db")) as database, httpx.Client() as client:
        database.execute("PRAGMA synchronous=OFF")
        database.executescript(_SCHEMA)

        def listed(operation: str, **body: Any) -> Iterator[list[dict[str, Any]]]:
            cursor = None
            while True:
                limitation = {"Count": 1000} | ({"Cursor": cursor} if cursor else {})
                answer = client.post(
                    f"{url}/api/connector/v1/{operation}/getAll", json={**TOKENS, **body, "Limitation": limitation}
                ).json()
                yield answer[operation[0].upper() + operation[1:]]
                if not (cursor := answer["Cursor"]):
                    return

        with Watch() as watch:
            _read_all(database, listed)
    watch.tell(_rows(scratch))


def _rows(folder: Path) -> int:
    (file,) = folder.glob("*.db")
    return sum(rows(file, f"SELECT count(*) FROM {table}")[0][0] for table in ("guest", "membership"))


def _read_all(database: sqlite3.Connection, listed: Callable[..., Iterator[list[dict[str, Any]]]]) -> None:
    ids = [each["Id"] for page in listed("loyaltyPrograms") for each in page]
    for state in ("Active", "Deleted"):
        for page in listed("loyaltyMemberships", LoyaltyProgramIds=ids, ActivityStates=[state]):
            database.executemany(_MEMBERSHIP, [_membership(each, state) for each in page])
    for time, states in (("UpdatedUtc", ["Active", "Deleted"]), ("DeletedUtc", ["Deleted"])):
        for interval in _intervals():
            extent = {"Customers": True, "Addresses": False}
            for page in listed("customers", **{time: interval}, ActivityStates=states, Extent=extent):
                database.executemany(_GUEST, [_guest(each) for each in page])
        database.commit()


def _intervals() -> Iterator[dict[str, str]]:
    now = datetime.now(UTC)
    start = now - OPENED
    while start < now:
        end = min(now, start + LONGEST)
        yield {"StartUtc": f"{start:%Y-%m-%dT%H:%M:%SZ}", "EndUtc": f"{end:%Y-%m-%dT%H:%M:%SZ}"}
        start = end


def _membership(record: dict[str, Any], state: str) -> tuple[Any, ...]:
    expires = record.get("ExpirationDate")
    return (
        record["Id"],
        record["AccountId"],
        record["LoyaltyProgramId"],
        record["State"],
        record["IsPrimary"],
        record.get("MembershipNumber"),
        record.get("Points"),
        expires[:10] if expires else None,
        record.get("LoyaltyTierId"),
        record.get("ProviderMembershipId"),
        record.get("Url"),
        state == "Deleted",
    )


def _guest(record: dict[str, Any]) -> tuple[Any, ...]:
    email, first, last = (record.get(name) or "" for name in ("Email", "FirstName", "LastName"))
    return (
        record["Id"],
        record["IsActive"],
        record.get("MergeTargetId"),
        record["HasOtaEmail"],
        " ".join(record.get("Classifications") or []),
        _key("email_and_name", email, first, last),
        _key("last_name", last),
        _key("loyalty_code", record.get("LoyaltyCode") or ""),
        record["UpdatedUtc"],
    )


def _key(purpose: str, *parts: str) -> bytes | None:
    if not all(parts):
        return None
    text = "\x1f".join((purpose, *(part.lower() for part in parts)))
    return hmac.digest(KEY, text.encode(), "sha256")[:16]


_SCHEMA = """
CREATE TABLE membership (id TEXT PRIMARY KEY, account_id TEXT, program_id TEXT, state TEXT, is_primary INTEGER,
    number TEXT, points INTEGER, expires_on TEXT, tier_id TEXT, provider_id TEXT, url TEXT, deleted INTEGER);
CREATE INDEX membership_account ON membership (account_id, program_id);
CREATE INDEX membership_program ON membership (program_id);
CREATE INDEX membership_number ON membership (number);
CREATE INDEX membership_provider ON membership (provider_id);
CREATE TABLE guest (id TEXT PRIMARY KEY, active INTEGER, merge_target_id TEXT, has_ota_email INTEGER,
    classifications TEXT, email_key BLOB, name_key BLOB, loyalty_key BLOB, updated TEXT);
CREATE INDEX guest_email ON guest (email_key);
CREATE INDEX guest_loyalty ON guest (loyalty_key);
"""
_MEMBERSHIP = f"INSERT OR REPLACE INTO membership VALUES ({', '.join('?' * 12)})"
_GUEST = f"INSERT OR REPLACE INTO guest VALUES ({', '.join('?' * 9)})"


def _run(side: str, url: str, scratch: str) -> None:
    with tempfile.TemporaryDirectory(dir=scratch) as own:
        if side == "ours":
            asyncio.run(ours(url, Path(own)))
        else:
            yardstick(url, Path(own))


if __name__ == "__main__":
    if sys.argv[1:2] in (["ours"], ["yardstick"]):
        _run(*sys.argv[1:])
    else:
        sys.exit(ran(campaign, sys.argv[1:]))
