"""The configuration file: where it is, and what it says."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from connector.errors import Misconfigured
from connector.settings.keys import Path as Place
from connector.settings.keys import Tables, key

_DEEPEST = 20  # the settings have far fewer
_POSITION = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")


def find(path: Path | None, environ: Mapping[str, str]) -> Path:
    """Return the file to read, absolute: the one named, else LOYALTY_CONFIG, else ./connector.toml."""
    return Path(path or environ.get("LOYALTY_CONFIG") or "connector.toml").absolute()


def read(file: Path) -> Tables:
    """Read the tables of a TOML file. Raises Misconfigured when it cannot be read or is no TOML."""
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise Misconfigured(_absent(file)) from None
    except OSError as error:
        raise Misconfigured(f"{file}: cannot be read ({error.strerror}); expected a readable file") from None
    except UnicodeDecodeError:
        raise Misconfigured(f"{file.name}: is not UTF-8; expected a TOML file in UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise Misconfigured(_syntax(file, str(error))) from None
    if faults := dict.fromkeys(f"{file.name}: {key(path)}: {what}" for path, what in _unfit(tables, ())):
        raise Misconfigured(*faults)
    return tables


def _unfit(value: object, path: Place) -> Iterator[tuple[Place, str]]:
    """Yield where there is what nobody can take, and what it is: no database and no path takes NUL."""
    if len(path) > _DEEPEST:
        yield path[:3], f"holds more than {_DEEPEST} tables within tables; expected fewer"
    elif isinstance(value, str) and "\0" in value:
        yield path, "holds the character NUL; expected text"
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _unfit(name, (*path, name))
            yield from _unfit(each, (*path, name))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _unfit(each, (*path, number))


def _absent(file: Path) -> str:
    return (
        f"{file}: does not exist; expected a configuration file "
        '(name one with --config or LOYALTY_CONFIG, or write one with "loyalty-connector config init")'
    )


def _syntax(file: Path, message: str) -> str:
    position = _POSITION.search(message)
    line = (position["line"] or "the last line") if position else "unknown"
    what = message[: position.start()] if position else message
    place = f"line {line}" if line.isdigit() else line
    return f"{file.name}: {place}: {what[:1].lower()}{what[1:]}; expected TOML"
