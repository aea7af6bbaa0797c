"""How qiibee's answers look where its documentation does not say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

from connector.sandbox.qiibee.users import User

Json = Any


@dataclass(frozen=True)
class Reading:
    """One reading of what is not documented; ``ValueError`` says which part cannot be.

    ``users`` and ``total`` are the names of the list and its total; an empty ``users`` is a list alone, an empty
    ``total`` no total. ``transactions_total`` is the name of the total of transactions, whose list has its documented
    name. ``error`` is the name of an error's text. ``wrapped``: one user, one membership and the memberships of a user
    come within an object of their name. ``embedded``: a user object holds its memberships. ``newest_first`` is the
    order of users. ``beyond`` is the status (200 or 404) of a page behind the last user.
    """

    users: str = "users"
    total: str = "total_users_count"
    error: str = "message"
    wrapped: bool = False
    embedded: bool = False
    newest_first: bool = False
    beyond: int = 200
    transactions_total: str = "total_tx_count"

    def __post_init__(self) -> None:
        """Refuse what no client could make sense of."""
        if self.beyond not in (200, 404):
            raise ValueError(f"beyond: {self.beyond}, expected 200 or 404")
        if not self.error or (self.users and self.users == self.total):
            raise ValueError("users, total, error: expected names that differ")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The reading that ``KEY=VALUE`` or a bare ``KEY`` for true, with commas between, makes of the usual one."""
        given = dict(_pair(part) for part in text.split(",") if part)
        return cls(**given)

    def page(self, users: Sequence[User], total: int) -> Json:
        """A page of the list of users."""
        listed = [self._shown(user) for user in users]
        if not self.users:
            return listed
        return {self.users: listed, **({self.total: total} if self.total else {})}

    def transactions(self, shown: Sequence[Json], total: int) -> Json:
        """A page of a user's transactions."""
        return {"transactions": shown, **({self.transactions_total: total} if self.transactions_total else {})}

    def user(self, user: User) -> Json:
        """One user."""
        return self._within("user", self._shown(user))

    def membership(self, user: User, implementation: str) -> Json:
        """One membership, which the user must have."""
        return self._within("membership", _membership(implementation, user.memberships[implementation]))

    def memberships(self, user: User) -> Json:
        """Every membership of a user."""
        return self._within("memberships", _memberships(user))

    def problem(self, sentence: str) -> Json:
        """An error."""
        return {self.error: sentence}

    def _shown(self, user: User) -> Mapping[str, Json]:
        return {**user.fields, **({"memberships": _memberships(user)} if self.embedded else {})}

    def _within(self, name: str, content: Json) -> Json:
        return {name: content} if self.wrapped else content


def _memberships(user: User) -> list[Json]:
    return [_membership(*one) for one in user.memberships.items()]


def _membership(implementation: str, number: str) -> Json:
    return {"exchange_provider_implementation_name": implementation, "membership_number": number}


_DEFAULTS: Mapping[str, Any] = {field.name: field.default for field in fields(Reading)}


def _pair(part: str) -> tuple[str, Any]:
    key, equals, value = part.partition("=")
    default = _DEFAULTS.get(key)
    if isinstance(default, bool) and not equals:
        return key, True
    if isinstance(default, int) and not isinstance(default, bool) and value.isdigit():
        return key, int(value)
    if isinstance(default, str) and equals:
        return key, value
    expected = (
        "users=NAME, total=NAME, error=NAME, wrapped, embedded, newest_first, beyond=STATUS, transactions_total=NAME"
    )
    raise ValueError(f"{part!r}: expected one of {expected}")
