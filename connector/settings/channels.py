"""A partner by whichever channel it is reached."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from connector.settings.lufthansa import LufthansaPartner
from connector.settings.partners import AirMilesPartner, UplyftPartner
from connector.settings.qiibee import QiibeePartner

AnyPartner = Annotated[
    UplyftPartner | QiibeePartner | LufthansaPartner | AirMilesPartner, Field(discriminator="channel")
]
