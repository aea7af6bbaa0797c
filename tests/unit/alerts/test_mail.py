from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connector.alerts import Mail
from connector.alerts.mail import Server
from connector.errors import Lost, Permanent
from connector.ports.notices import Notice
from tests.unit.alerts.post_office import PostOffice, post_office

NOTICE = Notice(
    "incident.opened", "Höchste Zeit", "Der Speicher ist voll.\nMake room.", datetime(2026, 11, 28, tzinfo=UTC)
)


def mail(office: PostOffice, user: str = "") -> Mail:
    """Return mail by that post office, which is on this machine."""
    server = Server("127.0.0.1", office.port, "none", user, "a password" if user else "")
    return Mail(server, "Alpenglow", "loyalty@hotel.example", ["it@hotel.example", "night@hotel.example"])


async def test_a_notice_is_one_mail_to_everybody() -> None:
    async with post_office() as office:
        await mail(office).tell(NOTICE)

    (text,) = office.mails
    assert "Subject: [Alpenglow]" in text
    assert "Make room." in text
    assert "Auto-Submitted: auto-generated" in text
    assert office.recipients == ["it@hotel.example", "night@hotel.example"]
    assert office.users == []


async def test_a_user_logs_in() -> None:
    async with post_office() as office:
        await mail(office, "connector").tell(NOTICE)

    assert office.users == ["connector a password"]


@pytest.mark.parametrize(
    ("command", "answer", "error"),
    [
        ("MAIL", "451 later", Lost),
        ("MAIL", "550 never", Permanent),
        ("RCPT", "550 unknown", Permanent),
        ("DATA", "554 no", Permanent),
        ("AUTH", "535 no", Permanent),
    ],
)
async def test_what_the_server_refuses_is_told_without_addresses(
    command: str, answer: str, error: type[Exception]
) -> None:
    async with post_office(**{command: answer}) as office:
        with pytest.raises(error, match=r"^alerts: ") as caught:
            await mail(office, "connector").tell(NOTICE)

    assert "hotel.example" not in str(caught.value)
    assert office.mails == []


async def test_a_server_that_is_not_there_is_tried_again_later() -> None:
    with pytest.raises(Lost, match="no mail could be sent"):
        await mail(PostOffice(port=9)).tell(NOTICE)


async def test_a_server_that_cannot_protect_the_connection_gets_nothing() -> None:
    async with post_office() as office:
        server = Server("127.0.0.1", office.port, "starttls")
        with pytest.raises(Lost):
            await Mail(server, "Alpenglow", "a@hotel.example", ["b@hotel.example"]).tell(NOTICE)

    assert office.mails == []
