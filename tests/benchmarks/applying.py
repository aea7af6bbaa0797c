"""Adding memberships and telling Mews our ids of them, against a bare loop that posts the same bodies.

Run as ``python -m tests.benchmarks.applying [quick|nightly]``. The connector stores an intent before each add and the
result after each write; the loop stores nothing. There is no bar: the ratio is there to be watched.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from connector.jobs import mirror, planning, scheme
from connector.jobs.applied import Applied
from connector.jobs.applying import Applier
from connector.jobs.properties import read_properties
from connector.sandbox.mews.tokens import ACCESS_TOKENS, CLIENT_TOKEN
from connector.sandbox.serve import Sandbox
from tests.benchmarks.connected import connected, road
from tests.benchmarks.contest import Contest, Watch
from tests.benchmarks.planning import planned
from tests.benchmarks.population import guest_id, list_members, small_chain
from tests.campaigns.figures import Figure, Profile, ran

BATCH = 1000
MEMBERS: Mapping[Profile, int] = {"quick": 10_000, "nightly": 50_000}
TOKENS = {"ClientToken": CLIENT_TOKEN, "AccessToken": ACCESS_TOKENS["wien"], "Client": "Script 1.0.0"}


def campaign(profile: Profile) -> Iterator[Figure]:
    """Compare the two."""
    members = MEMBERS[profile]
    with tempfile.TemporaryDirectory() as scratch:
        asyncio.run(_prepared(Path(scratch) / "home", members))
        yield Contest(
            claim="Writing memberships to Mews, with an intent and a result stored for each, beside only posting them",
            yardstick="a bare loop that posts the same bodies",
            module=__spec__.name,
            arguments=[scratch, str(members)],
            records=2 * members,
        ).held(profile)


async def _prepared(home: Path, members: int) -> None:
    """Make a chain of guests without memberships, and a connector that has read and matched everything."""
    small_chain(home / "sandbox" / "mews.db", members, 0)
    list_members(home / "members.csv", members)
    with Sandbox(home / "sandbox", limit="off") as sandbox:
        async with connected(home / "connector.db", sandbox.urls["mews"]) as chain:
            await read_properties(chain)
            await mirror.refresh(chain)
            first = road(home / "members.csv")
            loaded = await scheme.load(chain, first, await first.source.verify())
            await planning.match(chain, first, await planning.scope(chain, first, loaded))


async def ours(folder: Path, url: str) -> tuple[Watch, int]:
    """Apply one plan, and the plan that follows from it; planning is not measured."""
    watch, written = Watch(), 0
    async with planned(folder, url) as (chain, scope):
        for _ in ("add", "update"):
            changes = [change async for change in planning.changes(chain, scope)]
            applier = Applier(chain, scope.program_id, "benchmark", Applied())
            with watch:
                for change in changes:
                    await applier.take(change)  # type: ignore[arg-type]  # there is no case among them
                await applier.finish()
            written += applier.applied.written
    return watch, written


def yardstick(members: int, url: str) -> tuple[Watch, int]:
    """Post the same bodies one after another."""
    watch = Watch()
    with httpx.Client() as client:
        added = _posted(
            client,
            watch,
            f"{url}/api/connector/v1/loyaltyMemberships/add",
            "LoyaltyMemberships",
            [_add(number) for number in range(members)],
        )
        ids = {each["AccountId"]: each["Id"] for each in added}
        updates = [_update(ids[guest_id(number)], number) for number in range(members)]
        key = "LoyaltyMembershipUpdates"
        updated = _posted(client, watch, f"{url}/api/connector/v1/loyaltyMemberships/update", key, updates)
    return watch, len(added) + len(updated)


def _posted(
    client: httpx.Client, watch: Watch, url: str, key: str, items: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    bodies = [
        json.dumps({**TOKENS, key: items[start : start + BATCH]}).encode() for start in range(0, len(items), BATCH)
    ]
    headers = {"Content-Type": "application/json"}
    with watch:
        answers = [client.post(url, content=body, headers=headers).json() for body in bodies]
    return [each for answer in answers for each in answer["LoyaltyMemberships"]]


def _add(number: int) -> dict[str, Any]:
    return {
        "AccountId": guest_id(number),
        "LoyaltyProgramId": "p-ALPEN",
        "IsPrimary": True,
        "State": "Enrolled",
        "MembershipNumber": f"AX{number:08}",
        "Points": number % 5000,
        "ExpirationDate": "2031-12-31T00:00:00Z",
        "LoyaltyTierId": "t-SILVER" if number % 5 else "t-GOLD",
    }


def _update(membership_id: str, number: int) -> dict[str, Any]:
    return {"LoyaltyMembershipId": membership_id, "ProviderMembershipId": {"Value": f"X{number:07}"}}


def _run(side: str, scratch: str, members: str) -> None:
    with tempfile.TemporaryDirectory(dir=scratch) as own:
        folder = Path(shutil.copytree(Path(scratch) / "home", Path(own) / "home"))
        with Sandbox(folder / "sandbox", limit="off") as sandbox:
            url = sandbox.urls["mews"]
            watch, written = asyncio.run(ours(folder, url)) if side == "ours" else yardstick(int(members), url)
    watch.tell(written)


if __name__ == "__main__":
    if sys.argv[1:2] in (["ours"], ["yardstick"]):
        _run(*sys.argv[1:])
    else:
        sys.exit(ran(campaign, sys.argv[1:]))
