"""How a system is reached where the usual way does not do: a proxy, and certificates of one's own."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from connector.settings.addresses import ProxyAddress
from connector.settings.section import Section
from connector.settings.values import File, Word, fault

_CREDENTIALS = re.compile(r"[^:\s][^:]*:.+")


def _credentials(value: SecretStr) -> SecretStr:
    if not _CREDENTIALS.fullmatch(value.get_secret_value()):
        raise fault("the credentials are not of this form", "user and password with a colon between them")
    return value


class Connection(Section):
    """How this system is reached, its token endpoint too; proxies and certificates of the environment do not count.

    TLS is verified always.
    """

    proxy: ProxyAddress | None = Field(
        None, description="Proxy that connects to the system, such as http://proxy.example.com:3128; absent: none."
    )
    ca_file: File | None = Field(
        None, description="Certificates (PEM) of those who are believed, in place of the well-known authorities."
    )
    client_certificate: File | None = Field(
        None, description="Certificate (PEM, with its chain) that is shown to a server that wants one."
    )
    client_key: File | None = Field(
        None, description="Its private key (PEM, without a passphrase), in a file that nobody else can read."
    )
    proxy_credentials: Annotated[SecretStr, AfterValidator(_credentials), Word("secret")] | None = Field(
        None, description="User and password for the proxy, with a colon between them."
    )
