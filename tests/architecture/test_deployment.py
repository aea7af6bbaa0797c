"""What config/deploy ships: manifests that a cluster would take, and services that get no more than they need."""

from __future__ import annotations

import copy
import json
import re
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from connector.settings import load
from connector.telemetry import metrics

DEPLOY = Path(__file__).parents[2] / "config" / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
CHAIN = KUBERNETES / "chains" / "alpenglow"
SECRETS = {
    "LOYALTY_MEWS__CLIENT_TOKEN": "a",
    "LOYALTY_MEWS__PROPERTIES__WIEN__ACCESS_TOKEN": "b",
    "LOYALTY_SCHEME__TOKEN": "c",
}


def documents(path: Path) -> list[dict[str, Any]]:
    """Return the documents of a YAML file."""
    return [each for each in yaml.safe_load_all(path.read_text(encoding="utf-8")) if each]


def built(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the manifests that a kustomization makes, by kind: resources, then patches (RFC 6902, or a deletion)."""
    (customization,) = documents(folder / "kustomization.yaml")
    found: dict[str, dict[str, Any]] = {}
    for name in customization["resources"]:
        place = folder / name
        found |= built(place) if place.is_dir() else {each["kind"]: each for each in documents(place)}
    for patch in customization.get("patches", []):
        kind = patch["target"]["kind"]
        assert found[kind]["metadata"]["name"] == patch["target"]["name"]
        if "path" not in patch:
            assert yaml.safe_load(patch["patch"])["$patch"] == "delete"
            del found[kind]
            continue
        for operation in yaml.safe_load((folder / patch["path"]).read_text(encoding="utf-8")):
            found[kind] = patched(found[kind], operation)
    return found


def patched(manifest: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """Return a manifest after one operation of a JSON patch."""
    result = copy.deepcopy(manifest)
    *parents, last = operation["path"].strip("/").split("/")
    node: Any = result
    for part in parents:
        node = node[int(part)] if isinstance(node, list) else node[part]
    key: Any = int(last) if isinstance(node, list) and last != "-" else last
    match operation["op"]:
        case "test":
            assert node[key] == operation["value"]
        case "remove":
            del node[key]
        case "add" if key == "-":
            node.append(operation["value"])
        case "add" | "replace":
            assert operation["op"] == "add" or key in node or isinstance(node, list)
            node[key] = operation["value"]
    return result


BUILDS = {"SQLite": KUBERNETES / "base", "PostgreSQL": KUBERNETES / "postgresql", "a chain": CHAIN}


@pytest.mark.parametrize("folder", BUILDS.values(), ids=BUILDS)
def test_every_manifest_is_one_that_a_cluster_takes(folder: Path) -> None:
    manifests = built(folder)

    assert {"Deployment", "Service", "NetworkPolicy", "ServiceAccount"} <= manifests.keys()
    for manifest in manifests.values():
        kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)


@pytest.mark.parametrize("folder", BUILDS.values(), ids=BUILDS)
def test_a_pod_gets_no_more_than_it_needs(folder: Path) -> None:
    pod = built(folder)["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]

    assert pod["enableServiceLinks"] is False
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsUser"] == 10001
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {volume["name"] for volume in pod["volumes"]} == {mount["name"] for mount in container["volumeMounts"]}


@pytest.mark.parametrize("folder", BUILDS.values(), ids=BUILDS)
def test_probes_ask_the_daemon_itself(folder: Path) -> None:
    (container,) = built(folder)["Deployment"]["spec"]["template"]["spec"]["containers"]

    assert container["livenessProbe"]["httpGet"] == {"path": "/livez", "port": "web"}
    assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "web"}
    assert container["startupProbe"]["periodSeconds"] * container["startupProbe"]["failureThreshold"] >= 300


def test_sqlite_has_one_replica_whose_end_the_next_awaits() -> None:
    manifests = built(KUBERNETES / "base")
    spec = manifests["Deployment"]["spec"]

    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    assert manifests["PersistentVolumeClaim"]["spec"]["accessModes"] == ["ReadWriteOncePod"]


def test_on_postgresql_two_instances_share_the_work_and_keep_nothing() -> None:
    manifests = built(KUBERNETES / "postgresql")
    spec = manifests["Deployment"]["spec"]
    pod = spec["template"]["spec"]

    assert "PersistentVolumeClaim" not in manifests
    assert spec["replicas"] == 2
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert [volume for volume in pod["volumes"] if "persistentVolumeClaim" in volume] == []
    assert "LOYALTY_DATABASE__URL" not in {each["name"] for each in pod["containers"][0]["env"]}
    assert {"ports": [{"protocol": "TCP", "port": 5432}]} in manifests["NetworkPolicy"]["spec"]["egress"]


def test_the_configuration_of_the_chain_is_valid() -> None:
    settings = load(CHAIN / "connector.toml", SECRETS)

    assert settings.chain.name == "Alpenglow Hotels"


COMPOSE = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text(encoding="utf-8"))
INSTANCES = ("connector", "first", "second")


@pytest.mark.parametrize("name", INSTANCES)
def test_a_composed_service_gets_no_more_than_it_needs(name: str) -> None:
    service = COMPOSE["services"][name]

    assert (service["read_only"], service["cap_drop"], service["init"]) == (True, ["ALL"], True)
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert all(volume.endswith(":ro") or volume.startswith("data:") for volume in service["volumes"])


def test_a_composition_is_one_instance_and_with_the_profile_two() -> None:
    of_profile = {name for name, each in COMPOSE["services"].items() if each.get("profiles") == ["postgres"]}

    assert COMPOSE["services"].keys() - of_profile == {"connector"}
    assert of_profile == {"first", "second", "postgres"}
    assert all(not volume.startswith("data:") for name in ("first", "second") for volume in _volumes(name))


def _volumes(name: str) -> list[str]:
    volumes: list[str] = COMPOSE["services"][name]["volumes"]
    return volumes


def test_the_image_tells_the_port_that_the_deployments_use() -> None:
    dockerfile = (DEPLOY.parents[1] / "Dockerfile").read_text(encoding="utf-8")

    assert re.findall(r"^EXPOSE (\d+)$", dockerfile, re.MULTILINE) == ["8080"]
    assert all(port.endswith(":8080") for name in INSTANCES for port in COMPOSE["services"][name]["ports"])
    assert json.dumps(built(KUBERNETES / "base")).count("0.0.0.0:8080") == 1


def unit(name: str) -> ConfigParser:
    """Return a unit file; of a key that stands there twice, the last."""
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys have capitals
    parser.read_string((DEPLOY / "systemd" / name).read_text(encoding="utf-8"))
    return parser


def test_the_unit_is_told_of_the_daemon_and_lets_it_drain() -> None:
    service = unit("loyalty-connector@.service")["Service"]

    assert service["Type"] == "notify"
    assert service["ExecStart"].endswith("--config /etc/loyalty/%i/connector.toml run")
    assert service["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert service["RestartPreventExitStatus"] == "2"
    assert "ExecStartPre" not in service, "its exit code would not prevent a restart"
    assert int(service["TimeoutStopSec"]) > 10


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("DynamicUser", "yes"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateDevices", "yes"),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
        ("SystemCallArchitectures", "native"),
    ],
)
def test_the_unit_is_hardened(key: str, value: str) -> None:
    assert unit("loyalty-connector@.service")["Service"][key] == value


def test_the_units_secrets_are_credentials_by_the_names_that_the_settings_have() -> None:
    text = (DEPLOY / "systemd" / "secrets.conf").read_text(encoding="utf-8")
    credentials = re.findall(r"^LoadCredential=(\w+):(\S+)$", text, re.MULTILINE)

    assert "mews__client_token" in dict(credentials)
    assert all(path == f"/etc/loyalty/alpenglow/secrets/{name}" for name, path in credentials)


RULES = yaml.safe_load((DEPLOY / "prometheus" / "rules.yaml").read_text(encoding="utf-8"))["groups"][0]["rules"]
DASHBOARD = json.loads((DEPLOY / "grafana" / "loyalty-connector.json").read_text(encoding="utf-8"))
EXPRESSIONS = [each["expr"] for each in RULES] + [
    target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]
]
SHOWN = {f"{metrics.PREFIX}{each.name}{'_total' * (each.kind == 'counter')}": each for each in metrics.CATALOGUE}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_rules_and_dashboard_ask_for_metrics_that_there_are_by_labels_that_they_have(expression: str) -> None:
    asked = re.findall(r"(loyalty_\w+)(?:\{([^}]*)\})?", expression)

    for name, labels in asked:
        named = set(re.findall(r"(\w+)[!=]", labels)) - {"chain"}
        assert named <= set(SHOWN[name].labels)


def test_every_rule_says_what_is_wrong_and_what_to_do() -> None:
    assert all({"summary", "description"} <= each["annotations"].keys() for each in RULES)
    assert len({each["alert"] for each in RULES}) == len(RULES)
