"""The database, the disk under it, and our own certificates."""

from __future__ import annotations

import os
import shutil
import stat
from datetime import datetime, timedelta
from pathlib import Path

from connector.http.certificate import end_of
from connector.jobs.checkup.finding import Finding, Patient
from connector.ports import Verdict
from connector.store import facts, retired
from connector.store.backup import MARK
from connector.store.engine import Database, wal_is_safe
from connector.store.integrity import examine

_FREE = 512 * 2**20
_SOON = timedelta(days=30)  # in which a partner gives a new certificate
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


async def database(patient: Patient) -> list[Finding]:
    """Look at the database: what it is, whether it is whole, whether it is a copy that delivers nothing."""
    store = patient.runner.chain.database
    wrong = await examine(store)
    fix = "stop the daemon, keep a copy of the database, and restore a backup (`db backup`)"
    found = [Finding("database", "content", Verdict.CONFIGURATION, each.rstrip("."), fix) for each in wrong]
    async with store.read() as connection:
        is_copy = await facts.read(connection, MARK) is not None
        moved = await retired.read(connection)
    if moved:
        fix = "work with the database that it moved to"
        found.append(
            Finding("database", "moved", Verdict.CONFIGURATION, moved.sentence.removeprefix("database: "), fix)
        )
    if is_copy:
        text = "it is a copy, which delivers nothing"
        fix = "go on with the original, or tell that this one is to be used: `ledger adopt`"
        found.append(Finding("database", "copy", Verdict.CONFIGURATION, text, fix))
    return [*found, _engine(store, await store.version()), *(_file(store.file) if store.file else [])]


async def certificates(patient: Patient) -> list[Finding]:
    """Tell when the certificates end that are shown to other systems."""
    runner, now = patient.runner, patient.runner.chain.clock.now()
    return [
        _ends(each.name, end_of(Path(each.route.certificate)), now) for each in runner.clients if each.route.certificate
    ]


def _ends(system: str, end: datetime, now: datetime) -> Finding:
    fix = "put the next one in its place, and reload or restart"
    if end <= now:
        return Finding("certificate", system, Verdict.CONFIGURATION, f"ours ended on {end:%Y-%m-%d}", fix)
    text = f"ours ends on {end:%Y-%m-%d}"
    return Finding("certificate", system, *((Verdict.NOTE, text, fix) if end - now < _SOON else (Verdict.OK, text)))


def _engine(store: Database, version: str) -> Finding:
    if not store.is_sqlite:
        return Finding("database", "engine", Verdict.OK, f"PostgreSQL {version}")
    if wal_is_safe():
        return Finding("database", "engine", Verdict.OK, f"SQLite {version}, journal WAL")
    text = f"SQLite {version} may damage a WAL database, so a slower journal is used"
    return Finding("database", "engine", Verdict.NOTE, text, "a later SQLite (3.51.3, 3.50.7 or 3.44.6) is faster")


def _file(file: Path) -> list[Finding]:
    key = file.with_name(f"{file.name}.hash_key")
    return [*_disk(file), *_private("file", file), *_private("hash key", key), *_folder(file.parent)]


def _disk(file: Path) -> list[Finding]:
    free = shutil.disk_usage(file.parent).free
    if free >= _FREE:
        return []
    text = f"{free // 2**20} MiB are free beside the database; expected {_FREE // 2**20} at least"
    return [Finding("disk", "space", Verdict.CONFIGURATION, text, "make room, or move the database")]


def _private(subject: str, file: Path) -> list[Finding]:
    if not file.exists() or not file.stat().st_mode & _OTHERS:
        return []
    text = f"{file.name} can be read by other users of this machine"
    return [Finding("database", subject, Verdict.CONFIGURATION, text, f"chmod 600 {file.name}")]


def _folder(folder: Path) -> list[Finding]:
    if os.access(folder, os.W_OK):
        return []
    text = "the folder of the database cannot be written, so its journal cannot"
    return [Finding("disk", "rights", Verdict.CONFIGURATION, text, "let the daemon's user write there")]
