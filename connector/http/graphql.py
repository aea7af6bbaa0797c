"""GraphQL over HTTP: a document and its variables out, data and errors back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from connector.errors import Lost
from connector.http.answer import Answer
from connector.http.client import Client

HEADERS: Mapping[str, str] = {"Content-Type": "application/json", "Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class GraphQLError:
    """One entry of ``errors``; ``code`` is ``extensions.code`` where the server gives one."""

    message: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class GraphQLAnswer:
    """What a GraphQL server said. Errors come with HTTP 200 too: read ``errors`` before ``data``.

    ``data`` is None when the server sent none; ``answer.status`` is the HTTP status. ``executed`` is False for a
    request error only, before which nothing was executed: it has no data entry, not even null, and no error of it has
    a path (GraphQL specification, Response Format). ``reached`` is True where data or a path shows that a field was
    executed; not every server keeps to the former.
    """

    data: Mapping[str, object] | None
    errors: tuple[GraphQLError, ...]
    answer: Answer
    executed: bool = True
    reached: bool = False


def body(document: str, variables: Mapping[str, object]) -> bytes:
    """Return the request's JSON, the same bytes for the same input: compact, sorted, UTF-8."""
    content = {"query": document, "variables": variables}
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    return text.encode()


async def execute(
    client: Client,
    path: str,
    document: str,
    variables: Mapping[str, object],
    *,
    operation: str,
    headers: Mapping[str, str] | None = None,
    deadline: float | None = None,
) -> GraphQLAnswer:
    """Send a document once; raises NotSent and Lost as ``Client.send`` does, Lost for what is no GraphQL."""
    answer = await client.send(
        "POST",
        path,
        content=body(document, variables),
        headers={**HEADERS, **(headers or {})},
        operation=operation,
        deadline=deadline,
    )
    return read(answer)


def read(answer: Answer) -> GraphQLAnswer:
    """Return what a GraphQL server said; raises Lost when a success is no GraphQL answer.

    An answer of status 300 or more may be anything, often a proxy's page: then data and errors are empty.
    """
    try:
        content = answer.json()
    except Lost:
        content = None
    if isinstance(content, dict) and ("data" in content or "errors" in content):
        executed, reached = not _is_request_error(content), _has_reached(content)
        return GraphQLAnswer(_data(content), _errors(content), answer, executed, reached)
    if answer.status < 300:
        raise Lost(f"{answer.source} answered {answer.status} with something that is not GraphQL.")
    return GraphQLAnswer(None, (), answer)


def _data(content: Mapping[str, object]) -> Mapping[str, object] | None:
    data = content.get("data")
    return data if isinstance(data, dict) else None


def _errors(content: Mapping[str, object]) -> tuple[GraphQLError, ...]:
    errors = content.get("errors") or ()
    return tuple(map(_error, errors if isinstance(errors, list) else (errors,) if errors else ()))


def _is_request_error(content: Mapping[str, object]) -> bool:
    clear = all(isinstance(entry, dict) for entry in _entries(content))
    return "data" not in content and clear and not _has_reached(content)


def _has_reached(content: Mapping[str, object]) -> bool:
    located = (isinstance(entry, dict) and entry.get("path") is not None for entry in _entries(content))
    return bool(_data(content)) or any(located)


def _entries(content: Mapping[str, object]) -> list[object]:
    errors = content.get("errors")
    return errors if isinstance(errors, list) else [errors]


def _error(entry: object) -> GraphQLError:
    if not isinstance(entry, dict):
        return GraphQLError(str(entry))
    extensions = entry.get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return GraphQLError(str(entry.get("message", "")), "" if code is None else str(code))
