from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
import respx

from connector.errors import Lost
from connector.http.answer import Answer
from connector.http.client import Client
from connector.http.graphql import GraphQLError, body, execute, read

DOCUMENT = "mutation Earn($id: String) { createEvent(uniqueId: $id) }"


def answered(content: object, status: int = 200) -> Answer:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Answer(status, {}, raw, source="Uplyft (createEvent)")


def test_the_bytes_are_compact_utf_8_and_the_same_for_the_same_variables() -> None:
    assert body("{a}", {"b": "Zürich", "a": {"d": 1, "c": None}}) == (
        '{"query":"{a}","variables":{"a":{"c":null,"d":1},"b":"Zürich"}}'.encode()
    )
    assert body("{a}", {"x": 1, "y": 2}) == body("{a}", {"y": 2, "x": 1})


def test_a_number_that_json_cannot_say_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        body("{a}", {"a": float("nan")})


def test_data_is_read() -> None:
    said = read(answered({"data": {"createEvent": True}}))
    assert (said.data, said.errors) == ({"createEvent": True}, ())


def test_errors_are_read_though_the_status_says_success() -> None:
    error = {"message": "no", "extensions": {"code": "BAD_USER_INPUT"}, "path": ["createEvent"]}
    said = read(answered({"data": None, "errors": [error, {"message": "really"}]}))
    assert said.errors == (GraphQLError("no", "BAD_USER_INPUT"), GraphQLError("really"))
    assert said.data is None


def test_errors_and_partial_data_are_both_read() -> None:
    said = read(answered({"data": {"a": 1}, "errors": [{"message": "no"}]}))
    assert (said.data, len(said.errors)) == ({"a": 1}, 1)


@pytest.mark.parametrize("errors", [None, []])
def test_no_errors_are_none(errors: object) -> None:
    assert read(answered({"data": {}, "errors": errors})).errors == ()


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        (["no"], GraphQLError("no")),
        ("no", GraphQLError("no")),
        ({"message": "no"}, GraphQLError("no")),
        ([{"message": "no", "extensions": {"code": 17}}], GraphQLError("no", "17")),
        ([{"extensions": []}], GraphQLError("")),
    ],
)
def test_errors_of_unusual_shape_are_still_errors(errors: object, expected: GraphQLError) -> None:
    assert read(answered({"errors": errors})).errors == (expected,)


@pytest.mark.parametrize("content", [b"<html>", b"", [], {}, {"Message": "hello"}, "text"])
def test_a_success_that_is_no_graphql_is_lost(content: object) -> None:
    with pytest.raises(Lost, match="Uplyft"):
        read(answered(content))


@pytest.mark.parametrize("status", [302, 401, 404, 500, 503])
def test_an_error_status_without_graphql_is_left_to_the_reader(status: int) -> None:
    said = read(answered(b"<html>", status))
    assert (said.data, said.errors, said.answer.status) == (None, (), status)


def test_an_error_status_may_carry_graphql_errors() -> None:
    assert read(answered({"errors": [{"message": "no"}]}, 400)).errors == (GraphQLError("no"),)


@pytest.mark.parametrize("errors", [[{"message": "no"}], [{"message": "no", "path": None}], {"message": "no"}])
def test_a_request_error_was_not_executed(errors: object) -> None:
    assert not read(answered({"errors": errors})).executed


@pytest.mark.parametrize(
    "content",
    [
        {"data": None, "errors": [{"message": "no"}]},
        {"errors": [{"message": "no"}, {"message": "late", "path": ["createEvent"]}]},
        {"errors": ["no"]},
        {"errors": "no"},
        {"data": {"createEvent": True}},
    ],
)
def test_whatever_else_may_have_been(content: object) -> None:
    assert read(answered(content)).executed


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    client = Client("https://graph.test", name="Graph")
    yield client
    await client.aclose()


async def test_a_document_is_sent_as_json(client: Client, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post("https://graph.test/").respond(json={"data": {"createEvent": True}})
    said = await execute(client, "", DOCUMENT, {"id": "1"}, operation="createEvent", headers={"X-A": "b"})
    sent = route.calls.last.request
    assert sent.content == body(DOCUMENT, {"id": "1"})
    assert (sent.headers["content-type"], sent.headers["x-a"]) == ("application/json", "b")
    assert said.data == {"createEvent": True}
