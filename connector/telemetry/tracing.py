"""Spans for OpenTelemetry: of the runs of jobs, and of the requests in them.

They are on when the extra ``otel`` is installed and OpenTelemetry's own variables name an endpoint; what else they can
be told (headers, sampling, the name of the service) is OpenTelemetry's business, too. Attributes are names of the
configuration, operations and statuses: never a guest, a reservation, or what an exception says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector import __version__
from connector.errors import Misconfigured

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span as OpenSpan

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_providers: list[TracerProvider] = []  # none, or the one that is in use


@dataclass(frozen=True, slots=True)
class Span:
    """One span; without OpenTelemetry it is nothing."""

    _inner: OpenSpan | None = None

    def tell(self, **attributes: str | int) -> None:
        """Add attributes."""
        if self._inner is not None:
            self._inner.set_attributes(attributes)


_NOTHING = nullcontext(Span())


def span(name: str, **attributes: str | int) -> AbstractContextManager[Span]:
    """Give a span around some work, below the one that is open."""
    return _open(name, attributes) if _providers else _NOTHING


@contextmanager
def _open(name: str, attributes: Mapping[str, str | int]) -> Iterator[Span]:
    tracer = _providers[0].get_tracer("connector", __version__)
    # an exception is not recorded: its words may be those of a remote system
    with tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as found:
        yield Span(found)


def begin(environ: Mapping[str, str]) -> None:
    """Send spans from now on, if the environment names where to; raises Misconfigured without the extra."""
    named = next((name for name in ENDPOINTS if environ.get(name)), None)
    if named is None:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        expected = "expected mews-loyalty-connector[otel], or no such variable"
        raise Misconfigured(f"{named}: is set, but OpenTelemetry is not installed; {expected}") from None
    service = {SERVICE_VERSION: __version__}
    if not environ.get("OTEL_SERVICE_NAME"):
        service[SERVICE_NAME] = "loyalty-connector"
    provider = TracerProvider(resource=Resource.create(service))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    use(provider)


def use(provider: TracerProvider) -> None:
    """Make spans by this provider."""
    _providers[:] = [provider]


def end() -> None:
    """Send what is left, and make no spans any more."""
    for provider in _providers:
        provider.shutdown()
    _providers.clear()
