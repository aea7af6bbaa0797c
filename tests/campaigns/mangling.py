"""Valid documents, spoilt: by what they mean (types, fields, numbers, texts) and by how they are written (bytes).

Every choice is made by ``choose(n)``, which returns 0 to n-1: a test that shrinks, a seed, or a guided fuzzer.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable
from typing import Any

Choose = Callable[[int], int]

ODD_TEXTS = (
    *("", " ", "\\u0000", "a\\u0000b", "\\ud800", "\\udfff x", "x\\ud83d", "\\ufeff", "\\u202e", "\\r\\n", "\\t;,"),
    *("A" * 70_000, "9" * 5000, "-1", "1e9", "NaN", "Infinity", "0x10", "٣", "½", "1_000", "+5", " 7 ", "1.5", "true"),
    *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59", "2026-02-30", "2026-13-01T00:00:00Z", "12:00"),
    *("2026-06-30T23:59:60Z", "2026-W05-1", "0000-00-00", "4111 1111 1111 1111", "<b>", "%s%n", "{0}", "../../x", "'"),
    *("P9999999999999Y", "P1D", "-P1D", "Europe/Nowhere", "../etc/passwd", "=1+1", "null", "https://[::1", "//x"),
)
ODD_VALUES = (
    *("null", "true", "false", "0", "-1", "1", "5.0", "1.5", "1e2", "1e400", "-1e400", "1e9999999", "1e-9999999"),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775809", "2147483648", "9" * 30, "9" * 5000),
    *("NaN", "Infinity", "-Infinity", "-0", "[]", "{}", "[[]]", "[null]", "[1]", '["a"]', '{"a":1}', '{"":""}', "01"),
    *("[" * 40 + "]" * 40, "[" * 900 + "]" * 900, '{"a":' * 960 + "1" + "}" * 960, "[" * 20_000 + "]" * 20_000),
    *('{"Id":5}', "", "x", '"unclosed', "/**/1"),
)
_ODD_TOML = (
    *('""', "'''x'''", "0", "-1", "1.5", "inf", "nan", "true", "[]", "{}", "1979-05-27", "07:32:00", "9" * 30, "0x1F"),
    *('"\\u0000"', '"a\\u0000b"', '"\\n"', '"' + "A" * 9000 + '"', "1979-05-27T07:32:00Z", "[[[]]]", '"5m"', '"-1h"'),
    *("[1, 'a']", "{ a = 1 }", '"99999999999d"', "9" * 5000, "[" * 300 + "]" * 300, "1e400", '"1e9999999"', '"٣"', "x"),
    *('"https://user:pass@host"', '"http://a b"', '"https://[::1"', '"sqlite:///\\u0000"', '"é"', '"\\ud800"', '"/"'),
)
_ODD_CELLS = (
    *("", " ", '"', '""', '"unclosed', 'a"b', "\0", "A" * 140_000, "9" * 5000, "-1", "1e9", "NaN", "٣", "²", "1.5"),
    *("2026-02-30", "0001-01-01", "9999-12-31", "4111111111111111", "é", "\u202e", "\ufeff", "=1+1", ",", ";", "\t"),
    *('"a\nb"', "\r", "\x85", "\u2028", "#rows=3", "+7", "--7", "1,000", "x" * 300),
)
_CELL = re.compile(r"([,;\t])")
_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE)


class Pairs(list[tuple[str, Any]]):
    """An object of JSON as its pairs, so that a name may stand twice."""


class Raw(str):
    """Something written as it stands."""

    __slots__ = ()


def spoilt(document: bytes, form: str, choose: Choose) -> bytes:
    """Return a document with one to four faults in what it says, and at times one in how it is written."""
    for _ in range(1 + choose(4)):
        document = _of_form(document, form, choose)
    return _of_bytes(document, choose) if choose(4) == 0 else document


def _of_form(document: bytes, form: str, choose: Choose) -> bytes:
    try:
        text = document.decode()
    except UnicodeDecodeError:
        return _of_bytes(document, choose)
    if form == "json":
        return _of_json(text, choose)
    if form in {"toml", "lines"}:
        return _of_lines(text, form, choose)
    return _of_bytes(document, choose)


def _of_json(text: str, choose: Choose) -> bytes:
    try:
        root = [json.loads(text, object_pairs_hook=Pairs, parse_float=Raw, parse_int=Raw, parse_constant=Raw)]
        places = [(holder, index) for holder in _holders(root) for index in range(len(holder))]
        holder, index = places[choose(len(places))]
        _change(holder, index, choose)
        return "".join(map(_written, root)).encode("utf-8", "replace")
    except (ValueError, RecursionError):  # no JSON any more, or too deep for more of it
        return _of_bytes(text.encode(errors="replace"), choose)


def _holders(root: list[Any]) -> list[list[Any]]:
    found = [root]
    for holder in found:
        found += [each for each in _inner(holder) if isinstance(each, list)]
    return found


def _inner(holder: list[Any]) -> list[Any]:
    return [each[1] for each in holder] if isinstance(holder, Pairs) else holder


def _change(holder: list[Any], index: int, choose: Choose) -> None:
    odd = Raw(_pick(ODD_VALUES, choose)) if choose(2) else Raw(f'"{_pick(ODD_TEXTS, choose)}"')
    name = holder[index][0] if isinstance(holder, Pairs) else None
    match choose(6):
        case 0:
            del holder[index]
        case 1:
            holder.append(holder[index])
        case 2 if name is not None:
            holder[index] = (_pick((name.swapcase(), f"{name} ", "", "Id", "__proto__"), choose), holder[index][1])
        case 3 if name is not None:
            holder.insert(index, (name, odd))
        case _:
            holder[index] = odd if name is None else (name, odd)


def _written(node: Any) -> str:
    if isinstance(node, Raw):
        return str(node)
    if isinstance(node, Pairs):
        return "{" + ",".join(f"{json.dumps(name)}:{_written(each)}" for name, each in node) + "}"
    if isinstance(node, list):
        return "[" + ",".join(map(_written, node)) + "]"
    return json.dumps(node)


def _of_lines(text: str, form: str, choose: Choose) -> bytes:
    lines = text.split("\n")
    place = choose(len(lines))
    match choose(6):
        case 0:
            del lines[place]
        case 1:
            lines.insert(choose(len(lines)), lines[place])
        case 2:
            lines[place] = lines[place][: choose(len(lines[place]) + 1)]
        case _ if form == "toml":
            lines[place] = f"{lines[place].partition('=')[0]}= {_pick(_ODD_TOML, choose)}"
        case _:
            parts = _CELL.split(lines[place])
            parts[2 * choose((len(parts) + 1) // 2)] = _pick(_ODD_CELLS, choose)
            lines[place] = "".join(parts)
    return "\n".join(lines).encode("utf-8", "replace")


def _of_bytes(document: bytes, choose: Choose) -> bytes:
    if choose(2):
        return _written_otherwise(document, choose)
    place = choose(len(document) + 1)
    added = (b"", bytes([choose(256)]), b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\xc3", b"\n")
    removed = _pick((0, 1, 20, len(document)), choose)
    return document[:place] + _pick(added, choose) + document[place + removed :]


def _written_otherwise(document: bytes, choose: Choose) -> bytes:
    if choose(2):
        return _BOMS[choose(len(_BOMS))] + document
    if choose(2):
        return document.replace(b"\n", _pick((b"\r\n", b"\r"), choose))
    encoding = _pick(("utf-16", "utf-16-be", "utf-32", "utf-7", "latin-1"), choose)
    return document.decode("utf-8", "replace").encode(encoding, "replace")


def _pick(options: Any, choose: Choose) -> Any:
    return options[choose(len(options))]
