"""How people's data is hidden, who gets it, and how long it stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field, SecretStr

from connector.settings.section import Section
from connector.settings.values import Delay, Texts, Word

Key = Annotated[SecretStr, Word("secret")]  # of any form: who made one by a tool may have several lines


class Retention(Section):
    """How long what is final is kept; the job `sweep` removes it afterwards. "never": it is not removed."""

    stays: Delay = Field(
        timedelta(days=1095),
        description="Stays after departure, with items, bills, decisions: once all their messages are final.",
    )
    awards: Delay = Field(
        timedelta(days=3650),
        description="Whose an award is, after departure: number, membership, operators' words. Miles and dates stay.",
    )
    requests: Delay = Field(
        timedelta(days=400), description="Requests to partners as they were sent, after their message is final."
    )
    profiles: Delay = Field(
        timedelta(days=90), description="Profiles that are not active in Mews any more, after their last change."
    )
    members: Delay = Field(
        timedelta(days=400), description="Members that are gone from the scheme, after their link to a guest ended."
    )
    cases: Delay = Field(timedelta(days=400), description="Cases that nothing needs any more, after they were closed.")
    edits: Delay = Field(timedelta(days=400), description="Edits by staff, and noted removals, after they were seen.")
    deeds: Delay = Field(timedelta(days=1095), description="What operators did on the console.")
    deposits: Delay = Field(
        timedelta(days=400), description="Miles that members exchanged for points, after the scheme was handed them."
    )
    operations: Delay = Field(
        timedelta(days=30), description="What only operation leaves: sends, ended leases, used confirmations, logins."
    )


class Privacy(Section):
    """How identifiers are hidden, and what is told and kept of people."""

    hash_key: Key | None = Field(
        None, description="Key of the hashes of identifiers; made and kept beside the database when absent."
    )
    opt_out_classifications: Texts = Field(
        (), description="Mews's classifications of guests of whom partners are told nothing, such as Blacklist."
    )
    recipients: Texts = Field(
        (), description="Who else gets data of guests from here, beside the partners: told by `subject export`."
    )
    retention: Retention = Retention()
