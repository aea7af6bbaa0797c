"""The figures of this process for Prometheus."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Info, generate_latest

from connector import __version__

REGISTRY = CollectorRegistry()
_build = Info("loyalty_build", "The version that runs.", registry=REGISTRY)
_build.info({"version": __version__})


def exposition() -> tuple[bytes, str]:
    """Return the figures as text, and its media type."""
    return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
