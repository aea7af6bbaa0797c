"""The partners that give miles, and the channels by which they are reached."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field, Strict

from connector.settings.accounts import AirMilesAccount, UplyftAccount
from connector.settings.addresses import WebAddress
from connector.settings.connection import Connection
from connector.settings.loyalty import ProgramCode
from connector.settings.mutation import Document
from connector.settings.pacing import Pacing
from connector.settings.prepaid import Prepaid
from connector.settings.rules import EarnRule
from connector.settings.section import Section
from connector.settings.tokens import Token
from connector.settings.values import (
    Constants,
    File,
    Hold,
    Interval,
    Positive,
    PositiveAmount,
    Secret,
    TableName,
    Text,
    Texts,
)


class Agreement(Section):
    """What is agreed with a partner, and who earns by it."""

    program: ProgramCode = Field(description="Code of the program in [[programs]] that holds the numbers.")
    mode: Literal["shadow", "test", "live"] = Field(
        "shadow", description="shadow: everything but the send; test: the partner's test system; live."
    )
    confirm_live: Literal["after_rehearsal", "always"] = Field(
        "after_rehearsal",
        description="When a first live delivery waits for a person to confirm its stays, miles and cost: where the "
        "partner was in shadow or test mode before, or always.",
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
    prepaid: Prepaid | None = Field(
        None, description="Credits bought in advance, whose rest is counted; absent: they are not."
    )
    earn: Annotated[tuple[EarnRule, ...], Strict(False)] = Field(
        (), description="The earn rules; at least one is required."
    )


class Exchanges(Section):
    """Points that members of the scheme exchange for miles: a file of requests, and one of answers."""

    path: File = Field(description="CSV of requests: request_id, number, miles; its lines may stand there for ever.")
    answers: File | None = Field(None, description="CSV in which what became of each request is written.")
    property: str = Field("", description="Property (table, id or name) in whose name they are given; empty: none.")


class Partner(Pacing, Agreement):
    """What all channels share."""

    connection: Connection | None = Field(None, description="How it is reached; absent: straight.")


class UplyftPartner(Partner):
    """Miles & More through Uplyft's GraphQL API; this channel cannot take miles back.

    What its documents leave open is a setting: the form of createEvent, how card number and amount are
    written, whether ``uniqueId`` is sent, what a repeated one is answered with, how errors are worded, and in which
    header a token goes.
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
    duplicate_words: Texts = Field(
        (),
        description='With duplicate_answer = "error": codes, or words of the message, that say that a uniqueId was '
        "processed before.",
    )
    refusal_words: Texts = Field(
        (),
        description="Codes, or words of the message, of errors after which nothing was done; empty: only an error "
        "before anything was executed is a refusal.",
    )
    document: Document = Field(
        "",
        description="The whole mutation where the live schema is another, with places such as $wallet and $miles; "
        "empty: the published form.",
    )
    authorization: Literal["basic", "bearer"] = Field(
        "basic", description="What signs a call: App ID and secret (basic), or an access token (bearer)."
    )
    token_header: Text = Field(
        "Authorization", description='Header of the access token; in any other than Authorization without "Bearer".'
    )
    app_id: Secret | None = Field(None, description="App ID; needed with basic, and where the mutation names it.")
    app_secret: Secret | None = Field(
        None, description="App secret, with basic; which one decides between test and production."
    )
    access_token: Token | None = Field(None, description="Access token, with bearer.")
    accounts: dict[TableName, UplyftAccount] = Field({}, description="Accounts of some properties.")


class AirMilesOffers(Section):
    """AIR MILES's Offer Service, which has a host of its own.

    Offer State, the older API, is not used: its calls name no Collector. What the Offer Service's pages leave open
    about an opt-in is a setting.
    """

    endpoint: WebAddress = Field("https://uat.cdn.airmilesapis.ca", description="Address of the Offer Service.")
    region: Text = Field(description="Region whose offers are shown, such as ON.")
    origin_client: Text = Field(description="X-Origin-Client, as the partner gave it.")
    language: Literal["en-US", "fr-CA"] = Field("en-US", description="Language of the offers.")
    states_path: Literal["states", "state"] = Field(
        "states", description="Last part of the path by which a state is set; the publications have both."
    )
    opted_in_at: Text = Field(
        "updatedAt", description="Field of an offer's state that holds when it was set; Offer State's name by default."
    )
    undated: Literal["suspense", "counts"] = Field(
        "suspense", description="What an opt-in without a time means: a person is asked, or it counts."
    )
    not_shown: Literal["suspense", "not_opted_in"] = Field(
        "suspense", description="What an offer means that is not shown (any more): a person is asked, or no opt-in."
    )
    audience: str = Field("", description="OAuth audience for offers; empty: the partner's.")
    scope: str = Field("", description="OAuth scope for offers; empty: the partner's.")


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
    offer_ids: dict[Text, Text] = Field({}, description="offerId by offer code; a code without one: not sent.")
    offer_id_format: Literal["string", "number"] = Field("string", description="How an offerId is written.")
    device_id: str = Field("", description="deviceId of every request; empty: not sent.")
    extra: Constants = Field({}, description="Further fields of every request, texts or whole numbers.")
    reverse_sign: Literal["positive", "negative"] = Field("positive", description="Sign of a reversal's miles.")
    reverse_id: Literal["own", "credit"] = Field(
        "own", description="Which transaction id a reversal bears: its own, or that of the credit it takes back."
    )
    reverse_credit_field: str = Field(
        "", description="Name of a reversal's field for the credit's transaction id; empty: not sent."
    )
    record: bool = Field(False, description="Whether `doctor` sends a RECORD of nothing, to test the way to AIR MILES.")
    maintenance_pause: Interval = Field(
        timedelta(minutes=5), description="How long nothing is sent after HTTP 503 without Retry-After."
    )
    sponsor_codes: Texts = Field(
        (), description="The partner's sponsor codes, for the transaction history; empty: it is not read."
    )
    channel_code: str = Field("MOBAPP", description="Channel-Code of the transaction history; empty: not sent.")
    transaction_zone: Literal["EST", "America/Toronto"] = Field(
        "EST", description="Zone of AIR MILES's transaction day: UTC-5 all year, or with daylight saving time."
    )
    transaction_date: Literal["checkout", "receipt"] = Field(
        "checkout", description="What the transaction history dates an issuance by: the check-out, or its receipt."
    )
    token_request: Literal["form", "json"] = Field(
        "form", description="How the request for an access token is written."
    )
    audience: str = Field("", description="OAuth audience; empty: not sent.")
    scope: str = Field("", description="OAuth scope; empty: not sent.")
    offers: AirMilesOffers | None = Field(
        None, description="The Offer Service, not the older Offer State; absent: offers are not used."
    )
    client_id: Secret = Field(description="OAuth client id.")
    client_secret: Secret = Field(description="OAuth client secret.")
    exchanges: Exchanges | None = Field(None, description="Points that members exchange for miles.")
    accounts: dict[TableName, AirMilesAccount] = Field({}, description="Accounts of some properties.")
