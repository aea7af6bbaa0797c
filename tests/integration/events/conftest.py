"""Mews's front desk, the partner, and somebody who listens."""

from __future__ import annotations

from tests.integration.earning.conftest import at_uplyft, books, desk, engine

__all__ = ["at_uplyft", "books", "desk", "engine"]
