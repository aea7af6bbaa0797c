"""Many users at once, from JSON or CSV.

JSON is a list of user objects, which may hold ``memberships``. CSV has a header: columns named like a field of a
user, columns ``etihad`` and ``miles_and_more`` with numbers, and the rest becomes metadata. The chain's
``members.csv`` is such a file too. Whoever has no e-mail address is left out, as qiibee cannot hold them.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from connector.sandbox.qiibee.requests import Refused, checked, membership_of
from connector.sandbox.qiibee.users import FIELDS, IMPLEMENTATIONS, User

_OTHER_NAMES = {"member_id": "auth_id", "last_name": "second_name"}


def from_file(path: Path) -> Iterator[User]:
    """The users of a file whose name ends in ``.json`` or ``.csv``; ``ValueError`` names what is wrong."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from from_csv(file) if path.suffix == ".csv" else from_json(file.read())
    except ValueError as fault:
        raise ValueError(f"{path}: {fault}") from None


def from_json(text: str) -> Iterator[User]:
    """The users of a JSON list; ``ValueError`` names the first that is wrong."""
    objects = json.loads(text)
    if not isinstance(objects, list):
        raise ValueError("expected a list of users")  # noqa: TRY004 - the text is wrong, not its type
    return _users(objects)


def from_csv(lines: Iterable[str]) -> Iterator[User]:
    """The users of CSV lines with a header; ``ValueError`` names the first that is wrong."""
    reader = csv.DictReader(lines)
    if "email" not in (reader.fieldnames or ()):
        raise ValueError("expected a column email")
    return _users(map(_of_row, reader))


def _users(objects: Iterable[Any]) -> Iterator[User]:
    for place, given in enumerate(objects, start=1):
        try:
            fields = checked(given)
            memberships = _memberships(fields.pop("memberships", None))
        except Refused as refusal:
            raise ValueError(f"user {place}: {refusal}") from None
        if fields.get("email"):
            yield User(fields, memberships)


def _memberships(given: Any) -> dict[str, str]:
    if not isinstance(given, list | None):
        raise Refused("memberships: expected a list")
    return dict(map(membership_of, given or ()))


def _of_row(row: Mapping[str | None, Any]) -> dict[str, Any]:
    cells = {_OTHER_NAMES.get(str(name), str(name)): cell for name, cell in row.items() if cell and name}
    numbers = [_membership(name, cells.pop(name)) for name in IMPLEMENTATIONS if name in cells]
    fields = {name: cells.pop(name) for name in FIELDS if name in cells}
    return {**fields, "metadata": cells, "memberships": numbers}


def _membership(implementation: str, number: str) -> dict[str, str]:
    return {"exchange_provider_implementation_name": implementation, "membership_number": number}
