"""The way to a remote system: straight or by a proxy, and which certificates are believed and shown on it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import quote

import httpx


@dataclass(frozen=True, slots=True)
class Route:
    """How a remote system is reached; nothing of it comes from the environment, and TLS is verified always.

    ``authorities`` is a file with those who are believed, in place of the well-known ones; ``certificate`` and ``key``
    are the files of a certificate of our own, for whoever asks for one. What goes to this machine without TLS goes by
    no ``proxy``; ``user`` and ``password`` are for the proxy alone.
    """

    authorities: str = ""
    certificate: str = ""
    key: str = ""
    proxy: str = ""
    user: str = ""
    password: str = field(default="", repr=False)

    def tls(self) -> ssl.SSLContext:
        """Read the certificates; those files may be others the next time."""
        if not (self.authorities or self.certificate):
            return _usual()
        context = ssl.create_default_context(cafile=self.authorities) if self.authorities else _well_known()
        if self.certificate:
            context.load_cert_chain(self.certificate, self.key, password="")  # else a person would be asked for one
        return context

    @property
    def proxy_with_credentials(self) -> str:
        """The proxy's address for a library that wants all in one."""
        kind, _, host = self.proxy.partition("://")
        return (
            f"{kind}://{quote(self.user, safe='')}:{quote(self.password, safe='')}@{host}" if self.user else self.proxy
        )

    def mounts(self, context: ssl.SSLContext) -> dict[str, httpx.AsyncBaseTransport]:
        """Return what httpx is to send by another transport than its own."""
        if not self.proxy:
            return {}
        credentials = (self.user, self.password) if self.user else None
        to_it = context if self.proxy.startswith("https:") else None
        proxy = httpx.Proxy(self.proxy, auth=credentials, ssl_context=to_it)
        return {"https://": httpx.AsyncHTTPTransport(verify=context, proxy=proxy, trust_env=False)}


@cache
def _usual() -> ssl.SSLContext:
    """Return what most connections of this process verify by; reading the certificates takes a while."""
    return _well_known()


def _well_known() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
