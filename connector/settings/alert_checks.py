"""Whether the keys of ``[alerts.mail]`` fit each other."""

from __future__ import annotations

from collections.abc import Iterator

from connector.settings.addresses import is_loopback
from connector.settings.faults import Fault
from connector.settings.keys import Tables

_PATH = ("alerts", "mail")


def faults(mail: Tables) -> Iterator[Fault]:
    """Yield a fault for mail in the clear to another machine, and for a user without a password."""
    host = mail.get("host")
    if mail.get("security") == "none" and isinstance(host, str) and not is_loopback(host):
        text = '"none" would send in the clear to another machine; expected "starttls" or "tls"'
        yield Fault((*_PATH, "security"), text)
    if mail.get("user") and not mail.get("password"):
        yield Fault((*_PATH, "password"), "is missing; expected the secret LOYALTY_ALERTS__MAIL__PASSWORD")
