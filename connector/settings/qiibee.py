"""Miles & More through qiibee, as a channel."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from connector.settings.accounts import QiibeeAccount
from connector.settings.addresses import WebAddress
from connector.settings.partners import Exchanges, Partner
from connector.settings.section import Section
from connector.settings.tokens import Token
from connector.settings.values import (
    File,
    Interval,
    PositiveAmount,
    Secret,
    TableName,
    Text,
    Texts,
    fault,
    shown,
)

MOVED = ("done", "completed", "complete", "success", "successful", "succeeded")  # what can hardly mean anything else
_DOMAIN = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+", re.ASCII)


def _domain(value: str) -> str:
    if not _DOMAIN.fullmatch(value):
        raise fault(f"{shown(value)} is not a domain", 'a domain of yours like "relay.example.com"')
    return value


Domain = Annotated[str, AfterValidator(_domain)]


class Deposits(Section):
    """Miles that members exchange for points of the scheme: qiibee tells of each, the scheme reads them in a file."""

    path: File = Field(description="CSV to which a line is appended for each: who gets how many points.")
    user: Secret = Field(description="User name of the Basic credentials with which qiibee calls.")
    password: Secret = Field(description="Password of the Basic credentials with which qiibee calls.")


class QiibeePartner(Partner):
    """Miles & More through qiibee's Loyalty API: points of an own token are exchanged for miles.

    This channel cannot take miles back, and has no key that makes a repeat harmless: what became of a request
    is seen by the number of a user's exchanges. What its pages leave open is a setting.
    """

    channel: Literal["qiibee"] = Field(description="Channel of this partner.")
    endpoint: WebAddress = Field("https://bwaapi.qiibee.com/api/admin", description="Address of qiibee's Loyalty API.")
    brand_a_token_id: Text = Field(description="Id of the own token, whose points are exchanged.")
    brand_b_token_id: Text = Field(description="Id of the token of Miles & More, from the exchange partnerships.")
    token_id_format: Literal["string", "int"] = Field("string", description="How ids of tokens are written.")
    brand_a_field: str = Field("brandA_token_id", description="Field of the own token's id; empty: not sent.")
    exchange_rate: PositiveAmount = Field(
        Decimal(1), description="Miles that a point gives, as agreed; so many points are exchanged as give the award."
    )
    exchange_rate_override: bool = Field(False, description="Whether the rate is sent with each exchange, for it only.")
    amount_format: Literal["int", "string"] = Field("int", description="How the number of points is written.")
    auth_id: Literal["per_member", "per_award"] = Field(
        "per_member", description="Who is a user at qiibee: each member, or each award, if qiibee agrees to that."
    )
    relay_domain: Domain = Field(
        description="Domain of yours in which the users' e-mail addresses are made; a guest's own is never sent."
    )
    types_parameter: Text = Field("types", description="Query parameter with the type of the transactions listed.")
    history_type: str = Field("exchange", description="Type of the transactions that are counted; empty: every type.")
    history_brand: Literal["", "a", "b"] = Field(
        "", description="Token to whose transactions the list is narrowed down; empty: every token."
    )
    check_total: bool = Field(
        True, description="Whether total_tx_count must be the number of transactions listed; false: not looked at."
    )
    status_field: Text = Field("status", description="Field of a transaction that holds its status.")
    moved_statuses: Texts = Field(
        MOVED,
        description="Statuses of a transaction that gave its miles, in capitals or not. One with a status in neither "
        "list counts neither as given nor as not given.",
    )
    unmoved_statuses: Texts = Field(
        (), description="Statuses of a transaction that moved no miles and never will, such as failed; not pending."
    )
    out_of_credit: str = Field(
        "Insufficient", description="Words of a refusal that say that the prepaid credits are used up; empty: none."
    )
    doubt_wait: Interval = Field(
        timedelta(minutes=10),
        description="How long a lost exchange must not be seen before it is sent again; longer than qiibee takes to "
        "show one.",
    )
    api_key: Token = Field(description="API key of qiibee's dashboard.")
    exchanges: Exchanges | None = Field(None, description="Points that members exchange for miles.")
    deposits: Deposits | None = Field(None, description="Miles that members exchange for points.")
    accounts: dict[TableName, QiibeeAccount] = Field({}, description="Accounts of some properties.")
