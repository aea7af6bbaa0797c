"""The computation that the connector's miles are compared with shares nothing with the connector."""

from __future__ import annotations

from tests.architecture.test_imports import ROOT, imports

REFERENCE = ROOT / "tests" / "reference"


def test_the_reference_imports_nothing_of_the_connector() -> None:
    files = sorted(REFERENCE.rglob("*.py"))
    assert files
    found = {module for file in files for module, _ in imports(file)}
    assert found <= {"__future__", "collections.abc", "dataclasses", "datetime", "fractions", "math"}
