"""The chain, and how Mews is reached."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from connector.settings.addresses import SocketAddress, WebAddress
from connector.settings.connection import Connection
from connector.settings.section import Section
from connector.settings.values import Duration, Interval, Positive, Secret, TableName, Text, TimeZone

WEBSOCKETS = {
    "https://api.mews-demo.com": "wss://ws.mews-demo.com/ws/connector",
    "https://api.mews.com": "wss://ws.mews.com/ws/connector",
}
"""The published addresses of Mews's WebSocket, by platform address (Connector API, "Environments")."""


class Chain(Section):
    """The hotel group; one instance of the connector serves one chain."""

    name: Text = Field(description="Name of the chain, for people.")
    time_zone: TimeZone = Field(description="Time zone of the schedule's times of day.")


class Property(Section):
    """One access token: of a property, or of a whole portfolio."""

    portfolio: bool = Field(False, description="The token is a Portfolio Access Token over several properties.")
    access_token: Secret = Field(description="The property's access token.")


class Limits(Section):
    """How many requests one access token may send."""

    requests: Positive = Field(200, description="Requests per access token in any window.")
    window: Interval = Field(timedelta(seconds=30), description="Length of the sliding window.")


class Mews(Section):
    """The Mews Connector API."""

    platform_address: WebAddress = Field("https://api.mews-demo.com", description="Platform address of Mews.")
    client: Text = Field(
        "Mews Loyalty Connector 1.0.0",
        pattern=r"^\S.* \d+\.\d+\.\d+$",
        description="Name and version sent to Mews.",
    )
    history: Interval = Field(
        timedelta(days=400),
        description="How far back the first read of stays goes; absent: at least 5d beyond any max_age.",
    )
    visibility: Duration = Field(
        timedelta(seconds=60), description="How long a written record may take to appear in a listing."
    )
    websocket: bool = Field(
        False, description="Whether Mews's WebSocket is listened to: what changed is read at once, not by the schedule."
    )
    websocket_address: SocketAddress | None = Field(
        None, description="Address of Mews's WebSocket; absent: the one that belongs to the platform address."
    )
    connection: Connection | None = Field(None, description="How it is reached; absent: straight.")
    limits: Limits = Field(Limits(), description="Request limits.")
    properties: dict[TableName, Property] = Field(min_length=1, description="One table per access token.")
    client_token: Secret = Field(description="The client token of the integration.")
