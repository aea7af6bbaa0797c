"""The commented configuration file that ``config init`` writes."""

from __future__ import annotations

from importlib.resources import files


def example() -> str:
    """Return the text of the example; ``config/connector.example.toml`` is the same file."""
    return files("connector.settings").joinpath("example.toml").read_text(encoding="utf-8")
