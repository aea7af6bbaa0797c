"""The tables. They never leave ``connector.store``: repositories take and return domain objects.

Times are aware UTC; amounts of miles are whole; texts of state words are checked, not native enums.
"""

# ruff: noqa: E402  # the naming convention must stand before the first table is made

from __future__ import annotations

from sqlmodel import SQLModel

metadata = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

from connector.store.tables import closings, events, folios, ledger, loyalty, members, names, running, stays, web

__all__ = [
    "closings",
    "events",
    "folios",
    "ledger",
    "loyalty",
    "members",
    "metadata",
    "names",
    "running",
    "stays",
    "web",
]
