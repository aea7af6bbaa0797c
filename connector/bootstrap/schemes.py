"""Where the members come from, as the settings tell it."""

from __future__ import annotations

from connector.schemes.csv_file import CsvFile
from connector.schemes.csv_source import CsvSource
from connector.schemes.source import Source
from connector.settings import AnyScheme, CsvScheme


def source(scheme: AnyScheme) -> Source:
    """Return the source of the scheme's members."""
    assert isinstance(scheme, CsvScheme)  # noqa: S101  # the other kinds are refused as not yet available
    return CsvSource(CsvFile(scheme.path))
