"""Exports and imports of tests, and what is done to files in between."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData

from connector.jobs import moving
from connector.jobs.moving import Moved
from connector.store import contents, migrations
from connector.store.engine import Database
from connector.store.resolutions import Signature
from connector.store.state_file import Header, draft, fingerprint
from tests.integration.store.filled import MOMENT, held

KEY = b"the key of the identifiers"
ANNA = Signature("anna", MOMENT)
REACH = json.dumps({"at": MOMENT.isoformat(), "token": "digest", "chain_of": {"p": "chain-1"}, "kinds": []})
Make = Callable[[], Coroutine[Any, Any, Database]]


def unwatched(_what: str, _done: int, _total: int | None = None) -> None:
    """Nobody looks."""


async def export(database: Database, file: Path, *, retire: bool = False, force: bool = False) -> Moved:
    return await moving.export(database, KEY, file, ANNA, unwatched, retire=retire, force=force)


async def take_in(database: Database, file: Path, *, key: bytes = KEY, tokens: tuple[str, ...] = ("digest",)) -> Moved:
    return await moving.take_in(database, key, file, tokens, ANNA, unwatched)


async def is_empty(database: Database) -> bool:
    if await migrations.revision(database) is None:
        return True
    return not any((await held(database)).values())


async def written_as_it_is(database: Database, file: Path) -> None:
    """Write a database of an old revision as its own release would have."""
    found = MetaData()
    async with database.read() as connection:
        await connection.run_sync(found.reflect)
        tables = [each for each in found.sorted_tables if each.name not in {"alembic_version", *contents.LEFT_BEHIND}]
        rows = {each.name: [row async for page in contents.pages(connection, each) for row in page] for each in tables}
    counts = {name: len(each) for name, each in rows.items()}
    header = Header("0019", "0.1.0", MOMENT.isoformat(), "chain", (), fingerprint(KEY), right=True, rows=counts)
    with draft(file, force=False) as made:
        with made.writing(KEY) as out:
            out.header(header)
            for each in tables:
                out.table(each.name, each.columns.keys())
                out.rows(rows[each.name])
        made.name()


def lines_of(file: Path) -> list[bytes]:
    return gzip.decompress(file.read_bytes()).splitlines(keepends=True)


def is_there(file: Path) -> bool:
    return file.exists()


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


def put(file: Path, content: bytes) -> None:
    file.write_bytes(content)


def content(file: Path) -> bytes:
    return file.read_bytes()


def cut_the_note(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-12])


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


def end_early(file: Path) -> None:
    file.write_bytes(gzip.compress(b"".join(lines_of(file)[:-1])))


def lose_a_row(file: Path) -> None:
    lines = lines_of(file)
    lines.remove(next(line for line in lines if line.startswith(b'["award-1"')))
    file.write_bytes(gzip.compress(b"".join(lines)))


def raise_miles(file: Path) -> None:
    file.write_bytes(gzip.compress(b"".join(lines_of(file)).replace(b",999999,", b",999998,")))


def claim_the_right(file: Path) -> None:
    file.write_bytes(gzip.compress(b"".join(lines_of(file)).replace(b'"right":false', b'"right":true')))


def flip_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def is_text(file: Path) -> None:
    file.write_text("member_id,number\n")


def is_nothing(file: Path) -> None:
    file.write_bytes(b"")


def sealed_anew(
    file: Path,
    header: dict[str, Any],
    change: Callable[[bytes], bytes] = bytes,
    lines: list[bytes] | None = None,
) -> None:
    """Write a file again as one who knows the key could."""
    first, *rest = lines or lines_of(file)
    content = (json.dumps(json.loads(first) | header) + "\n").encode() + b"".join(map(change, rest[:-1]))
    seal = hmac.new(KEY, content, hashlib.sha256).hexdigest()
    file.write_bytes(gzip.compress(content + (json.dumps({"seal": seal}) + "\n").encode()))


def database_file(database: Database) -> Path:
    assert database.file is not None
    return database.file
