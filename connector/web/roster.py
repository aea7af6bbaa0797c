"""Who may use the console, and what each may do."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from connector.bootstrap.confidential import revealed
from connector.settings.web import ADMIN, Web


class Role(StrEnum):
    """What a person may do; each role includes the ones before it."""

    READ = "read"
    OPERATE = "operate"
    APPROVE = "approve"

    def includes(self, other: Role) -> bool:
        """Tell whether whoever has this role may do what ``other`` may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)


@dataclass(frozen=True, slots=True)
class Person:
    """An operator: the name that stands beside every action, and the role."""

    name: str
    role: Role


class Roster:
    """The operators of the settings, found by their token or by how the reverse proxy calls them."""

    def __init__(self, web: Web) -> None:
        self._people = {name: Person(name, Role(each.role)) for name, each in web.operators.items()}
        self._tokens = {name: revealed(each.token) for name, each in web.operators.items() if each.token is not None}
        if web.admin_token is not None:
            self._people[ADMIN] = Person(ADMIN, Role.APPROVE)
            self._tokens[ADMIN] = revealed(web.admin_token)
        self._logins = {each.login or name: self._people[name] for name, each in web.operators.items()}
        self.is_open = bool(self._tokens) or (web.proxy_header is not None and bool(self._logins))

    def by_token(self, token: str) -> Person | None:
        """Return whose token it is; it takes as long for a wrong one as for a right one."""
        given = sha256(token.encode()).digest()
        found = [
            name for name, known in self._tokens.items() if hmac.compare_digest(sha256(known.encode()).digest(), given)
        ]
        return self._people[found[0]] if found else None

    def by_login(self, login: str) -> Person | None:
        """Return whom the reverse proxy means."""
        return self._logins.get(login)

    def named(self, name: str) -> Person | None:
        """Return an operator by name, None when the settings have none of this name any more."""
        return self._people.get(name)

    def proof(self, name: str, secret: str) -> str:
        """Return a digest of an operator's token (or of none) that only the holder of ``secret`` can compare."""
        return hmac.new(secret.encode(), self._tokens.get(name, "").encode(), sha256).hexdigest()
