"""Who makes a request: by the cookie of a login, by a bearer token, or as a reverse proxy says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil
from typing import Literal

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request

from connector.store import logins
from connector.store.logins import Login
from connector.web import cookies
from connector.web.console import Console, console_of
from connector.web.roster import Person

LONGEST = timedelta(days=7)  # a login ends then, however much it is used
_SEEN = timedelta(minutes=1)  # how exactly the last use of a login is known: each note of it is a write
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person who is let in. ``secret`` is what only this browser holds; a bearer has none, and needs no form."""

    person: Person
    by: Literal["login", "proxy", "bearer"]
    secret: str = ""


async def visitor_of(request: Request) -> Visitor | None:
    """Return who makes a request, None for a stranger; raises HTTPException 429 for one who guesses tokens."""
    console = console_of(request)
    authorization = request.headers.get("authorization", "")
    if authorization.lower().startswith("bearer "):
        person = by_token(request, authorization[len("bearer ") :].strip())
        return Visitor(person, "bearer") if person else None
    named = console.proxies.login(request)
    if named is not None and (person := console.roster.by_login(named)) is not None:
        return Visitor(person, "proxy", cookies.read(request, cookies.VISIT) or cookies.fresh())
    return await _by_cookie(console, cookies.read(request, cookies.LOGIN), is_used=not _renews_itself(request))


def by_token(request: Request, token: str) -> Person | None:
    """Return whose token it is, None if nobody's; raises HTTPException 429 after too many wrong ones."""
    console = console_of(request)
    address = console.proxies.address(request)
    if wait := console.throttle.wait(address):
        seconds = str(ceil(wait))
        raise HTTPException(429, f"Too many wrong tokens: try again in {seconds} s.", {"Retry-After": seconds})
    person = console.roster.by_token(token)
    if person is None:
        console.throttle.failed(address)
        _log.warning("a wrong token was given to the console", address=address)
        return None
    console.throttle.succeeded(address)
    return person


async def log_in(console: Console, person: Person) -> str:
    """Begin a login, and return the value of its cookie."""
    secret, now = cookies.fresh(), console.now()
    login = Login(_digest(secret), person.name, console.roster.proof(person.name, secret), now, now)
    async with console.app.database.write() as connection:
        await logins.forget_old(connection, now - console.session, now - LONGEST)
        await logins.add(connection, login)
    return secret


async def log_out(console: Console, secret: str) -> None:
    """End a login."""
    async with console.app.database.write() as connection:
        await logins.end(connection, _digest(secret))


def _renews_itself(request: Request) -> bool:
    """Tell whether a page asks by itself, and nobody: a screen that is left open keeps no login alive."""
    return request.method == "GET" and "hx-request" in request.headers


async def _by_cookie(console: Console, secret: str, *, is_used: bool) -> Visitor | None:
    if not secret:
        return None
    async with console.app.database.read() as connection:
        login = await logins.of_id(connection, _digest(secret))
    now = console.now()
    if login is None or _is_over(login, console, now) or login.proof != console.roster.proof(login.operator, secret):
        return None
    if is_used and now - login.seen_at > _SEEN:
        async with console.app.database.write() as connection:
            await logins.see(connection, login.id, now)
    person = console.roster.named(login.operator)
    return Visitor(person, "login", secret) if person else None


def _is_over(login: Login, console: Console, now: datetime) -> bool:
    return now - login.seen_at > console.session or now - login.began_at > LONGEST


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
