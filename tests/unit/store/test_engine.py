from __future__ import annotations

import pytest

from connector.store.engine import async_url, wal_is_safe


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 44, 9), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_wal_is_used_only_where_its_reset_bug_is_fixed(version: tuple[int, int, int], safe: bool) -> None:
    assert wal_is_safe(version) is safe


def test_the_asynchronous_driver_of_each_database_is_chosen() -> None:
    assert str(async_url("sqlite:///data/connector.db")) == "sqlite+aiosqlite:///data/connector.db"
    assert str(async_url("postgresql+psycopg://user@host/db")) == "postgresql+psycopg://user@host/db"
    assert str(async_url("postgresql://user@host/db")) == "postgresql+psycopg://user@host/db"


def test_the_password_is_added_and_not_shown() -> None:
    url = async_url("postgresql://user@host/db", "p@ss word")
    assert url.password == "p@ss word"
    assert "p@ss" not in str(url)


def test_without_a_password_none_is_added() -> None:
    assert async_url("postgresql://user@host/db").password is None
