from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.telemetry.logging import configure
from connector.telemetry.redact import forget, register

ADDRESS, NUMBER, SECRET = "anna.muster@example.com", "992001234567894", "s3cret-of-the-house"
PLANTED = f"{ADDRESS} {NUMBER} {SECRET}"
RESERVATION = "3edbe1b4-6739-40b7-81b3-d369d9469c48"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def untouched_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    register(SECRET)
    yield
    forget(SECRET)
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def stream() -> io.StringIO:
    stream = io.StringIO()
    configure("json", "INFO", stream)
    return stream


def written(stream: io.StringIO) -> dict[str, object]:
    event = json.loads(stream.getvalue())
    assert isinstance(event, dict)
    return event


def assert_clean(text: str) -> None:
    for planted in (ADDRESS, "example.com", NUMBER, NUMBER[:-4], SECRET):
        assert planted not in text


def fail(words: str) -> None:
    raise ValueError(words)


def fail_deeply(words: str) -> None:
    local_copy = words  # a traceback with local variables would show it
    try:
        fail(local_copy)
    except ValueError as error:
        raise KeyError(f"outer {words}") from error


def test_an_event_is_one_line_of_json(stream: io.StringIO) -> None:
    structlog.get_logger("connector.jobs").info("pass done", reservation=RESERVATION, read=3)
    event = written(stream)
    assert event.pop("timestamp")
    assert event == {
        "event": "pass done",
        "level": "info",
        "logger": "connector.jobs",
        "reservation": RESERVATION,
        "read": 3,
    }


def test_nested_values_are_redacted(stream: io.StringIO) -> None:
    request = {"AccessToken": "abc", "Customers": [{"Note": PLANTED}]}
    structlog.get_logger().info(f"sent {PLANTED}", request=request)
    assert_clean(stream.getvalue())
    assert written(stream)["request"] == {
        "AccessToken": "[redacted]",
        "Customers": [{"Note": "[e-mail] …7894 [redacted]"}],
    }


def test_records_of_libraries_are_redacted(stream: io.StringIO) -> None:
    logging.getLogger("some.library").warning("got %s and %r", PLANTED, {"number": PLANTED})
    assert_clean(stream.getvalue())
    assert (written(stream)["logger"], written(stream)["level"]) == ("some.library", "warning")


@pytest.mark.parametrize("foreign", [False, True])
def test_tracebacks_are_redacted_with_their_causes(stream: io.StringIO, foreign: bool) -> None:
    try:
        fail_deeply(PLANTED)
    except KeyError:
        if foreign:
            logging.getLogger("some.library").exception("failed")
        else:
            structlog.get_logger().exception("failed")
    assert_clean(stream.getvalue())
    text = str(written(stream)["exception"])
    assert "fail_deeply" in text
    assert "ValueError: [e-mail] …7894 [redacted]" in text


def test_bound_context_is_redacted(stream: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(guest=PLANTED):
        structlog.get_logger().info("x")
    assert_clean(stream.getvalue())


def test_a_record_that_cannot_be_formatted_shows_no_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    configure("json", "INFO", stream)  # here, so that pytest's own handler does not format the record
    logging.getLogger("some.library").error("%d guests", PLANTED)
    output = stream.getvalue() + "".join(capsys.readouterr())
    assert_clean(output)
    assert "a log record of some.library" in output


def test_lower_levels_are_left_out(stream: io.StringIO) -> None:
    structlog.get_logger().debug("x")
    logging.getLogger("some.library").debug("x")
    assert stream.getvalue() == ""


def test_chatty_libraries_are_quiet_even_when_we_are_not() -> None:
    stream = io.StringIO()
    configure("json", "DEBUG", stream)
    for name in ("httpx", "httpcore.http11", "aiosqlite"):
        logging.getLogger(name).info("GET https://x.test/?secret")
    assert stream.getvalue() == ""
    structlog.get_logger().debug("ours")
    assert written(stream)["event"] == "ours"


@pytest.mark.parametrize(("kind", "as_json"), [(io.StringIO, True), (Terminal, False)])
def test_auto_is_json_unless_a_person_is_watching(kind: type[io.StringIO], as_json: bool) -> None:
    stream = kind()
    configure("auto", "INFO", stream)
    structlog.get_logger().info("hello")
    assert stream.getvalue().startswith("{") is as_json


def test_the_console_is_redacted_too() -> None:
    stream = io.StringIO()
    configure("console", "INFO", stream)
    try:
        fail_deeply(PLANTED)
    except KeyError:
        structlog.get_logger().exception(PLANTED, guest={"note": PLANTED})
    assert_clean(stream.getvalue())
    assert "fail_deeply" in stream.getvalue()


def test_configuring_again_replaces_the_handler(stream: io.StringIO) -> None:
    later = io.StringIO()
    configure("json", "INFO", later)
    structlog.get_logger().info("x")
    assert (stream.getvalue(), len(later.getvalue().splitlines())) == ("", 1)


def test_logs_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    configure("json")
    structlog.get_logger().info("x")
    output = capsys.readouterr()
    assert (output.out, json.loads(output.err)["event"]) == ("", "x")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    address=st.emails(),
    number=st.lists(st.sampled_from("0123456789"), min_size=9, max_size=19).map("".join),
    words=st.text(st.characters(blacklist_categories=["Cs", "Nd"]), max_size=10),
)
def test_nothing_planted_is_ever_written(stream: io.StringIO, address: str, number: str, words: str) -> None:
    stream.seek(0)
    stream.truncate()
    planted = f"{words} {address} {words}{number}"
    structlog.get_logger().info(planted, deep=[{"x": (planted,)}])
    logging.getLogger("some.library").warning("%s", planted)
    try:
        fail_deeply(planted)
    except KeyError:
        structlog.get_logger().exception("failed")
    for line in stream.getvalue().splitlines():
        texts = json.dumps({**json.loads(line), "timestamp": ""}, ensure_ascii=False)
        assert address not in texts
        assert number not in texts


def test_a_start_that_is_left_out_is_not_told_by_the_scheduler_each_time(stream: io.StringIO) -> None:
    logging.getLogger("apscheduler.scheduler").warning("skipped: maximum number of running instances reached (1)")
    logging.getLogger("apscheduler.executors.default").warning("Run time of a job was missed")
    assert "maximum" not in stream.getvalue()
    assert "missed" in stream.getvalue()
