"""Where the members come from, as the settings tell it."""

from __future__ import annotations

from connector.bootstrap.confidential import revealed_if_any
from connector.schemes.csv_file import CsvFile
from connector.schemes.csv_source import CsvSource
from connector.schemes.form import Form
from connector.schemes.source import Source
from connector.schemes.sql_query import SqlQuery
from connector.settings import AnyScheme, CsvScheme, HttpScheme, QiibeeScheme, SqlScheme


def source(scheme: AnyScheme) -> Source:
    """Return the source of the scheme's members."""
    match scheme:
        case CsvScheme():
            form = Form(scheme.encoding, scheme.delimiter, scheme.control)
            return CsvSource(CsvFile(scheme.path, scheme.partner_numbers, form))
        case SqlScheme():
            return _query(scheme)
        case HttpScheme() | QiibeeScheme():
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
