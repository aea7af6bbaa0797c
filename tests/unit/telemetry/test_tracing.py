from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
import respx
from httpx import Response
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from connector.errors import Misconfigured, NotSent
from connector.http.client import Client
from connector.http.remote import Remote
from connector.telemetry import tracing

SAID = "anna@guests.example"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """What would be sent."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(provider)
    yield exporter
    tracing.end()


def told(spans: InMemorySpanExporter) -> list[tuple[str, dict[str, object]]]:
    """Return name and attributes of each span, the first that ended first."""
    return [(each.name, dict(each.attributes or {})) for each in spans.get_finished_spans()]


def parent(span: ReadableSpan) -> int | None:
    """Return the id of the span around it."""
    return span.parent.span_id if span.parent else None


async def test_a_request_is_a_span_within_that_of_its_work(
    spans: InMemorySpanExporter, respx_mock: respx.MockRouter
) -> None:
    respx_mock.post("https://api.test/rates").mock(Response(429))
    client = Client("https://api.test", name="Mews", remote=Remote("mews", property="wien"))
    with tracing.span("job align", run="abc") as work:
        await client.send("POST", "rates", operation="rates/getAll")
        work.tell(outcome="ok")
    await client.aclose()

    assert told(spans) == [
        ("request", {"system": "mews", "operation": "rates/getAll", "status": 429}),
        ("job align", {"run": "abc", "outcome": "ok"}),
    ]
    request, job = spans.get_finished_spans()
    assert parent(request) == job.context.span_id
    assert parent(job) is None


async def test_a_request_without_an_answer_says_so_and_nothing_of_the_exception(spans: InMemorySpanExporter) -> None:
    client = Client("http://127.0.0.1:9", name="Mews", remote=Remote("mews"))
    with pytest.raises(NotSent):
        await client.send("POST", "rates", operation="rates/getAll")
    await client.aclose()

    ((_, attributes),) = told(spans)
    assert attributes["outcome"] == "NotSent"
    assert not spans.get_finished_spans()[0].events


def test_what_an_exception_says_is_in_no_span(spans: InMemorySpanExporter) -> None:
    with pytest.raises(RuntimeError), tracing.span("job align"):
        raise RuntimeError(SAID)

    assert SAID not in spans.get_finished_spans()[0].to_json()


def test_without_a_provider_a_span_is_nothing() -> None:
    with tracing.span("job align") as span:
        span.tell(outcome="ok")

    assert span == tracing.Span()


def test_without_an_endpoint_nothing_is_sent() -> None:
    tracing.begin({"OTEL_SERVICE_NAME": "loyalty"})

    assert tracing._providers == []


def test_an_endpoint_begins_and_the_end_ends() -> None:
    tracing.begin({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"})
    begun = list(tracing._providers)
    tracing.end()

    assert begun[0].resource.attributes["service.name"] == "loyalty-connector"
    assert tracing._providers == []


def test_an_endpoint_without_the_extra_is_a_fault_of_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)

    with pytest.raises(Misconfigured, match=r"OTEL_EXPORTER_OTLP_ENDPOINT: is set, but OpenTelemetry is not installed"):
        tracing.begin({"OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector.example"})
