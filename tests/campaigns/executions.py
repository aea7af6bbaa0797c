"""Runs the domain's own tests against its mutants, each in a process forked from one that has collected the tests.

A fault inside a function is put into the function that the tests hold already. One that counts while the module is
imported (a constant, a default, what an imported function computed) needs the module and the tests afresh.
A process of its own runs this, a verdict a line: ``python -m tests.campaigns.executions [MODULE…] [--sample N]``.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FunctionType

import coverage
import hypothesis
import pytest

from tests.campaigns.loader import Faulty
from tests.campaigns.operators import Mutant, mutants, mutated

ROOT = Path(__file__).parents[2]
DOMAIN = ROOT / "connector" / "domain"
TESTS = (
    "tests/unit/domain",
    "tests/property/test_earning_properties.py",
    "tests/property/test_alignment_is_idempotent.py",
    "tests/property/test_programs_converge.py",
)
ARGUMENTS = (
    *("-o", "addopts=", "-o", "timeout=0", "--import-mode=importlib", "--noconftest", "--tb=no", "-x", "-q"),
    *("-p", "no:randomly", "-p", "no:xdist", "-p", "no:schemathesis", "-p", "no:cacheprovider"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
KILLED, SURVIVED = 1, 0
_SLOW = 0.2  # seconds of a test that is not run for a constant of a module that it does not run
_OUT = os.dup(1)  # where verdicts go, while pytest is not heard
_ENOUGH = 4 << 30  # bytes that a mutant may take before it counts as found


@dataclass(slots=True)
class Knowledge:
    """What one run of all tests shows: who runs which line (by file), what an import runs, and who takes how long."""

    lines: dict[str, dict[int, set[str]]] = field(default_factory=dict)
    imported: dict[str, set[int]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def tests(self, file: str, lines: Collection[int] | None = None) -> list[str]:
        """Return the tests of these lines, the fastest first; without lines those of the file, then all others."""
        known = self.lines.get(file, {})
        found = {test for line in (known if lines is None else lines) for test in known.get(line, ())}
        others = {test for test, seconds in self.seconds.items() if lines is None and seconds < _SLOW} - found
        return [test for tests in (found, others) for test in sorted(tests, key=self.seconds.__getitem__)]


@dataclass
class Collected:
    """The plugin of the process that forks: instead of running the tests once it judges the mutants."""

    chosen: Sequence[Mutant]
    tracer: coverage.Coverage

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.tracer.stop()
        known = self._learnt(session)
        for mutant in self.chosen:
            _say({"name": mutant.name, "verdict": _judge(session, known, mutant)})
        return True

    def _learnt(self, session: pytest.Session) -> Knowledge:
        read, write = os.pipe()
        if (child := os.fork()) == 0:
            os.close(read)
            known = _observed(session, self.tracer)
            with os.fdopen(write, "wb") as pipe:
                pipe.write(repr((known.lines, known.imported, known.seconds)).encode())
            os._exit(0)
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            told = pipe.read().decode()
        if os.waitpid(child, 0)[1]:
            raise RuntimeError("the tests do not pass on the code as it is")
        return Knowledge(*eval(told, {"__builtins__": {}, "set": set}))  # noqa: S307 what our own child wrote


@dataclass
class Chosen:
    """The plugin of a process that collects afresh: it keeps the tests that matter, the fastest first."""

    tests: Sequence[str]

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        rank = {test: place for place, test in enumerate(self.tests)}
        items[:] = sorted((item for item in items if item.nodeid in rank), key=lambda item: rank[item.nodeid])


def _observed(session: pytest.Session, tracer: coverage.Coverage) -> Knowledge:
    known = Knowledge()
    tracer.start()
    for item, after in _pairs(session.items):
        tracer.switch_context(item.nodeid)
        began = time.process_time()
        item.ihook.pytest_runtest_protocol(item=item, nextitem=after)
        known.seconds[item.nodeid] = time.process_time() - began
        if session.testsfailed:
            os._exit(KILLED)
    tracer.stop()
    data = tracer.get_data()
    for file in data.measured_files():
        rows = known.lines[file] = {}
        for line, contexts in data.contexts_by_lineno(file).items():
            rows[line] = set(contexts) - {""}
            if "" in contexts:
                known.imported.setdefault(file, set()).add(line)
    return known


def _judge(session: pytest.Session, known: Knowledge, mutant: Mutant) -> str:
    place = ROOT / Path(*mutant.module.split("."))
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    cold = not known.imported.get(str(file), set()).isdisjoint(mutant.lines)
    tests = known.tests(str(file), None if cold else mutant.lines)
    if not tests:
        return "uncovered"
    code, seconds = (
        mutated(file.read_text(), str(file), mutant),
        int(10 + 5 * sum(map(known.seconds.__getitem__, tests))),
    )
    if cold:
        return _verdict(lambda: _afresh(mutant.module, code, tests), seconds)
    chosen = {item.nodeid: item for item in session.items}
    return _verdict(lambda: _in_place(session, code, [chosen[test] for test in tests]), seconds)


def _verdict(run: Callable[[], int], seconds: int) -> str:
    """Fork, run, and tell what became of it; a mutant that takes too long or too much was found out as well."""
    if (child := os.fork()) == 0:
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
            resource.setrlimit(resource.RLIMIT_AS, (_ENOUGH, _ENOUGH))
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            os._exit(run())
        finally:
            os._exit(KILLED)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return "killed by its limit"
    return "survived" if os.WEXITSTATUS(status) == SURVIVED else "killed"


def _in_place(session: pytest.Session, code: CodeType, items: Sequence[pytest.Item]) -> int:
    faulty = {(each.co_qualname, each.co_firstlineno): each for each in _codes(code)}
    for function in [each for each in gc.get_objects() if isinstance(each, FunctionType)]:
        known = function.__code__
        if known.co_filename == code.co_filename and (known.co_qualname, known.co_firstlineno) in faulty:
            function.__code__ = faulty[known.co_qualname, known.co_firstlineno]
    for item, after in _pairs(items):
        item.ihook.pytest_runtest_protocol(item=item, nextitem=after)
        if session.testsfailed:
            return KILLED
    return SURVIVED


def _afresh(module: str, code: CodeType, tests: Sequence[str]) -> int:
    for name in [each for each in sys.modules if each.split(".")[0] in {"connector", "tests"}]:
        del sys.modules[name]
    sys.meta_path.insert(0, Faulty(module, code))
    files = sorted({test.split("::")[0] for test in tests})
    return SURVIVED if pytest.main([*ARGUMENTS, *files], plugins=[Chosen(tests)]) == pytest.ExitCode.OK else KILLED


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _codes(each)


def _pairs(items: Sequence[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    return zip(items, [*items[1:], None], strict=True)


def _say(line: Mapping[str, str]) -> None:
    os.write(_OUT, json.dumps(line).encode() + b"\n")


def faults(modules: Collection[str] = ()) -> list[Mutant]:
    """Return all mutants of the domain, or of some of its modules, in an order that favours none."""
    found: list[Mutant] = []
    for file in sorted(DOMAIN.rglob("*.py")):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if not modules or module.removeprefix("connector.domain.") in modules:
            found += mutants(module, file.read_text())
    return sorted(found, key=lambda mutant: hashlib.sha256(mutant.name.encode()).digest())


def main(words: Sequence[str]) -> int:
    """Judge the mutants of the domain, or of some modules: all, or so many of them."""
    wanted = argparse.ArgumentParser()
    wanted.add_argument("modules", nargs="*")
    wanted.add_argument("--sample", type=int)
    wanted.add_argument("--tests", nargs="+", default=TESTS)
    given = wanted.parse_args(words)
    chosen = faults(given.modules)[: given.sample]
    os.chdir(ROOT)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    hypothesis.settings.register_profile(
        "mutants",
        max_examples=25,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.settings.load_profile("mutants")
    tracer = coverage.Coverage(data_file=None, source=[str(DOMAIN)], config_file=False)
    tracer.start()
    return int(pytest.main([*ARGUMENTS, *given.tests], plugins=[Collected(chosen, tracer)]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
