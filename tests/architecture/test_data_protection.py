"""The written inventory of personal data is that of the code, table by table."""

from __future__ import annotations

from pathlib import Path

from connector.store.retention import KEPT, RULES
from connector.store.tables import metadata
from connector.store.traces import IMPERSONAL, TRACES

ROOT = Path(__file__).parents[2]
START, END = "<!-- inventory -->\n", "<!-- end -->"


def inventory() -> str:
    """Return the table of config/README.md: where people stand, what erasing does, and when the rest goes."""
    traces = {trace.table.name: trace for trace in TRACES}
    terms = {name: f"`{rule.name}`" for rule in RULES for name in rule.tables}
    lines = ["| table | about people | `erase` | goes by `[privacy.retention]` |", "| --- | --- | --- | --- |"]
    for name in sorted(metadata.tables):
        trace = traces.get(name)
        told = trace.title if trace else f"nobody: {IMPERSONAL[name]}"
        done = "" if trace is None else "without the person" if trace.kept else "removed"
        lines.append(f"| `{name}` | {told} | {done} | {terms.get(name) or f'no: {KEPT[name]}'} |")
    return "\n".join(lines) + "\n"


def test_the_inventory_of_the_readme_is_that_of_the_code() -> None:
    text = (ROOT / "config" / "README.md").read_text(encoding="utf-8")
    assert text.partition(START)[2].partition(END)[0] == inventory()
