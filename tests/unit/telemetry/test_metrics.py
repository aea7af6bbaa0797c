"""What Prometheus reads, and what never stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from connector.telemetry import metrics
from connector.telemetry.metrics import CATALOGUE, PREFIX, Metric
from connector.telemetry.redact import forget, register

REFERENCE = Path(__file__).parents[3] / "config" / "README.md"
LABELS = {
    *("job_name", "outcome", "system", "property", "partner", "state", "kind", "stream"),
    *("version", "revision"),
}


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    metrics.forget()
    yield
    metrics.forget()


def samples() -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    text = metrics.exposition()[0].decode()
    families = text_string_to_metric_families(text)
    return {(each.name, frozenset(each.labels.items())): each.value for one in families for each in one.samples}


def sample(name: str, **labels: str) -> float | None:
    return samples().get((PREFIX + name, frozenset(labels.items())))


def test_a_counter_grows_for_each_set_of_labels() -> None:
    for outcome in ("ok", "ok", "failed"):
        metrics.count(metrics.RUNS, "align", outcome)
    metrics.count(metrics.RUN_SECONDS, "align", by=2.5)
    assert sample("job_runs_total", job_name="align", outcome="ok") == 2
    assert sample("job_runs_total", job_name="align", outcome="failed") == 1
    assert sample("job_run_seconds_total", job_name="align") == 2.5


def test_a_gauge_shows_the_last_look_and_nothing_of_those_before() -> None:
    metrics.show(metrics.MESSAGES, {("air_miles", "ready"): 3})
    metrics.show(metrics.MESSAGES, {("air_miles", "credited"): 3})
    assert sample("messages", partner="air_miles", state="credited") == 3
    assert sample("messages", partner="air_miles", state="ready") is None


def test_the_process_tells_its_memory_and_nothing_of_other_registries() -> None:
    found = {name for name, _ in samples()}
    assert "process_resident_memory_bytes" in found
    assert {name for name in found if not name.startswith((PREFIX, "process_"))} == set()


def test_the_page_says_what_it_is() -> None:
    assert metrics.exposition()[1].startswith("text/plain; version=0.0.4")


def test_labels_are_those_that_cannot_name_a_person() -> None:
    assert {label for metric in CATALOGUE for label in metric.labels} == LABELS


def test_the_catalogue_names_every_metric_once() -> None:
    defined = [each for each in vars(metrics).values() if isinstance(each, Metric)]
    assert sorted(CATALOGUE, key=lambda each: each.name) == sorted(defined, key=lambda each: each.name)


def test_the_table_in_the_documentation_is_that_of_the_catalogue() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    _, _, rest = text.partition("<!-- metrics -->\n")
    assert rest.partition("\n<!-- end -->")[0] == metrics.table()


@given(st.emails(), st.integers(10**8, 10**17), st.text(st.characters(codec="utf-8"), max_size=10))
def test_what_slips_into_a_label_is_redacted_and_the_page_stays_readable(address: str, number: int, noise: str) -> None:
    secret = "s3cret-of-the-house"
    register(secret)
    try:
        metrics.forget()
        metrics.count(metrics.RUNS, f"{noise} {address} {secret}", f"{noise} {number}")
        page = metrics.exposition()[0].decode()
    finally:
        forget(secret)
    assert address not in page
    assert secret not in page
    assert re.search(r"job_runs_total\{[^\n]*\d{9}", page) is None
    assert sum(name == f"{PREFIX}job_runs_total" for name, _ in samples()) == 1
