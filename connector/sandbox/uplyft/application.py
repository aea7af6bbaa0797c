"""The Uplyft simulator: GraphQL over POST at the bare host, signed with HTTP Basic or an access token."""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import DocumentNode, GraphQLError, GraphQLSchema, execute_sync, parse, validate
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connector.sandbox.controls import application
from connector.sandbox.journal import Journal
from connector.sandbox.uplyft.events import Caller, Duplicate, Events, caller, holder
from connector.sandbox.uplyft.schema import Form, schema

OPERATION = "createEvent"


def operation_of(path: str) -> str:
    """The operation's name for the fault plan and the statistics: there is only one."""
    return OPERATION if path == "/" else path


def create_app(
    state_path: Path, *, form: Form = Form.BOTH, unique_id: bool = True, duplicate: Duplicate = Duplicate.TRUE
) -> Starlette:
    """The server, its journal in the file ``state_path``; the journal is ``app.state.journal``.

    ``unique_id`` tells whether its schema knows ``uniqueId``.
    """
    journal, calls = Journal(state_path), Counter[str]()
    events = Events(journal, duplicate)

    async def graphql(request: Request) -> Response:
        calls[OPERATION] += 1
        signed = _signed(request.headers.get("authorization", ""))
        if signed is None:
            refusal = {"errors": [{"message": "the app id or its secret is wrong"}]}
            return JSONResponse(refusal, 401, {"WWW-Authenticate": 'Basic realm="uplyft"'})
        return _answer(schema(form, unique_id=unique_id), events, signed, await request.body())

    return application(journal, calls, [Route("/", graphql, methods=["POST"])])


def _signed(authorization: str) -> Caller | None:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return holder(credentials)
    if scheme.lower() != "basic":
        return None
    try:
        app_id, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return caller(app_id, secret)


def _answer(served: GraphQLSchema, events: Events, signed: Caller, body: bytes) -> Response:
    """Errors of GraphQL come with HTTP 200, as is its custom; only what is no request at all is a 400."""
    try:
        query, variables, operation_name = _read(body)
    except GraphQLError as error:
        return JSONResponse({"errors": [error.formatted]}, 400)
    document, errors = _document(served, query)
    if document is None:
        return JSONResponse({"errors": [error.formatted for error in errors]})
    result = execute_sync(served, document, events, signed, variables, operation_name)
    return JSONResponse(result.formatted)


def _read(body: bytes) -> tuple[str, dict[str, Any] | None, str | None]:
    try:
        request = json.loads(body)
    except ValueError:
        raise GraphQLError("the body is not JSON") from None
    if not isinstance(request, dict) or not isinstance(request.get("query"), str):
        raise GraphQLError("expected a JSON object with the document in query")
    variables = request.get("variables")
    if not isinstance(variables, dict | None):
        raise GraphQLError("variables: expected an object")
    return request["query"], variables, request.get("operationName")


@lru_cache(maxsize=256)
def _document(served: GraphQLSchema, query: str) -> tuple[DocumentNode | None, list[GraphQLError]]:
    """The checked document; clients send the same one again and again, with other variables."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return None, [error]
    errors = validate(served, document)
    return (None, errors) if errors else (document, [])
