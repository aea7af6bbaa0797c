"""Miles & More through its own Earn service, as a channel."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from connector.settings.accounts import LufthansaAccount
from connector.settings.addresses import WebAddress
from connector.settings.earn_service import Age, Pid, PromotionCode
from connector.settings.partners import Exchanges, Partner
from connector.settings.values import Secret, TableName, Text, Texts


class LufthansaPartner(Partner):
    """Miles & More through its own Earn service; this channel can take miles back, and sends nothing twice.

    What the page of the service leaves open is a setting: the earn path, which characters a statement takes, how an
    answer calls its transaction id and tells of success, and whether an uncredit must name the transaction.
    """

    channel: Literal["lufthansa"] = Field(description="Channel of this partner.")
    endpoint: WebAddress = Field(
        "https://api-test.lufthansa.com/v1/profiles", description="Address of the profile API."
    )
    earn_path: str = Field(
        "", description="Path of the Earn service below the endpoint, not published; required unless mode is shadow."
    )
    token_endpoint: WebAddress = Field(
        "https://api.lufthansa.com/v1/partners/oauth/token", description="Address that gives access tokens."
    )
    max_age: Age = Field(timedelta(days=395), description="Oldest departure that is still sent, at most 14 months.")
    pid: Pid = Field("0", description="pid, at most 9 digits.")
    pid_format: Literal["number", "text"] = Field("number", description="How pid is written in the request.")
    promotion_code: PromotionCode = Field(
        "", description="Promotion code that Miles & More assigned (property), at most 6 characters; empty: not sent."
    )
    statement_characters: Text = Field(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ",
        description="Characters that the 20 of a statement text may be; others are written alike or left out.",
    )
    reference_field: str = Field(
        "", description="Name in additionalPartnerData that holds our key; empty: additionalPartnerData is not sent."
    )
    transaction_field: str = Field(
        "",
        description="Name of the transaction id, without which an answer is no success; empty: transactionId, and it "
        "may be missing.",
    )
    success_field: str = Field(
        "",
        description="Field of an answer that tells whether the miles were given; empty: the status, without an error.",
    )
    success_values: Texts = Field((), description="Values of success_field that say that they were.")
    uncredit_reference: str = Field(
        "", description="Field in which an uncredit names the transaction of its credit; empty: not sent."
    )
    client_id: Secret = Field(description="OAuth client id.")
    client_secret: Secret = Field(description="OAuth client secret.")
    exchanges: Exchanges | None = Field(None, description="Points that members exchange for miles.")
    accounts: dict[TableName, LufthansaAccount] = Field({}, description="Accounts of some properties.")
