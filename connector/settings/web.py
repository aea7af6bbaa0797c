"""What the daemon shows: the console, health, metrics, and where webhooks arrive."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, Strict

from connector.settings.addresses import ListenAddress, Network, WebAddress
from connector.settings.section import Section
from connector.settings.values import Count, Interval, Secret, TableName, Text, Word, fault, shown

ADMIN = "admin"  # the operator of the admin token
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}", re.ASCII)


def header(value: object) -> str:
    """Read the name of an HTTP header."""
    if not isinstance(value, str) or not _HEADER.fullmatch(value):
        raise fault(f"{shown(value)} is not a header", 'a name like "X-Forwarded-User"')
    return value


Header = Annotated[str, BeforeValidator(header), Word("header")]


class Operator(Section):
    """A person who may use the console, named by the table."""

    role: Literal["read", "operate", "approve"] = Field(
        "read", description="read: look; operate: act; approve: also accept what another person proposed."
    )
    login: Text | None = Field(
        None, description="How the reverse proxy calls this person, where it is not the table's name."
    )
    token: Secret | None = Field(None, description="Login token of this person; absent: login by the proxy only.")


class Web(Section):
    """The console, health and metrics, and the address of webhooks."""

    listen: ListenAddress = Field(
        "off", description='Where the daemon listens, like "127.0.0.1:8080"; "off": it listens nowhere.'
    )
    base_url: WebAddress | None = Field(
        None, description="Address by which browsers reach the console, behind a reverse proxy say; for links in mails."
    )
    session: Interval = Field(timedelta(hours=12), description="A login ends when it was not used for so long.")
    second_person_above: Count = Field(
        0, description="Actions on the console about more miles wait for a second person; 0: none does."
    )
    metrics: Literal["open", "token"] = Field(
        "open", description="token: metrics only for the bearer token of an operator."
    )
    proxy_header: Header | None = Field(
        None, description="Header in which a reverse proxy names who is logged in, like X-Forwarded-User."
    )
    proxy_addresses: Annotated[tuple[Network, ...], Strict(False), Word("list of addresses")] = Field(
        (), description="Addresses or networks of the proxies whose headers are believed; nobody else's are."
    )
    operators: dict[TableName, Operator] = Field({}, description="One table per person.")
    admin_token: Secret | None = Field(
        None, description='Login token of the operator "admin", who may do everything; nobody logs in without a token.'
    )
    webhook_token: Secret | None = Field(
        None, description="Last part of the address that Mews's general webhook calls; absent: it may not call."
    )
    previous_webhook_token: Secret | None = Field(
        None, description="The webhook_token before, which is taken too until Mews calls with the new one."
    )
