"""What people are told about one kind of case."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remedy:
    """``title`` names what is wrong in a few words, ``means`` explains it, ``advice`` is what a person does.

    ``told``: the text of each such case says what to do as well.
    """

    title: str
    means: str
    advice: str
    told: bool = False
