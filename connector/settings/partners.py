"""The partners that give miles, and the channels by which they are reached."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field, Strict

from connector.settings.addresses import WebAddress
from connector.settings.loyalty import ProgramCode
from connector.settings.pacing import Pacing
from connector.settings.rules import EarnRule
from connector.settings.section import Section
from connector.settings.values import Hold, Interval, Positive, PositiveAmount, Secret, Text


class Agreement(Section):
    """What is agreed with a partner, and who earns by it."""

    program: ProgramCode = Field(description="Code of the program in [[programs]] that holds the numbers.")
    mode: Literal["shadow", "test", "live"] = Field(
        "shadow", description="shadow: everything but the send; test: the partner's test system; live."
    )
    start: date | None = Field(None, description="First departure that earns; required in live mode.")
    daily_ceiling: Positive | None = Field(
        None, description="Miles per day above which the partner is paused; required in live mode."
    )
    hold: Hold = Field("settled", description="How long an award waits after check-out.")
    settle_timeout: Interval = Field(
        timedelta(days=90), description='How long "settled" waits for an open bill before a person is asked.'
    )
    require_paid: bool = Field(
        False,
        description="Whether an award waits until the bills of what counts are paid; needs a property's own token.",
    )
    who_pays: Literal["any", "guest"] = Field(
        "any", description="Whose bills count: any, or those of whoever earns; needs a property's own token."
    )
    max_age: Interval = Field(timedelta(days=395), description="Oldest departure that is still sent.")
    claim_window: Interval = Field(
        timedelta(days=183), description="How long after departure a missing number may be claimed."
    )
    which: Literal["primary", "all"] = Field(
        "primary", description="Which of a guest's memberships earn: the primary one, or each."
    )
    earner: Literal["owner", "booker", "companions"] = Field(
        "owner", description="Who earns where a company owns the reservation: nobody (owner), its booker or companions."
    )
    rooms: Positive = Field(1, description="How many rooms of a guest on the same dates earn, those booked first.")
    stitch: bool = Field(
        False, description="Whether a guest's reservations that adjoin, and the rooms on the same dates, are one stay."
    )
    number_check: Literal["strict", "warn", "off"] = Field(
        "warn", description="What a wrong check digit does: refuse, warn or nothing."
    )
    correction: Literal["replace", "difference"] = Field(
        "replace",
        description="How a changed folio is corrected: reverse the credit, then post the new one (replace), or post "
        "what is missing beside it and reverse only what is too much (difference).",
    )
    correct_from: Positive = Field(1, description="Difference in miles below which nothing is corrected.")
    unit: Text = Field("miles", description="What the partner's unit is called.")
    display_name: Text | None = Field(
        None, description="What guests call the partner, in letters to them; absent: the program's name."
    )
    price_per_mile: PositiveAmount | None = Field(
        None, description="What a mile costs, in the money that the partner bills in; for `earn preview`."
    )
    earn: Annotated[tuple[EarnRule, ...], Strict(False)] = Field(
        (), description="The earn rules; at least one is required."
    )


class Partner(Pacing, Agreement):
    """What all channels share."""


class UplyftPartner(Partner):
    """Miles & More through Uplyft's GraphQL API; this channel cannot take miles back.

    What its documents leave open is a setting: the form of createEvent, how card number and amount are
    written, whether ``uniqueId`` is sent, and what a repeated one is answered with.
    """

    channel: Literal["uplyft"] = Field(description="Channel of this partner.")
    endpoint: WebAddress = Field("https://api.uplyft.com", description="Address of the GraphQL API.")
    signature: Literal["transaction", "flat"] = Field(
        "transaction", description="Which of the two published forms of createEvent is sent."
    )
    wallet_format: Literal["plain", "grouped"] = Field(
        "plain", description="Card number in one piece, or in groups of 4-4-4-3."
    )
    amount_format: Literal["int", "decimal"] = Field("int", description="Business value whole, or with decimals.")
    unique_id: bool = Field(True, description="Whether uniqueId is sent, which makes a repeated send harmless.")
    duplicate_answer: Literal["", "true", "false", "error"] = Field(
        "", description="How the partner answers a repeated uniqueId; empty: not known."
    )
    app_id: Secret = Field(description="App ID.")
    app_secret: Secret = Field(description="App secret; which one decides between test and production.")


class AirMilesPartner(Partner):
    """AIR MILES (Canada) through its issuance API; this channel can take miles back."""

    channel: Literal["airmiles"] = Field(description="Channel of this partner.")
    endpoint: WebAddress = Field("https://cert.airmilesapis.ca", description="Address of the issuance API.")
    token_endpoint: WebAddress = Field(
        "https://oauth-cert.airmiles.ca/oauth/token", description="Address that gives access tokens."
    )
    offer_code: Text = Field(description="Issuance offer code.")
    location_codes: dict[Text, Text] = Field(
        {}, description="Location code by property (table, id or name); a property without one is excluded."
    )
    tax_codes: dict[Text, Literal["GST", "HST", "PST", "QST"]] = Field(
        {}, description="Canadian tax by Mews tax code; a stay with another tax code waits for a person."
    )
    event_time_field: str = Field(
        "", description="Name of the time field of post/event; empty: not sent, because it is not published."
    )
    audience: str = Field("", description="OAuth audience; empty: not sent.")
    scope: str = Field("", description="OAuth scope; empty: not sent.")
    client_id: Secret = Field(description="OAuth client id.")
    client_secret: Secret = Field(description="OAuth client secret.")


AnyPartner = Annotated[UplyftPartner | AirMilesPartner, Field(discriminator="channel")]
