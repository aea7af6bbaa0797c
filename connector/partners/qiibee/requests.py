"""Asking qiibee for what moves no miles: users and lists. A failure then is a request that was not sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from connector.errors import Lost, NotSent, Unauthorized
from connector.http.answer import Answer
from connector.http.client import Client
from connector.partners.qiibee.terms import Terms

HEADERS = {"Content-Type": "application/json"}
_UNWELCOME = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


def refuse_stranger(name: str, answer: Answer) -> None:
    """Raise Unauthorized for an answer that says that the key is not accepted."""
    if answer.status in _UNWELCOME:
        raise Unauthorized(
            f"{name}: qiibee does not accept the API key (HTTP {answer.status}); check api_key, and whether endpoint "
            "belongs to the same dashboard",
            status=answer.status,
        )


class Unlisted(NotSent):
    """A list was answered with 404. That of a user nobody knows may be; no page says that it means an empty one."""


@dataclass(frozen=True, slots=True)
class Requests:
    """Calls by ``client``, which knows address and key. All raise NotSent and Unauthorized."""

    client: Client
    name: str
    terms: Terms

    async def read(self, path: str) -> object:
        """Return the list that is found at a path, decoded; raises Unlisted for 404, which is no list."""
        answer = await self._answered("GET", path, "transactions")
        if answer.status == HTTPStatus.NOT_FOUND:
            raise Unlisted(f"{self.name}: {answer.source} answered 404; check endpoint", after=answer.retry_after())
        if answer.status != HTTPStatus.OK:
            raise self._failed(answer)
        return self._decoded(answer)

    async def ensure_user(self, auth_id: str) -> None:
        """Add a user, unless there is one: a second one of this auth_id is answered with 400 ("Users")."""
        user = {"email": self.terms.email(auth_id), "auth_id": auth_id}
        content = json.dumps({"user": user}, separators=(",", ":")).encode()
        answer = await self._answered("POST", "users", "users", content)
        if answer.status in (HTTPStatus.OK, HTTPStatus.CREATED):
            return
        known = answer.status == HTTPStatus.BAD_REQUEST and await self.is_user(auth_id)
        if not known:
            raise self._failed(answer, "; it took no new user, check relay_domain" * (answer.status == 400))

    async def is_user(self, auth_id: str) -> bool:
        """Tell whether qiibee knows a user: 200 and 404 are its documented answers ("Users"), if they are its own."""
        answer = await self._answered("GET", f"users/{quote(auth_id, safe='')}", "user")
        if answer.status not in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):
            raise self._failed(answer)
        self._decoded(answer)
        return answer.status == HTTPStatus.OK

    def _decoded(self, answer: Answer) -> object:
        try:
            return answer.json()
        except Lost as lost:
            raise NotSent(f"{self.name}: {lost}") from lost

    async def _answered(self, method: str, path: str, operation: str, content: bytes = b"") -> Answer:
        headers = HEADERS if content else {}
        try:
            answer = await self.client.send(method, path, content=content, headers=headers, operation=operation)
        except Lost as lost:
            raise NotSent(f"{self.name}: {lost}") from lost
        refuse_stranger(self.name, answer)
        if answer.is_page():
            raise self._failed(answer, " with a web page: somebody on the way answered in qiibee's place")
        return answer

    def _failed(self, answer: Answer, more: str = "") -> NotSent:
        return NotSent(f"{self.name}: {answer.source} answered {answer.status}{more}", after=answer.retry_after())
