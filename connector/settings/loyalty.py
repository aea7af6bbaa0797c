"""The loyalty entities in Mews, and how they are brought in line with the chain's own scheme."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from connector.settings.section import Section
from connector.settings.values import Count, Share, Text

Identifier = Literal["mews_id", "membership", "loyalty_code", "email_and_name"]


OwnedField = Literal["number", "tier", "points", "expires_on", "state", "url"]
ProgramCode = Annotated[Text, Field(max_length=50)]


class Tier(Section):
    """A tier of a program; lengths as Mews takes them."""

    code: Annotated[Text, Field(max_length=50)] = Field(description="Code; channel bookings match on it.")
    name: Annotated[Text, Field(max_length=50)] = Field(description="Name that reception sees.")
    ordering: int = Field(description="Rank among the program's tiers.")
    formerly: Annotated[str, Field(max_length=50)] = Field(
        "", description="Code that the tier had before: the one in Mews is then given the new code."
    )
    gone: bool = Field(False, description="Delete the tier in Mews, once no membership is on it.")


class Program(Section):
    """A loyalty program in Mews; its code can never be changed there."""

    code: ProgramCode = Field(description="Code; channel bookings match on it, and it cannot be changed later.")
    name: Annotated[Text, Field(max_length=100)] = Field(description="Name that reception sees.")
    type: Literal["Hotel", "ExternalPartner", "SoftBrand", "Unknown"] = Field(description="Kind of program.")
    subscription: Literal["Free", "Paid"] = Field(description="Whether members pay for it.")
    tiers: Annotated[tuple[Tier, ...], Strict(False)] = Field((), description="The program's tiers.")
    gone: bool = Field(False, description="Delete the program in Mews, once no membership of it is active.")


class Matching(Section):
    """How a member is found among the guests."""

    by: Annotated[tuple[Identifier, ...], Strict(False), Field(min_length=1)] = Field(
        ("mews_id", "membership", "loyalty_code", "email_and_name"),
        description="Identifiers to match a guest by, in this order; each must be unique.",
    )


class Alignment(Section):
    """What alignment may do in Mews, and how much of it without being asked."""

    gone: Literal["cancel", "delete", "keep"] = Field(
        "cancel", description="What happens to the membership of a member who left the scheme."
    )
    unknown: Literal["keep", "cancel", "delete"] = Field(
        "keep", description="What happens to a membership that the scheme does not know."
    )
    primary: Literal["if_only", "always", "never"] = Field(
        "if_only", description="When a new membership becomes the guest's primary one."
    )
    downgrade: Literal["at_once", "after_stay"] = Field(
        "at_once", description="When a lower tier takes effect; after_stay: not while the guest is in house."
    )
    staff_edits: dict[OwnedField, Literal["restore", "report"]] = Field(
        {}, description="What becomes of a field that others change in Mews, by field; restore unless named here."
    )
    max_removals: Count = Field(50, description="Removals in 24 hours above which a person must confirm.")
    max_removal_share: Share = Field(0.02, description="The same as a share of the managed memberships.")
    max_changes_share: Share = Field(
        0.10,
        description="Share of downgrades, cleared tiers, changed numbers above which a person must confirm.",
    )
