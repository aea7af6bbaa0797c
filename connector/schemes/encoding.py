"""Which text the bytes of a file are: told by its byte order mark, or by the settings."""

from __future__ import annotations

import codecs

from connector.schemes.form import Encoding

EXPECTED: dict[Encoding, str] = {
    "auto": 'UTF-8, UTF-16 with its byte order mark, or another scheme.encoding than "auto"',
    "utf-8": "UTF-8, as scheme.encoding says",
    "utf-16": "UTF-16 with its byte order mark, as scheme.encoding says",
    "windows-1252": "windows-1252, as scheme.encoding says",
}

_MARKS: dict[bytes, Encoding] = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def marked(start: bytes) -> Encoding:
    """Return the encoding whose byte order mark stands at the start of a file; "auto" when there is none."""
    return next((encoding for mark, encoding in _MARKS.items() if start.startswith(mark)), "auto")


def codec(mark: Encoding, wanted: Encoding) -> str:
    """Return the codec of a file with this mark; "" when the mark, or its absence, is not that of ``wanted``.

    Without a mark UTF-16 would be read in the byte order of this machine, and a mark would be letters in windows-1252.
    """
    fits = wanted in {mark, "auto"} or (mark == "auto" and wanted != "utf-16")
    if not fits:
        return ""
    if mark == "utf-8":
        return "utf-8-sig"
    return next(one for one in (wanted, mark, "utf-8") if one != "auto")


class Utf8:
    """Tells of bytes as they pass whether they are UTF-8 with more than ASCII.

    No text in windows-1252 that somebody would write is that, so a file said to be windows-1252 was re-encoded.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._valid, self._ascii = True, True

    def see(self, passing: bytes) -> None:
        """Take the next bytes of the file."""
        self._ascii = self._ascii and passing.isascii()
        try:
            if self._valid:
                self._decoder.decode(passing)
        except UnicodeDecodeError:
            self._valid = False

    def __bool__(self) -> bool:
        return self._valid and not self._ascii
