"""Where the members come from, as the settings tell it."""

from __future__ import annotations

from urllib.parse import urlsplit

from connector.bootstrap.confidential import revealed, revealed_if_any
from connector.bootstrap.parts import Parts
from connector.http.auth import Auth, ClientCredentials, HeaderAuth
from connector.http.client import Client
from connector.http.remote import Remote
from connector.schemes.address import Address
from connector.schemes.csv_file import CsvFile
from connector.schemes.csv_source import CsvSource
from connector.schemes.enrolment import Enroller, HttpEnrolment
from connector.schemes.form import Form
from connector.schemes.http_api import HttpApi
from connector.schemes.http_listing import HttpListing
from connector.schemes.paging import Paging
from connector.schemes.qiibee import Qiibee
from connector.schemes.qiibee_api import QiibeeApi
from connector.schemes.records import Records
from connector.schemes.source import Source
from connector.schemes.sql_query import SqlQuery
from connector.settings import AnyScheme, CsvScheme, HttpScheme, QiibeeScheme, SqlScheme

_SCHEME = Remote("scheme")


def source(parts: Parts, scheme: AnyScheme) -> Source:
    """Return the source of the scheme's members."""
    match scheme:
        case CsvScheme():
            form = Form(scheme.encoding, scheme.delimiter, scheme.control)
            return CsvSource(CsvFile(scheme.path, scheme.partner_numbers, form))
        case SqlScheme():
            return _query(scheme)
        case HttpScheme():
            return _api(parts, scheme)
        case QiibeeScheme():
            return _users(parts, scheme)


def desk(parts: Parts, scheme: AnyScheme) -> Enroller | None:
    """Return where guests who ask to join are offered, if the scheme takes any."""
    if not isinstance(scheme, HttpScheme) or scheme.enrol is None:
        return None
    table = scheme.enrol
    address = Address(table.url)
    fields = scheme.fields | table.answer_fields
    return HttpEnrolment(
        _client(parts, scheme, table.url, address),
        address,
        parts.clock,
        Records({str(name): path for name, path in fields.items()}, scheme.partner_numbers),
        body={str(name): path for name, path in table.fields.items()},
        constants=table.constants,
        reference_header=table.reference_header,
        answer=table.answer,
        already=frozenset(table.already_member),
    )


def _query(scheme: SqlScheme) -> SqlQuery:
    return SqlQuery(
        url=scheme.url,
        query=scheme.query,
        password=revealed_if_any(scheme.password) or "",
        partner_numbers=scheme.partner_numbers,
        changed_since=scheme.changed_since,
        full_every=scheme.full_every,
    )


def _api(parts: Parts, scheme: HttpScheme) -> HttpApi:
    address = Address(scheme.url, scheme.parameters)
    client = _client(parts, scheme, scheme.url, address)
    return HttpApi(
        HttpListing(client, address, parts.clock, _paging(scheme), scheme.members, scheme.total),
        fields={str(name): path for name, path in scheme.fields.items()},
        partner_numbers=scheme.partner_numbers,
        changed_since=scheme.changed_since,
        full_every=scheme.full_every,
    )


def _client(parts: Parts, scheme: HttpScheme, url: str, address: Address) -> Client:
    name = f"API at {urlsplit(url).hostname}"
    return parts.client(address.origin, name, _auth(parts, scheme), remote=_SCHEME, connection=scheme.connection)


def _paging(scheme: HttpScheme) -> Paging:
    return Paging(
        kind=scheme.paging,
        size=scheme.page_size,
        size_parameter=scheme.size_parameter,
        parameter=scheme.page_parameter,
        first=scheme.first_page,
        next=scheme.next,
    )


def _auth(parts: Parts, scheme: HttpScheme) -> Auth | None:
    token = revealed_if_any(scheme.token) or ""
    match scheme.auth:
        case "none":
            return None
        case "bearer":
            return HeaderAuth.bearer(token)
        case "header":
            return HeaderAuth(scheme.header, token)
        case "oauth2":
            return ClientCredentials(
                scheme.token_endpoint or "",
                revealed_if_any(scheme.client_id) or "",
                revealed_if_any(scheme.client_secret) or "",
                audience=scheme.audience,
                scope=scheme.scope,
                clock=parts.clock,
            )


def _users(parts: Parts, scheme: QiibeeScheme) -> Qiibee:
    key = HeaderAuth("X-API-KEY", revealed(scheme.api_key))
    client = parts.client(scheme.endpoint, "qiibee", key, remote=_SCHEME, connection=scheme.connection)
    return Qiibee(
        QiibeeApi(client, parts.clock),
        fields={str(name): path for name, path in scheme.fields.items()},
        partner_numbers=scheme.partner_numbers,
        memberships=scheme.memberships,
    )
