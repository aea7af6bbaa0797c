"""How an export writes its file, as far as the file does not tell it itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Encoding = Literal["auto", "utf-8", "utf-16", "windows-1252"]
Delimiter = Literal["auto", ",", ";", "\t"]
Control = Literal["none", "line", "sidecar"]


@dataclass(frozen=True, slots=True)
class Form:
    """The form that a file must have; "auto" is told by its first bytes and by its header.

    ``control`` says where its export states how much it wrote: nowhere, in the last line, in a file beside it.
    """

    encoding: Encoding = "auto"
    delimiter: Delimiter = "auto"
    control: Control = "none"
