"""Notices by mail, over the standard library's SMTP in a thread of its own."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Literal

from connector.errors import Lost, Permanent
from connector.ports.notices import Notice

_SECONDS = 30  # for each step


@dataclass(frozen=True, slots=True)
class Server:
    """The server that takes the mail; ``none`` is for this machine only.

    ``authorities`` is a file with those who are believed, in place of those whom this machine believes.
    """

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    user: str = ""
    password: str = ""
    authorities: str = ""


class Mail:
    """Sends every notice as plain text to all recipients at once."""

    name = "mail"

    def __init__(self, server: Server, chain: str, sender: str, recipients: Sequence[str]) -> None:
        self._server, self._chain = server, chain
        self._sender, self._recipients = sender, recipients

    async def tell(self, notice: Notice) -> None:
        """Send it; raises Permanent for what the server refuses for good, Lost for everything else."""
        message = EmailMessage()
        message["Subject"] = f"[{self._chain}] {notice.title}"
        message["From"], message["To"] = self._sender, ", ".join(self._recipients)
        message["Date"] = format_datetime(notice.at)
        message["Message-ID"] = make_msgid(domain="loyalty-connector.invalid")
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(notice.text)
        try:
            await asyncio.to_thread(self._send, message)
        except smtplib.SMTPAuthenticationError as error:
            raise Permanent(f"alerts: the mail server refuses the user ({error.smtp_code})") from None
        except smtplib.SMTPResponseException as error:
            kind = Permanent if error.smtp_code >= 500 else Lost
            raise kind(f"alerts: the mail server answered {error.smtp_code}") from None
        except smtplib.SMTPRecipientsRefused:
            raise Permanent("alerts: the mail server takes none of alerts.mail.to") from None
        except (smtplib.SMTPException, OSError) as error:
            raise Lost(f"alerts: no mail could be sent ({type(error).__name__})") from None

    def _send(self, message: EmailMessage) -> None:
        server = self._server
        context = ssl.create_default_context(cafile=server.authorities or None)
        connection: smtplib.SMTP
        if server.security == "tls":
            connection = smtplib.SMTP_SSL(server.host, server.port, timeout=_SECONDS, context=context)
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=_SECONDS)
        with connection:
            if server.security == "starttls":
                connection.starttls(context=context)
            if server.user:
                connection.login(server.user, server.password)
            connection.send_message(message)
