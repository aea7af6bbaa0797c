"""Write the bill of materials: the product and every locked run-time package, and nothing else (CycloneDX 1.6, JSON).

Run as ``python .ci/sbom.py FILE`` by a Python that has the packages installed: their metadata tells the licences. The
same lock file gives the same bytes; a time stands in it only when SOURCE_DATE_EPOCH is set. Exit 1 when a licence is
not among those that .ci/supply.toml allows.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
EXPORT = "uv export --frozen --no-dev --all-extras --quiet --preview-features sbom-export --format cyclonedx1.5"

Licences = Mapping[str, Any]


def main(file: str) -> int:
    """Write the bill and tell the licences."""
    licences = tomllib.loads((ROOT / ".ci" / "supply.toml").read_text(encoding="utf-8"))["licences"]
    bill = made(_locked(), licences)
    Path(file).write_text(json.dumps(bill, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    counted = Counter(each["licenses"][0]["expression"] for each in bill["components"])
    print(f"{len(bill['components'])} packages: {', '.join(f'{n} x {name}' for name, n in counted.most_common())}")
    faults = list(refused(bill, licences))
    for fault in faults:
        print(fault, file=sys.stderr)
    return int(bool(faults))


def _locked() -> dict[str, Any]:
    """Return what uv says about the lock file."""
    done = subprocess.run(EXPORT.split(), cwd=ROOT, stdout=subprocess.PIPE, check=True)
    exported: dict[str, Any] = json.loads(done.stdout)
    return exported


def made(exported: Mapping[str, Any], licences: Licences) -> dict[str, Any]:
    """Return the bill: names instead of numbers, licences, and nothing that differs from run to run."""
    product = exported["metadata"]["component"]
    purls = {each["bom-ref"]: each["purl"] for each in exported["components"]}
    purls[product["bom-ref"]] = f"pkg:pypi/{product['name']}@{product['version']}"
    described = {
        "type": "application",
        "bom-ref": purls[product["bom-ref"]],
        "name": product["name"],
        "version": product["version"],
        "purl": purls[product["bom-ref"]],
        "licenses": [{"expression": licence_of(product["name"], licences)}],
    }
    components = [
        {**each, "bom-ref": each["purl"], "licenses": [{"expression": licence_of(each["name"], licences)}]}
        for each in exported["components"]
    ]
    dependencies = [
        {"ref": purls[each["ref"]], "dependsOn": sorted(purls[other] for other in each.get("dependsOn", []))}
        for each in exported["dependencies"]
    ]
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {**_moment(), "component": described},
        "components": sorted(components, key=lambda each: each["purl"]),
        "dependencies": sorted(dependencies, key=lambda each: each["ref"]),
    }
    # the number of a bill is to be its own: it follows from what stands in it
    return {**bill, "serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(bill, sort_keys=True)).urn}


def _moment() -> dict[str, str]:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return {"timestamp": f"{datetime.fromtimestamp(int(epoch), UTC):%Y-%m-%dT%H:%M:%SZ}"} if epoch else {}


def licence_of(package: str, licences: Licences) -> str:
    """Return the SPDX expression of a package, or "unknown"."""
    if package in licences["stated"]:
        return str(licences["stated"][package])
    try:
        told = metadata.metadata(package)
    except metadata.PackageNotFoundError:
        return "unknown"
    return told.get("License-Expression") or told.get("License") or "unknown"


def refused(bill: Mapping[str, Any], licences: Licences) -> Iterator[str]:
    """Yield a sentence on each package whose licence is not allowed."""
    excepted = {(each["package"], each["licence"]) for each in licences.get("exceptions", [])}
    for each in bill["components"]:
        licence = each["licenses"][0]["expression"]
        if not allowed(licence, set(licences["allowed"])) and (each["name"], licence) not in excepted:
            yield f"{each['name']} {each['version']}: licence {licence!r} is not allowed; see .ci/supply.toml"


def allowed(expression: str, licences: set[str]) -> bool:
    """Tell whether an SPDX expression can be met: one of its alternatives, each licence of it; brackets are unknown."""
    return any(all(part.strip() in licences for part in each.split(" AND ")) for each in expression.split(" OR "))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
