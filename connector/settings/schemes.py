"""Where the members of the chain's own scheme come from."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Strict

from connector.settings.addresses import ListingAddress, SourceDatabase, WebAddress
from connector.settings.connection import Connection
from connector.settings.loyalty import ProgramCode
from connector.settings.section import Section
from connector.settings.tokens import Token
from connector.settings.values import Count, File, Interval, Positive, Secret, Text, Word, fault, shown

MemberField = Literal[
    "member_id",
    "number",
    "email",
    "first_name",
    "last_name",
    "tier",
    "points",
    "expires_on",
    "state",
    "url",
    "mews_id",
    "share",
]
ApplicantField = Literal["reference", "email", "first_name", "last_name", "number"]
Status = Annotated[int, Field(ge=200, le=499)]

_SENT: tuple[ApplicantField, ...] = ("reference", "email", "first_name", "last_name")
_HEADER = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)  # RFC 9110, section 5.6.2


def _dotted(value: str) -> str:
    if value and not all(part and part == part.strip() and part.isprintable() for part in value.split(".")):
        raise fault(f"{shown(value)} is not a path", 'names joined by dots like "card.number"')
    return value


def _header(value: str) -> str:
    if not _HEADER.fullmatch(value):
        raise fault(f"{shown(value)} is not the name of a header", 'a name like "X-API-Key"')
    return value


def _with_id(fields: dict[MemberField, str]) -> dict[MemberField, str]:
    if "member_id" not in fields:
        raise fault("member_id is missing", 'the path to it, as in { member_id = "id" }')
    return fields


def _header_or_none(value: str) -> str:
    return value and _header(value)


def _with_reference(fields: dict[ApplicantField, str]) -> dict[ApplicantField, str]:
    if "reference" not in fields:
        raise fault("reference is missing", 'the path to write it at, as in { reference = "external_id" }')
    return fields


Header = Annotated[str, AfterValidator(_header)]
Dotted = Annotated[Text, AfterValidator(_dotted)]
DottedOrNone = Annotated[str, AfterValidator(_dotted)]
Fields = Annotated[dict[MemberField, Dotted], AfterValidator(_with_id), Word("table of text")]


class Scheme(Section):
    """What all kinds of source share."""

    program: ProgramCode = Field(description="Code of the program that the scheme's members are in.")
    mode: Literal["snapshot", "changes"] = Field(
        "snapshot", description="snapshot: a member who is absent is gone; changes: only those named change."
    )
    partner_numbers: dict[ProgramCode, Text] = Field(
        {}, description="Where the members' numbers at partners stand: column or path by code of the partner's program."
    )


class CsvScheme(Scheme):
    """Members from a CSV file on this machine."""

    kind: Literal["csv"] = Field("csv", description="Kind of source.")
    path: File = Field(description="The members file.")
    encoding: Literal["auto", "utf-8", "utf-16", "windows-1252"] = Field(
        "auto", description="Encoding; auto: UTF-8, or UTF-16 with its byte order mark."
    )
    delimiter: Literal["auto", ",", ";", "\t"] = Field(
        "auto", description="What stands between two cells; auto: what the header tells."
    )
    control: Literal["none", "line", "sidecar"] = Field(
        "none", description="Where the export states the number of members: last line, or the file PATH.control beside."
    )


class Enrolment(Section):
    """Guests whose membership in Mews is New or Pending, sent to the scheme that makes them members."""

    url: ListingAddress = Field(
        description="Address to which each is sent as JSON (POST), with the credentials of the scheme."
    )
    fields: Annotated[dict[ApplicantField, Dotted], AfterValidator(_with_reference), Word("table of text")] = Field(
        {name: name for name in _SENT},
        description="Path in what is sent by field; the reference is the membership's id, each time the same.",
    )
    constants: dict[Dotted, Text] = Field({}, description="What is sent besides, by path.")
    reference_header: Annotated[str, AfterValidator(_header_or_none)] = Field(
        "", description="Header that carries the reference too, such as Idempotency-Key; empty: none."
    )
    answer: DottedOrNone = Field("", description="Path to the member's record in the answer; empty: the answer is it.")
    answer_fields: dict[MemberField, Dotted] = Field(
        {}, description="Path in that record by field, where it is another than in the listing."
    )
    already_member: Annotated[tuple[Status, ...], Strict(False), Word("list of numbers")] = Field(
        (409,), description="Statuses by which the answer holds a member that was there before."
    )


class HttpScheme(Scheme):
    """Members from a JSON API."""

    partner_numbers: dict[ProgramCode, Dotted] = Field(
        {}, description="Where the members' numbers at partners stand: path by code of the partner's program."
    )
    kind: Literal["http"] = Field(description="Kind of source.")
    url: ListingAddress = Field(description="Address of the listing of members, called as it stands.")
    parameters: dict[Text, Text] = Field(
        {}, description="Query parameters of every request; a link to the next page is followed as it is."
    )
    auth: Literal["none", "bearer", "header", "oauth2"] = Field(
        "none", description="How requests are authorised: a bearer token, a key in a header, OAuth 2.0 credentials."
    )
    header: Header = Field("X-API-Key", description="Header that carries the token (auth = header).")
    token_endpoint: WebAddress | None = Field(None, description="Address that gives access tokens (auth = oauth2).")
    audience: str = Field("", description="OAuth audience; empty: not sent.")
    scope: str = Field("", description="OAuth scope; empty: not sent.")
    members: DottedOrNone = Field(
        "", description="Path to the list of members in an answer; empty: the answer is the list."
    )
    fields: Fields = Field(
        {"member_id": "member_id"}, description="Path in a member's record by field; a field without one is not owned."
    )
    paging: Literal["none", "page", "offset", "cursor", "link"] = Field(
        "none", description="How the next page is asked for."
    )
    page_size: Positive = Field(500, description="Members in a page.")
    size_parameter: str = Field("limit", description="Query parameter with the size of a page; empty: not sent.")
    page_parameter: Text = Field("page", description="Query parameter with page, offset or cursor, as paging says.")
    first_page: Count = Field(1, description="Number of the first page (paging = page).")
    next: DottedOrNone = Field(
        "", description="Path to the next cursor or link in an answer; empty with link: the Link header."
    )
    total: DottedOrNone = Field("", description="Path to the number of all members in an answer; empty: not told.")
    changed_since: str = Field("", description="Query parameter that asks for changes since a moment; empty: none.")
    full_every: Interval = Field(timedelta(hours=24), description="How often everything is read, with changed_since.")
    enrol: Enrolment | None = Field(None, description="Guests who ask to join are sent to the scheme.")
    connection: Connection | None = Field(None, description="How it is reached; absent: straight.")
    token: Token | None = Field(None, description="Bearer token, or the key in the header.")
    client_id: Secret | None = Field(None, description="OAuth client id.")
    client_secret: Secret | None = Field(None, description="OAuth client secret.")


class SqlScheme(Scheme):
    """Members from a database, by one query."""

    kind: Literal["sql"] = Field(description="Kind of source.")
    url: SourceDatabase = Field(description="SQLAlchemy address of the members' database, without a password.")
    query: Text = Field(description="Query that only reads, whose columns are named like those of the members file.")
    changed_since: str = Field(
        "", description="Column of the query that grows with every change: a moment, a version; empty: there is none."
    )
    full_every: Interval = Field(timedelta(hours=24), description="How often everything is read, with changed_since.")
    password: Secret | None = Field(None, description="Password of the members' database.")


class QiibeeScheme(Scheme):
    """Members who are users at qiibee."""

    partner_numbers: dict[ProgramCode, Text] = Field(
        {},
        description="The provider whose membership holds a member's number, by code of the partner's program; "
        "a name of qiibee's (exchange_provider_implementation_name) like miles_and_more.",
    )
    kind: Literal["qiibee"] = Field(description="Kind of source.")
    endpoint: WebAddress = Field("https://bwaapi.qiibee.com/api/admin", description="Address of qiibee's Loyalty API.")
    fields: Fields = Field(
        {"member_id": "auth_id", "email": "email", "first_name": "first_name", "last_name": "second_name"},
        description="Path in a user's record by field; a field without one is not owned.",
    )
    memberships: Literal["request", "embedded"] = Field(
        "request",
        description="With partner_numbers: where a user's memberships are. request: asked for, a request for each "
        "user; embedded: in the user's record.",
    )
    connection: Connection | None = Field(None, description="How it is reached; absent: straight.")
    api_key: Token = Field(description="API key of qiibee's dashboard.")


AnyScheme = Annotated[CsvScheme | HttpScheme | SqlScheme | QiibeeScheme, Field(discriminator="kind")]
