"""Whether the ways to other systems can be gone: every file is there, and a certificate has its key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as File

from connector.settings.faults import Fault
from connector.settings.keys import Path, Tables, table_at
from connector.settings.values import shown

FILES = ("ca_file", "client_certificate", "client_key")
_PAIR = (("client_certificate", "client_key"), ("client_key", "client_certificate"))
_NEEDED = (*_PAIR, ("proxy_credentials", "proxy"))
_READABLE = "expected a file that this user may read"
_PEM = "certificates in PEM form"


def connections(tables: Tables) -> Iterator[tuple[Path, Tables]]:
    """Yield every table of a connection with where it stands."""
    partners = tables.get("partners")
    names = partners if isinstance(partners, dict) else ()
    places: list[Path] = [("mews",), ("scheme",), ("alerts",), *(("partners", name) for name in names)]
    for place in places:
        path = (*place, "connection")
        if (table := table_at(tables, path)) is not None:
            yield path, table


def faults(tables: Tables, directory: str) -> Iterator[Fault]:
    """Yield a fault for what cannot be used; relative files are taken from ``directory``."""
    for path, table in connections(tables):
        for name, needed in _NEEDED:
            if name in table and needed not in table:
                yield Fault((*path, needed), f"is missing, and {name} is of no use without it; expected both or none")
        files = {name: File(directory) / table[name] for name in FILES if _is_file(table.get(name))}
        wrong = [Fault((*path, name), text) for name, file in files.items() if (text := _unreadable(file))]
        yield from wrong or _unusable(path, files)


def _is_file(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _unreadable(file: File) -> str:
    try:
        with file.open("rb"):
            return ""
    except (OSError, ValueError) as error:
        return f"{shown(file.name)} cannot be read ({getattr(error, 'strerror', error)}); {_READABLE}"


def _unusable(path: Path, files: dict[str, File]) -> Iterator[Fault]:
    import ssl  # here, because most configurations need none of it

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if "ca_file" in files:
            context.load_verify_locations(files["ca_file"])
    except ssl.SSLError:
        yield Fault((*path, "ca_file"), f"{shown(files['ca_file'].name)} has no certificates; expected {_PEM}")
    try:
        if "client_certificate" in files and "client_key" in files:
            context.load_cert_chain(files["client_certificate"], files["client_key"], password="")
    except ssl.SSLError as error:
        what = "is not the key of client_certificate" if "MISMATCH" in str(error.reason) else "cannot be loaded with it"
        yield Fault(
            (*path, "client_key"), f"{what}; expected a certificate and its own key in PEM form, without a passphrase"
        )
