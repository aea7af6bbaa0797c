"""Accounts of our own at a partner: credentials that some properties have for themselves."""

from __future__ import annotations

from pydantic import Field

from connector.settings.earn_service import Pid, PromotionCode
from connector.settings.prepaid import Prepaid
from connector.settings.section import Section
from connector.settings.tokens import Token
from connector.settings.values import Positive, Secret, Text, Texts


class Account(Section):
    """What the accounts of all channels share."""

    properties: Texts = Field(min_length=1, description="Properties (table, id or name) that this account is for.")
    daily_ceiling: Positive | None = Field(
        None, description="Miles per day above which the account is paused; absent: as many as the partner's own."
    )
    prepaid: Prepaid | None = Field(None, description="Credits bought in advance for this account.")


class UplyftAccount(Account):
    """Another App at Uplyft, for some properties; what is not told here is as the partner has it."""

    app_id: Secret | None = Field(None, description="App ID, where the partner has one.")
    app_secret: Secret | None = Field(None, description="App secret, with basic.")
    access_token: Token | None = Field(None, description="Access token, with bearer.")


class LufthansaAccount(Account):
    """Another partner id at the Earn service, for some properties; what is not told here is as the partner has it."""

    pid: Pid = Field("0", description="pid; absent: the partner's.")
    promotion_code: PromotionCode = Field("", description="Promotion code; absent: the partner's.")
    client_id: Secret = Field(description="OAuth client id.")
    client_secret: Secret = Field(description="OAuth client secret.")


class AirMilesAccount(Account):
    """Another contract with AIR MILES, for some properties; what is not told here is as the partner has it."""

    offer_code: Text = Field("", description="Issuance offer code; absent: the partner's.")
    location_codes: dict[Text, Text] = Field(
        {}, description="Location code by property (table, id or name), beside the partner's."
    )
    client_id: Secret = Field(description="OAuth client id.")
    client_secret: Secret = Field(description="OAuth client secret.")


class QiibeeAccount(Account):
    """Another brand at qiibee, for some properties; what is not told here is as the partner has it."""

    brand_a_token_id: Text = Field("", description="Id of the own token; absent: the partner's.")
    api_key: Token = Field(description="API key of qiibee's dashboard.")
