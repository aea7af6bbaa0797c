"""Settings from the environment: ``LOYALTY_MEWS__CLIENT_TOKEN`` is ``mews.client_token``.

A name only fills in what the file's tables can hold. One that meets nothing is a fault, because a misspelt
name would otherwise be a setting that silently has no effect.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from pydantic import SecretStr

from connector.settings.keys import meant
from connector.settings.shape import Leaf

PREFIX = "LOYALTY_"
_OURS = ("LOYALTY_CONFIG", "LOYALTY_SECRETS_DIR")
# Kubernetes describes each service to every pod in these names, one that is called like the product too.
_SERVICE = re.compile(
    r"LOYALTY(_[A-Z0-9]+)*?_"
    r"(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)"
)

_READERS: dict[type, Callable[[str], object]] = {int: int, float: float, date: date.fromisoformat}


@dataclass(frozen=True, slots=True)
class Given:
    """A value that came from outside the file; ``source`` says from where."""

    path: tuple[str, ...]
    value: object
    source: str


def name_of(path: tuple[str, ...]) -> str:
    """Return the environment name of a setting."""
    return PREFIX + "__".join(path).upper()


def given(environ: Mapping[str, str], leaves: list[Leaf]) -> Iterator[Given]:
    """Yield the settings that the environment gives; an empty secret counts as absent."""
    named = {name.upper(): name for name in environ}
    for leaf in leaves:
        name = named.get(name_of(leaf.path), "")
        if name and _is_text(environ[name]) and leaf.is_scalar and not (leaf.is_secret and not environ[name]):
            yield Given(leaf.path, _typed(environ[name], leaf), f"environment {name}")


def strangers(environ: Mapping[str, str], leaves: list[Leaf], unjudged: list[tuple[str, ...]]) -> Iterator[str]:
    """Yield a fault for each name of ours that meets nothing, or whose value is not text.

    Names below ``unjudged`` tables are let be.
    """
    known = {name_of(leaf.path) for leaf in leaves if leaf.is_scalar}.union(_OURS)
    below = tuple(f"{name_of(path)}__" for path in unjudged)
    for name in sorted(environ):
        word = name.upper()
        if not word.startswith(PREFIX):
            continue
        if not _is_text(environ[name]):
            yield f"{ascii(name)[1:-1]}: is not UTF-8; expected text"
        elif word not in known and not _is_service(word) and not word.startswith(below):
            yield f"{ascii(name)[1:-1]}: {_stranger(word, known)}"


def _is_text(value: str) -> bool:
    """Tell whether a value was UTF-8: bytes that are not come as surrogates, which nothing can be done with."""
    return value.isascii() or not any("\ud800" <= each <= "\udfff" for each in value)


def _is_service(name: str) -> bool:
    return "__" not in name and _SERVICE.fullmatch(name) is not None


def _stranger(word: str, known: set[str]) -> str:
    close = meant(word, known, alike=0.85)
    hint = f"did you mean {close}?" if close else "expected the name of a setting whose table is in the file"
    return f"meets no setting that the environment can give; {hint}"


def _typed(text: str, leaf: Leaf) -> object:
    """Return the text as the type that TOML would have given; as it is when it does not read so."""
    if leaf.is_secret:
        return SecretStr(text)
    if bool in leaf.kinds:
        return {"true": True, "false": False}.get(text, text)
    read = next((_READERS[kind] for kind in leaf.kinds if kind in _READERS), str)
    try:
        return read(text)
    except ValueError:
        return text
