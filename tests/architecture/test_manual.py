"""The manual of operations names what is there: its own sections, settings, commands and lines of the log."""

from __future__ import annotations

import ast
import re
from itertools import takewhile
from pathlib import Path

import pytest
from pydantic import BaseModel

from connector.settings import AirMilesPartner, LufthansaPartner, QiibeePartner, UplyftPartner
from tests.architecture.test_readme import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "config/README.md", "connector/README.md"]
MANUAL = (ROOT / "config" / "README.md").read_text(encoding="utf-8")
LINK = re.compile(r"\]\((?!https?:)([^)#]*)#([^)]+)\)")


def anchors(page: Path) -> set[str]:
    """Return what links into a page may name: its headings, as GitHub writes them."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in found}


def section(heading: str) -> str:
    """Return what stands below a heading of the manual, as far as the next one."""
    _, found, rest = MANUAL.partition(f"\n{heading}\n")
    assert found, heading
    return "\n".join(takewhile(lambda line: not re.match("##+ ", line), rest.splitlines()))


def words(text: str) -> list[str]:
    """Return what a text has in code marks."""
    return re.findall("`([^`]+)`", text)


def keys(model: type[BaseModel]) -> set[str]:
    """Return the keys of a partner and of the tables below it."""
    found = set(model.model_fields)
    for name in ("earn", "offers"):
        for below in (model.model_fields[name].annotation,) if name in model.model_fields else ():
            found |= {key for each in _models(below) for key in each.model_fields}
    return found


def _models(annotation: object) -> list[type[BaseModel]]:
    inner = getattr(annotation, "__args__", ())
    mine = [annotation] if isinstance(annotation, type) and issubclass(annotation, BaseModel) else []
    return [*mine, *(model for each in inner for model in _models(each))]


@pytest.mark.parametrize("text", PAGES)
def test_every_link_into_a_page_finds_its_heading(text: str) -> None:
    page = ROOT / text
    links = LINK.findall(page.read_text(encoding="utf-8"))

    lost = [link for link in links if link[1] not in anchors(page.parent / link[0] if link[0] else page)]
    assert lost == []


def test_the_contents_of_the_manual_name_every_chapter() -> None:
    named = re.findall(r"\[([^\]]+)\]\(#", section("## Contents"))
    chapters = re.findall("^## (.+)$", MANUAL, re.MULTILINE)

    assert set(chapters) - {"Contents"} - set(named) == set()


@pytest.mark.parametrize(
    ("heading", "model"),
    [
        ("Every partner:", UplyftPartner),
        ("Uplyft:", UplyftPartner),
        ("qiibee:", QiibeePartner),
        ("Miles & More's own Earn service:", LufthansaPartner),
        ("AIR MILES:", AirMilesPartner),
    ],
)
def test_the_answer_to_a_question_has_a_setting(heading: str, model: type[BaseModel]) -> None:
    _, _, rest = section("### What to ask each partner").partition(f"{heading}\n\n")
    rows = [line.split("|")[2] for line in takewhile(bool, rest.splitlines())][2:]
    named = [word for cell in rows for word in words(cell) if re.fullmatch("[a-z_]+", word)]

    assert len(rows) > 4
    assert set(named) - keys(model) == {"doctor", "true", "false"} & set(named)


def test_the_commands_of_a_day_exist() -> None:
    shown = [word for word in words(section("## A day with the connector")) if word.split()[0] in _firsts()]

    assert len(shown) > 12
    assert [word for word in shown if not any(f"{word} ".startswith(f"{name} ") for name in COMMANDS)] == []


def _firsts() -> set[str]:
    return {name.split()[0] for name in COMMANDS}


def test_each_line_of_the_log_that_is_explained_is_written_at_that_level() -> None:
    _, _, rest = MANUAL.partition("<!-- log -->\n")
    rows = re.findall(r"^\| (\w+) \| `([^`]+)` \|", rest.partition("<!-- end -->")[0], re.MULTILINE)

    assert len(rows) > 15
    assert set(rows) - _written() == set()


def _written() -> set[tuple[str, str]]:
    found = set()
    for file in (ROOT / "connector").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("_log.") and node.args:
                level = ast.unparse(node.func).removeprefix("_log.").replace("exception", "error")
                found |= {(level, str(each.value)) for each in node.args[:1] if isinstance(each, ast.Constant)}
    return found
