"""The watch and those it tells, as the settings tell them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from connector.alerts import Mail, Ping, Webhook
from connector.alerts.mail import Server
from connector.bootstrap.confidential import revealed, revealed_if_any
from connector.bootstrap.parts import Parts
from connector.bootstrap.routes import route
from connector.http.remote import Remote
from connector.jobs import digest
from connector.jobs.chain import Chain
from connector.jobs.conditions import Bounds
from connector.jobs.contracts import Partnership
from connector.jobs.runner import JOBS
from connector.jobs.watch import Daily, Watch
from connector.ports.notices import Teller
from connector.settings import Settings

_DAY = timedelta(days=1)


def watch(parts: Parts, chain: Chain, partnerships: Sequence[Partnership]) -> Watch:
    """Return the watch; it keeps incidents also where nobody is told."""
    alerts, zone = parts.settings.alerts, ZoneInfo(parts.settings.chain.time_zone)
    names = [each.name for each in partnerships]
    writers = {
        "digest": (alerts.digest, partial(digest.written, parts.database, names, zone)),
        "arrivals": (alerts.arrivals, partial(digest.arriving, chain, partnerships)),
    }
    dailies = [Daily(name, at, write) for name, (at, write) in writers.items() if isinstance(at, time)]
    tellers = {each.name: each for each in _tellers(parts)}
    return Watch(chain, _bounds(parts, partnerships), tellers, dailies, zone)


def ping(parts: Parts) -> Ping | None:
    """Return the sign of life for a watcher outside; None when there is none."""
    alerts = parts.settings.alerts
    if alerts.ping_url is None:
        return None
    client = parts.client(revealed(alerts.ping_url), "Ping", remote=Remote("ping"), connection=alerts.connection)
    return Ping(client)


def _tellers(parts: Parts) -> list[Teller]:
    alerts, name = parts.settings.alerts, parts.settings.chain.name
    found: list[Teller] = []
    if alerts.webhook_url is not None:
        remote, way = Remote("webhook"), alerts.connection
        client = parts.client(revealed(alerts.webhook_url), "Webhook", remote=remote, connection=way)
        found.append(Webhook(client, name, revealed_if_any(alerts.webhook_token)))
    if mail := alerts.mail:
        password, believed = revealed_if_any(mail.password) or "", route(alerts.connection).authorities
        server = Server(mail.host, mail.port, mail.security, mail.user, password, believed)
        found.append(Mail(server, name, mail.sender, mail.to))
    return found


def _bounds(parts: Parts, partnerships: Sequence[Partnership]) -> Bounds:
    alerts, file = parts.settings.alerts, parts.database.file
    return Bounds(
        intervals={name: _interval(parts.settings, name) for name in JOBS},
        live=frozenset(each.name for each in partnerships if each.mode == "live"),
        silence=alerts.silence,
        suspense_growth=alerts.suspense_growth,
        open_bills=alerts.open_bills,
        disk=None if file is None else Path(file).parent,
        disk_free=alerts.disk_free * 2**20,
    )


def _interval(settings: Settings, job: str) -> timedelta:
    every = getattr(settings.schedule, job)
    return _DAY if isinstance(every, time) else every
