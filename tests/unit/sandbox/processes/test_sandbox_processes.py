"""The life of the sandbox's processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import httpx
import pytest

from connector.sandbox import processes, serve
from connector.sandbox.serve import Sandbox, SandboxError

A_WEEK = {"since": date(2016, 8, 1), "until": date(2016, 8, 7)}
EVENT = """mutation {
  createEvent(walletAddress: "992001234567894", baselineReward: {amount: 10, currency: milesandmore},
    businessValue: {amount: 10, currency: eur}, action: purchase, objects: [], uniqueId: "one")
}"""
SIGNED = ("sandbox-app", "sandbox-production-secret")
QIIBEE_KEY = {"X-API-KEY": "sandbox-qiibee-key"}
RUN = """
import json, sys
from pathlib import Path
from connector.sandbox.serve import SandboxOptions, run
run(SandboxOptions(Path(sys.argv[1])), lambda urls: print(json.dumps(dict(urls)), flush=True))
"""


def get(url: str) -> object:
    return httpx.get(url, timeout=5).json()


def answers(url: str) -> bool:
    host, _, port = url.removeprefix("http://").partition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True


def within(seconds: float, true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def free_ports() -> int:
    """Five free neighbours below the range from which the system itself gives out ports."""
    for base in range(20_000 + os.getpid() % 1_000 * 10, 32_000, 5):
        try:
            with ExitStack() as bound:
                for place in range(5):
                    bound.enter_context(socket.create_server(("127.0.0.1", base + place)))
        except OSError:
            continue
        return base
    raise AssertionError("no free ports")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state that was started once, so that the tests' starts are quick."""
    state = tmp_path_factory.mktemp("sandbox")
    with Sandbox(state):
        pass
    return state


@pytest.fixture
def running(state: Path) -> Iterator[subprocess.Popen[str]]:
    """``serve.run`` in a process of its own."""
    with subprocess.Popen([sys.executable, "-c", RUN, str(state)], stdout=subprocess.PIPE, text=True) as parent:
        yield parent
        if parent.poll() is None:
            parent.terminate()


def urls_of(running: subprocess.Popen[str]) -> dict[str, str]:
    assert running.stdout is not None
    return dict(json.loads(running.stdout.readline()))


class TestStarting:
    def test_five_servers_answer_until_the_sandbox_stops(self, tmp_path: Path) -> None:
        with Sandbox(tmp_path / "new", **A_WEEK) as sandbox:
            assert list(sandbox.urls) == ["mews", "uplyft", "airmiles", "qiibee", "lufthansa"]
            assert len(set(sandbox.pids.values())) == 5
            for url in sandbox.urls.values():
                assert get(f"{url}/_sandbox/faults") == {"faults": []}
            assert sandbox.members_file.read_text().startswith("member_id,")
            pids = list(sandbox.pids.values())
        assert all(ended(pid) for pid in pids)

    def test_the_next_start_has_what_the_last_one_left(self, state: Path) -> None:
        with Sandbox(state) as sandbox:
            written = sandbox.members_file.stat().st_mtime_ns
            answer = httpx.post(sandbox.urls["uplyft"], json={"query": EVENT}, auth=SIGNED)
            assert answer.json() == {"data": {"createEvent": True}}
        with Sandbox(state) as sandbox:
            assert sandbox.members_file.stat().st_mtime_ns == written
            (credit,) = httpx.get(f"{sandbox.urls['uplyft']}/_sandbox/credits").json()
            assert (credit["key"], credit["miles"]) == ("one", 10)

    def test_ports_and_faults_are_those_chosen(self, state: Path) -> None:
        base = free_ports()
        with Sandbox(state, port_base=base, faults=("uplyft:createEvent=drop",)) as sandbox:
            assert sandbox.urls["airmiles"] == f"http://127.0.0.1:{base + 2}"
            with pytest.raises(httpx.TransportError):
                httpx.post(sandbox.urls["uplyft"], json={"query": EVENT}, auth=SIGNED)
            assert get(f"{sandbox.urls['mews']}/_sandbox/faults") == {"faults": []}

    def test_the_users_of_qiibee_are_loaded_on_the_first_start_only(self, tmp_path: Path) -> None:
        users = tmp_path / "users.csv"
        for address in ("ada@alpenglow.example", "eva@alpenglow.example"):
            users.write_text(f"email,auth_id\n{address},A-1\n")
            with Sandbox(tmp_path / "new", qiibee_users=users, qiibee_answers="users=", **A_WEEK) as sandbox:
                listed = httpx.get(f"{sandbox.urls['qiibee']}/api/admin/users", headers=QIIBEE_KEY).json()
            assert [(user["auth_id"], user["email"]) for user in listed] == [("A-1", "ada@alpenglow.example")]


class TestNotStarting:
    def test_a_taken_port_is_named(self, state: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(SandboxError, match=f"mews server cannot listen on port {port}"):
                Sandbox(state, port_base=port).start()

    def test_a_missing_file_of_bookings_is_named_and_no_server_is_left(self, tmp_path: Path) -> None:
        sandbox = Sandbox(tmp_path / "new", bookings=tmp_path / "none.csv")
        with pytest.raises(SandboxError, match=r"mews server ended: .*none\.csv"):
            sandbox.start()
        assert sandbox.urls == {}

    def test_a_wrong_file_of_users_is_named_with_the_place(self, state: Path, tmp_path: Path) -> None:
        users = tmp_path / "users.csv"
        users.write_text("email\nada@alpenglow.example\nada\n")
        with pytest.raises(SandboxError, match=r"qiibee server ended: .*users\.csv: user 2: email: expected"):
            Sandbox(state, qiibee_users=users).start()

    def test_two_sandboxes_never_share_a_state(self, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(processes, "STOP_SECONDS", 0.1)
        with Sandbox(state), pytest.raises(SandboxError, match="in use by another sandbox"):
            Sandbox(state).start()


class TestStopping:
    def test_a_server_that_does_not_listen_is_killed(self, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(serve, "STOP_SECONDS", 0.5)
        with Sandbox(state) as sandbox:
            pid = sandbox.pids["uplyft"]
            os.kill(pid, signal.SIGSTOP)
        assert ended(pid)

    def test_a_server_that_ends_by_itself_is_noticed(self, state: Path) -> None:
        with Sandbox(state) as sandbox:
            sandbox.check()
            os.kill(sandbox.pids["airmiles"], signal.SIGKILL)
            assert within(5, lambda: not answers(sandbox.urls["airmiles"]))
            with pytest.raises(SandboxError, match="airmiles server ended"):
                sandbox.check()


class TestRunning:
    @pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
    def test_a_signal_ends_it_and_its_servers(self, running: subprocess.Popen[str], stop: signal.Signals) -> None:
        urls = urls_of(running)
        assert all(map(answers, urls.values()))
        running.send_signal(stop)
        assert running.wait(10) == 0
        assert not any(map(answers, urls.values()))

    def test_servers_end_with_a_killed_parent_and_leave_the_state_free(
        self, running: subprocess.Popen[str], state: Path
    ) -> None:
        urls = urls_of(running)
        running.kill()
        with Sandbox(state):
            assert not any(map(answers, urls.values()))
