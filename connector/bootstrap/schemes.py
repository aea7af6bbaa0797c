"""Where the members come from, as the settings tell it."""

from __future__ import annotations

from connector.bootstrap.confidential import revealed, revealed_if_any
from connector.bootstrap.parts import Parts
from connector.http.auth import HeaderAuth
from connector.schemes.csv_file import CsvFile
from connector.schemes.csv_source import CsvSource
from connector.schemes.qiibee import Qiibee
from connector.schemes.qiibee_api import QiibeeApi
from connector.schemes.source import Source
from connector.schemes.sql_query import SqlQuery
from connector.settings import AnyScheme, CsvScheme, HttpScheme, QiibeeScheme, SqlScheme


def source(parts: Parts, scheme: AnyScheme) -> Source:
    """Return the source of the scheme's members."""
    match scheme:
        case CsvScheme():
            return CsvSource(CsvFile(scheme.path))
        case SqlScheme():
            return _query(scheme)
        case QiibeeScheme():
            return _users(parts, scheme)
        case HttpScheme():
            raise AssertionError("refused as not yet available")


def _query(scheme: SqlScheme) -> SqlQuery:
    return SqlQuery(
        url=scheme.url,
        query=scheme.query,
        password=revealed_if_any(scheme.password) or "",
        partner_numbers=scheme.partner_numbers,
        changed_since=scheme.changed_since,
        full_every=scheme.full_every,
    )


def _users(parts: Parts, scheme: QiibeeScheme) -> Qiibee:
    client = parts.client(scheme.endpoint, "qiibee", HeaderAuth("X-API-KEY", revealed(scheme.api_key)))
    return Qiibee(
        QiibeeApi(client, parts.clock),
        fields={str(name): path for name, path in scheme.fields.items()},
        partner_numbers=scheme.partner_numbers,
        memberships=scheme.memberships,
    )
