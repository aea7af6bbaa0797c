"""Who is told when something is wrong, and what counts as wrong."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, SecretStr

from connector.settings.addresses import is_loopback
from connector.settings.connection import Connection
from connector.settings.section import Section
from connector.settings.tokens import Token
from connector.settings.values import (
    LIKE_TIME,
    Count,
    Interval,
    Positive,
    Secret,
    Text,
    Texts,
    Word,
    fault,
    text_schema,
    time_of_day,
    written,
)


def _never_or_time(value: object) -> object:
    if value == "never":
        return value
    try:
        return time_of_day(value)
    except ValueError:
        raise fault("is not a time of the digest", f'"never" or {LIKE_TIME}') from None


def _secret_address(value: SecretStr) -> SecretStr:
    from urllib.parse import urlsplit

    parts = urlsplit(value.get_secret_value())
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname and is_loopback(parts.hostname)):
        return value
    raise fault("is not a web address", "an https:// address (http:// is for loopback only)")


Address = Annotated[Secret, AfterValidator(_secret_address)]
Daily = Annotated[
    Literal["never"] | time,
    BeforeValidator(_never_or_time),
    PlainSerializer(written, return_type=str, when_used="json"),
    text_schema("never|([01][0-9]|2[0-3]):[0-5][0-9]"),
    Word("never or HH:MM"),
]


class AlertMail(Section):
    """The mail server that takes the notices, and who gets them."""

    host: Text = Field(description="Host of the mail server.")
    port: Positive = Field(587, le=65535, description="Its port.")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the connection is protected; none only to this machine."
    )
    sender: Text = Field(description="Address that the mail comes from.")
    to: Texts = Field(min_length=1, description="Addresses that get every notice.")
    user: str = Field("", description="User name at the server; empty: no login.")
    password: Secret | None = Field(None, description="Password of that user.")


class Alerts(Section):
    """Who is told of an incident, once when it begins and once when it is over, and from when on it is one."""

    webhook_url: Address | None = Field(None, description="Address that notices are posted to as JSON.")
    webhook_token: Token | None = Field(None, description="Bearer token for it.")
    ping_url: Address | None = Field(None, description="Address of a watcher that raises the alarm when it stays away.")
    ping_every: Interval = Field(timedelta(minutes=5), description="How often that address is asked for.")
    mail: AlertMail | None = None
    connection: Connection | None = Field(
        None, description="How webhook and ping are reached; the mail server is by no proxy. Absent: straight."
    )
    digest: Daily = Field("never", description="When a daily summary is sent, in the chain's time zone.")
    arrivals: Daily = Field(
        "never", description="When the arrivals of the next days that need a look are told, for the reception."
    )
    silence: Interval = Field(
        timedelta(days=2), description="How long a busy partner or property may show nothing at least."
    )
    suspense_growth: Positive = Field(50, description="New cases in a day from which it is an incident.")
    open_bills: Positive = Field(10, description="Stays past settle_timeout with an open bill from which it is one.")
    disk_free: Count = Field(1024, description="MiB that must be free where the database lies.")
