"""The Link header (RFC 8288): where an answer says what belongs to it."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PARAMETER = r"""\s*;\s*([\w!#$%&'*+.^`|~-]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*))?"""
_LINK = re.compile(rf"<([^>]*)>((?:{_PARAMETER})*)", re.ASCII)
_EACH = re.compile(_PARAMETER, re.ASCII)


def link_to(relation: str, header: str) -> str:
    """Return the first target with this relation, as it is written (it may be relative); "" when there is none."""
    for target, parameters in _links(header):
        # a link with an anchor speaks of something else than this answer
        if relation in parameters.get("rel", "").lower().split() and "anchor" not in parameters:
            return target
    return ""


def _links(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    for found in _LINK.finditer(header):
        parameters: dict[str, str] = {}
        for name, value in _EACH.findall(found[2]):
            parameters.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", value.strip('"')))  # the first one counts
        yield found[1].strip(), parameters
