"""What is installed is the wheel: the same bytes wherever it is built, whole, and at work without the working tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from tests.acceptance.road import ROOT

#: Two places that differ in all that must not matter: time, zone, language, who may read, when files were written.
PLACES = {
    "first": {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"},
    "second place": {"TZ": "Pacific/Auckland", "LC_ALL": "POSIX", "PYTHONHASHSEED": "2"},
}
COMMIT = "1767225600"  # a moment, as SOURCE_DATE_EPOCH says it


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Build in both places; return the folders with what came out."""
    home, built = tmp_path_factory.mktemp("builds"), {}
    for place, variables in PLACES.items():
        tree = home / place
        for name in tracked():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, tree / name)  # neither its mode nor its time
            (tree / name).chmod(0o644 if place == "first" else 0o600)
        built[place] = home / f"{place} dist"
        subprocess.run(
            ["uv", "build", "--quiet", "--out-dir", built[place]],
            cwd=tree,
            env=os.environ | variables | {"SOURCE_DATE_EPOCH": COMMIT},
            umask=0o022 if place == "first" else 0o077,
            check=True,
        )
    return built


def tracked(*folders: str) -> list[str]:
    """Return what belongs to the project, in the working tree."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *folders]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return [name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


def wheel(folder: Path) -> Path:
    """Return the wheel in a folder."""
    (found,) = folder.glob("*.whl")
    return found


@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_the_same_tree_gives_the_same_bytes_wherever_and_whenever_it_is_built(
    built: dict[str, Path], kind: str
) -> None:
    digests = {sha256(next(folder.glob(kind)).read_bytes()).hexdigest() for folder in built.values()}

    assert len(digests) == 1


def test_the_wheel_holds_the_package_and_nothing_else(built: dict[str, Path]) -> None:
    with zipfile.ZipFile(wheel(built["first"])) as archive:
        names = archive.namelist()
    (about,) = {name.partition("/")[0] for name in names if not name.startswith("connector/")}

    assert about.endswith(".dist-info")
    assert {name for name in names if name.startswith("connector/")} == {*tracked("connector")} - {
        "connector/README.md"
    }
    assert {name.partition("/")[2] for name in names if name.startswith(about)} == {
        *("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    }


def test_the_installed_wheel_works_without_the_working_tree(built: dict[str, Path], tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    subprocess.run(
        [ROOT / ".ci" / "install", installed, wheel(built["first"])],
        env=os.environ | {"PYTHON": sys.executable},
        check=True,
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LOYALTY_", "PYTHON"))}

    def said(*words: str | Path, expected: int = 0) -> str:
        done = subprocess.run(words, cwd=elsewhere, env=clean, capture_output=True, text=True, check=False)
        assert done.returncode == expected, (words, done.stdout, done.stderr)
        return done.stdout + done.stderr

    command = installed / "bin" / "loyalty-connector"
    assert said(command, "--version").startswith("loyalty-connector ")
    assert "Usage: loyalty-connector" in said(command, "--help")
    said(command, "config", "init")
    missing = said(command, "config", "check", expected=2)
    assert "mews.client_token" in missing
    assert "Traceback" not in missing
    origin = "import connector.sandbox.serve, connector.store.migrations as m; print(m.__file__)"
    assert Path(said(installed / "bin" / "python", "-P", "-c", origin).strip()).is_relative_to(installed)
