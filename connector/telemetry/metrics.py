"""What is counted while the connector works, and the page that Prometheus reads.

Counting is a dictionary and knows no library: prometheus-client is imported when the page is asked for, so that
commands do not pay for it. Labels are names of the configuration, streams, states and outcomes; never of a guest,
a reservation, or anything that Mews or a partner said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from connector.telemetry.redact import scrub

if TYPE_CHECKING:
    from prometheus_client.core import Metric as Family

PREFIX = "loyalty_"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: a counter grows while the process lives, a gauge is what the last look at the store showed."""

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    labels: tuple[str, ...] = ()


RUNS = Metric("job_runs", "counter", "Runs of a job that ended, by outcome.", ("job_name", "outcome"))
RUN_SECONDS = Metric("job_run_seconds", "counter", "Seconds that the runs of a job took together.", ("job_name",))
SKIPPED = Metric(
    "job_starts_skipped", "counter", "Starts that were left out: overlong (the run before went on), missed.",
    ("job_name", "outcome"),
)  # fmt: skip
RELOADS = Metric("reloads", "counter", "Reloads of the configuration: taken or refused.", ("outcome",))
ANSWERS = Metric(
    "requests", "counter",
    "Requests by what came of them: 2xx, 3xx, 4xx, 5xx, lost (no whole answer), not_sent.",
    ("system", "property", "partner", "outcome"),
)  # fmt: skip
TOO_MANY = Metric(
    "rate_limit_hits", "counter", "Answers that said 429, too many requests.", ("system", "property", "partner")
)
RETRIES = Metric("retries", "counter", "Requests that were sent again at once.", ("system", "property", "partner"))
CALLS = Metric(
    "webhook_calls", "counter",
    "Calls of Mews and of partners by what came of them: taken, changed (told before in other words), unreadable, "
    "unauthorized.",
    ("system", "partner", "outcome"),
)  # fmt: skip
LAST_SUCCESS = Metric(
    "job_last_success_timestamp_seconds", "gauge", "When the last run of a job that was ok ended.", ("job_name",)
)
RUNNING = Metric("job_running_seconds", "gauge", "How long the run that is under way has taken.", ("job_name",))
MESSAGES = Metric("messages", "gauge", "Messages of the ledger by state.", ("partner", "state"))
OLDEST = Metric(
    "oldest_message_seconds", "gauge", "Age of the oldest message in a state that is not final.", ("partner", "state")
)
MILES = Metric("miles", "gauge", "Miles that a partner gave: credited and accepted, less reversed.", ("partner",))
CASES = Metric("suspense_cases", "gauge", "Cases that wait for a person, by what they are about.", ("kind",))
LAG = Metric(
    "cursor_lag_seconds", "gauge", "How long ago a stream was last read to its end; property is chain for all.",
    ("stream", "property"),
)  # fmt: skip
CIRCUIT = Metric("circuit_open", "gauge", "1 while a partner is left alone because it fails.", ("partner",))
LIMIT = Metric("request_limit", "gauge", "Requests that an access token may send in its window.", ("property",))
ROOM = Metric("request_room", "gauge", "Requests that an access token could send now.", ("property",))
HARM = Metric("plan_unconfirmed", "gauge", "1 while a plan of harmful changes waits for a person's word.")
BUILD = Metric("build_info", "gauge", "Always 1; the labels tell what runs.", ("version", "revision"))

CATALOGUE = (
    RUNS, RUN_SECONDS, SKIPPED, LAST_SUCCESS, RUNNING, RELOADS, ANSWERS, TOO_MANY, RETRIES, CALLS, LIMIT, ROOM,
    MESSAGES, OLDEST, MILES, CASES, LAG, CIRCUIT, HARM, BUILD,
)  # fmt: skip
"""Every metric, in the order in which the documentation lists them."""

Values = Mapping[tuple[str, ...], float]

_counts: dict[Metric, dict[tuple[str, ...], float]] = {}  # one per process: requests are counted wherever they are made
_gauges: dict[Metric, dict[tuple[str, ...], float]] = {}


def count(metric: Metric, *labels: str, by: float = 1) -> None:
    """Let a counter grow; the labels are in the order in which the metric names them."""
    values = _counts.setdefault(metric, {})
    values[labels] = values.get(labels, 0) + by


def counted(metric: Metric) -> Values:
    """Return what a counter of this process stands at."""
    return dict(_counts.get(metric, {}))


def show(metric: Metric, values: Values) -> None:
    """Say what a gauge shows from now on; what it showed before is gone."""
    _gauges[metric] = dict(values)


def forget() -> None:
    """Begin anew, as a new process does."""
    _counts.clear()
    _gauges.clear()


def exposition() -> tuple[bytes, str]:
    """Return the page for Prometheus and its content type, figures of this process included.

    Gauges are as they were last shown: ``connector.jobs.gauges`` reads them from the store.
    """
    from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
    from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families())
    ProcessCollector(registry=registry)
    return generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4


class _Families:
    """The metrics of the catalogue as the library collects them."""

    def collect(self) -> Iterator[Family]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        for metric in CATALOGUE:
            kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
            family = kind(PREFIX + metric.name, metric.help, labels=metric.labels)
            known = _counts if metric.kind == "counter" else _gauges
            for labels, value in list(known.get(metric, {}).items()):
                family.add_metric([scrub(label) for label in labels], value)
            yield family


def table() -> str:
    """Return the catalogue as a Markdown table, as the documentation holds it."""
    lines = ["| metric | labels | tells |", "| --- | --- | --- |"]
    for metric in CATALOGUE:
        name = PREFIX + metric.name + ("_total" if metric.kind == "counter" else "")
        lines.append(f"| `{name}` | {', '.join(f'`{label}`' for label in metric.labels)} | {metric.help} |")
    return "\n".join(lines)
