"""Many guests for a chain, and a scheme whose members they are."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connector.sandbox.mews.state import State
from tests.integration.alignment import hotel

COLUMNS = ("member_id", "number", "email", "first_name", "last_name", "tier", "points", "expires_on", "state")


def add_guests(file: Path, guests: int) -> None:
    """Add guests to a chain that no server uses."""
    with closing(sqlite3.connect(file)) as connection:
        (body,) = connection.execute('SELECT body FROM "Customers" LIMIT 1').fetchone()
    with closing(State(file)) as state:
        state.load(_guests(guests, json.loads(body)["ChainId"]))


def _guests(count: int, chain_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    first = datetime.now(UTC) - timedelta(days=300)
    for number in range(count):
        at = (first + timedelta(days=299) * (number / count)).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield (
            "Customers",
            {
                "Id": guest_id(number),
                "ChainId": chain_id,
                "FirstName": f"First{number % 997}",
                "LastName": f"Last{number % 4999}",
                "Email": _email(number),
                "HasOtaEmail": False,
                "IsActive": True,
                "CreatedUtc": at,
                "UpdatedUtc": at,
            },
        )


def small_chain(file: Path, guests: int, memberships: int) -> None:
    """Make a chain of one hotel and two programs, whose first guests have a membership each, for a server to come."""
    with closing(State(file)) as state:
        state.load([hotel.enterprise("wien", days=320), ("Services", {"Id": "s-wien", "EnterpriseId": "e-wien"})])
        state.load(hotel.SET_UP)
        state.load(_guests(guests, hotel.CHAIN))
        state.load(map(_membership, range(memberships)))


def _membership(number: int) -> tuple[str, dict[str, Any]]:
    """The membership that ``list_members`` wants for a guest."""
    return hotel.membership(
        f"00000000-0000-4000-9000-{number:012}",
        "",
        AccountId=guest_id(number),
        MembershipNumber=f"AX{number:08}",
        Points=number % 5000,
        ExpirationDate="2031-12-31T00:00:00Z",
        LoyaltyTierId="t-SILVER" if number % 5 else "t-GOLD",
        ProviderMembershipId=f"X{number:07}",
    )


def guest_id(number: int) -> str:
    """Return the id of a guest."""
    return f"00000000-0000-4000-8000-{number:012}"


def _email(number: int) -> str:
    return f"member{number}@post.example"


def list_members(path: Path, members: int, unmatched: int = 0, raised: int = 0) -> None:
    """Write the scheme's file: the guests from ``unmatched`` on are its first members; ``raised`` have more points."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for place in range(members):
            number = place + unmatched
            points = place % 5000 + (100_000 if place < raised else 0)
            names = (_email(number), f"First{number % 997}", f"Last{number % 4999}")
            tier = "SILVER" if place % 5 else "GOLD"
            writer.writerow((f"X{place:07}", f"AX{place:08}", *names, tier, points, "2031-12-31", "Enrolled"))
