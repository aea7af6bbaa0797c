"""Certificates of a made-up authority, and a server that shows one of them: what a wrong one must never be told."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from connector.http.route import Route

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True, slots=True)
class Authority:
    """Signs certificates in a folder; which processes trust it is said by ``trusted``."""

    home: Path

    def __post_init__(self) -> None:
        """Make its own certificate."""
        self.home.mkdir(parents=True, exist_ok=True)
        self._openssl("req", "-x509", *_KEY, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Ours")

    def certificate(self, name: str, host: str, *, days: int = 2, own: bool = True) -> ssl.SSLContext:
        """Return the context of a server with a certificate for ``host``; of no days: it has expired."""
        words = ("req", "-new", *_KEY, "-keyout", f"{name}.key", "-subj", f"/CN={name}")
        alternative = f"subjectAltName={host}"
        if own:
            (self.home / f"{name}.ext").write_text(alternative)
            self._openssl(*words, "-out", f"{name}.csr")
            signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", f"{name}.ext")
            self._openssl("x509", "-req", "-in", f"{name}.csr", *signing, "-days", str(days), "-out", f"{name}.pem")
        else:
            self._openssl(*words, "-x509", "-out", f"{name}.pem", "-days", "2", "-addext", alternative)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.home / f"{name}.pem", self.home / f"{name}.key")
        return context

    @contextmanager
    def trusted(self) -> Iterator[None]:
        """Let the requests of this process trust this authority and no other."""
        context = ssl.create_default_context(cafile=str(self.home / "ca.pem"))
        with patch.object(Route, "tls", lambda _: context):
            yield

    def _openssl(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.home, check=True, capture_output=True)


@dataclass(slots=True)
class Shown:
    """A server that shows a certificate; ``heard`` are the bytes that it was told after that."""

    url: str
    heard: bytearray = field(default_factory=bytearray)


@contextmanager
def showing(context: ssl.SSLContext) -> Iterator[Shown]:
    """Serve a certificate to whoever connects, and nothing else."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        shown = Shown(f"https://127.0.0.1:{listening.getsockname()[1]}")

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
                        shown.heard += secured.recv(65536)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield shown
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(5)
