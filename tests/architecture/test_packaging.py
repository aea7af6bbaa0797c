"""What is shipped: the files that the package needs beside its code, and the image that runs it."""

from __future__ import annotations

import json
import re
import tomllib
from fnmatch import fnmatch
from importlib.resources import files
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "connector"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

BESIDE_THE_CODE = [
    "py.typed",
    "cli/demo.toml",
    "settings/example.toml",
    "sandbox/bookings/ATTRIBUTION.md",
    "sandbox/bookings/extract.csv.gz",
    "sandbox/mews/contract.json",
    "sandbox/mews/templates/guest.html",
    "sandbox/mews/templates/guests.html",
    "sandbox/mews/templates/layout.html",
    "store/migrations/script.py.mako",
    "store/migrations/versions/0001_first.py",
    "web/openapi.json",
    "web/static/console.css",
    "web/static/htmx.LICENSE.txt",
    "web/static/htmx.min.js",
    "web/static/icon.svg",
    "web/templates/arrivals.html",
    "web/templates/award.html",
    "web/templates/award_piece.html",
    "web/templates/case.html",
    "web/templates/claim.html",
    "web/templates/configuration.html",
    "web/templates/cursors.html",
    "web/templates/done.html",
    "web/templates/fault.html",
    "web/templates/grant.html",
    "web/templates/layout.html",
    "web/templates/log.html",
    "web/templates/login.html",
    "web/templates/message.html",
    "web/templates/overview.html",
    "web/templates/people.html",
    "web/templates/pieces.html",
    "web/templates/plan.html",
    "web/templates/proposals.html",
    "web/templates/runs.html",
    "web/templates/stay.html",
    "web/templates/stays.html",
    "web/templates/suspense.html",
]


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile's instructions with their arguments, each on one line."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, " ".join(rest.split())) for word, _, rest in (line.partition(" ") for line in lines)]


DOCKERFILE = instructions()
STAGES = [position for position, (word, _) in enumerate(DOCKERFILE) if word == "FROM"]
BUILD, IMAGE = DOCKERFILE[: STAGES[-1]], DOCKERFILE[STAGES[-1] :]


def of(stage: list[tuple[str, str]], word: str) -> list[str]:
    """Return the arguments of an instruction in a stage."""
    return [rest for each, rest in stage if each == word]


@pytest.mark.parametrize("path", BESIDE_THE_CODE)
def test_a_file_beside_the_code_is_in_the_package(path: str) -> None:
    assert files("connector").joinpath(path).is_file()


def test_nothing_that_is_shipped_is_ignored_by_git_and_so_by_the_build() -> None:
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split()]
    shipped = [file.relative_to(ROOT) for file in PACKAGE.rglob("*") if "__pycache__" not in file.parts]

    assert [file for file in shipped if any(fnmatch(part, each) for part in file.parts for each in ignored)] == []


def test_the_image_has_two_stages_of_one_pinned_python() -> None:
    pinned = re.compile(r"python:3\.1\d\.\d+-slim-[a-z]+")
    images = [rest.partition(" ")[0] for word, rest in DOCKERFILE if word == "FROM"]

    assert len(images) == 2
    assert len(set(images)) == 1
    assert all(pinned.fullmatch(image) for image in images)


def test_the_image_is_installed_from_the_lock_file() -> None:
    installing = [rest for rest in of(BUILD, "RUN") if rest.startswith("uv sync")]

    assert installing[-1].split(" && ")[0] == "uv sync --frozen --no-dev --extra otel --extra postgres --no-editable"
    assert all("--frozen --no-dev" in each for each in installing)


def test_the_bill_of_materials_lies_in_the_image() -> None:
    making = [each for rest in of(BUILD, "RUN") for each in rest.split(" && ")]
    assert "/opt/loyalty/bin/python .ci/sbom.py /opt/loyalty/sbom.cdx.json" in making
    assert "--from=build /opt/loyalty /opt/loyalty" in of(IMAGE, "COPY")
    assert "!.ci" in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()


def test_uv_stays_in_the_build_stage() -> None:
    assert [rest for _, rest in IMAGE if re.search(r"\buv\b", rest)] == []


def test_the_image_does_not_run_as_root() -> None:
    assert of(IMAGE, "USER") == ["10001"]


@pytest.mark.parametrize("word", ["ENTRYPOINT", "CMD"])
def test_a_signal_reaches_the_daemon_because_no_shell_is_between(word: str) -> None:
    (rest,) = of(IMAGE, word)

    assert isinstance(json.loads(rest), list)


def test_the_image_checks_its_health_by_our_own_command() -> None:
    (rest,) = of(IMAGE, "HEALTHCHECK")

    assert json.loads(rest.partition("CMD ")[2]) == ["loyalty-connector", "health"]


def test_no_secret_stands_in_the_image() -> None:
    telling = re.compile("token|secret|password|credential|LOYALTY_", re.IGNORECASE)

    assert [(word, rest) for word, rest in DOCKERFILE if word in {"ARG", "ENV"} and telling.search(rest)] == []


def test_only_what_is_built_from_is_sent_to_the_builder() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()

    assert next(line for line in lines if not line.startswith("#")) == "*"
