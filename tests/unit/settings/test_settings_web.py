"""``[web]``: where to listen, who may log in, and whether that fits."""

from __future__ import annotations

import pytest

from connector.settings import warnings
from tests.unit.settings.settings_files import SMALL, Files

WEB = f"{SMALL}[web]\n"
TOKEN = "a-token-of-sixteen-or-more"
ANNA = {"LOYALTY_WEB__OPERATORS__ANNA__TOKEN": TOKEN}


def told(files: Files, text: str, environ: dict[str, str] | None = None) -> list[str]:
    """Return what is warned of about ``[web]``, without the place."""
    return [each.split("web.", 1)[1] for each in warnings(files.load(text, environ)) if ": web." in each]


@pytest.mark.parametrize(
    "place", ["off", "127.0.0.1:8080", "localhost:0", "[::]:8080", "0.0.0.0:80", "loyalty.example.com:65535"]
)
def test_a_place_to_listen_is_read(files: Files, place: str) -> None:
    assert files.load(f'{WEB}listen = "{place}"').web.listen == place


@pytest.mark.parametrize(
    "place",
    [
        *("", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "::1:8080", "a b:80"),
        *("http://127.0.0.1:80", "me@host:80", "host:80/x", "a..b:80", "OFF"),
    ],
)
def test_what_is_no_place_to_listen_is_a_fault(files: Files, place: str) -> None:
    (line,) = files.faults(f'{WEB}listen = "{place}"')

    assert line.startswith("connector.toml: web.listen: ")
    assert line.endswith('; expected "off", or host and port like "127.0.0.1:8080"')


def test_nothing_is_listened_on_by_default(files: Files) -> None:
    assert files.load(SMALL).web.listen == "off"


def test_proxies_are_addresses_or_networks(files: Files) -> None:
    web = files.load(f'{WEB}proxy_header = "X-User"\nproxy_addresses = ["10.0.0.7", "10.1.0.0/16", "::1"]').web
    assert web.proxy_addresses == ("10.0.0.7/32", "10.1.0.0/16", "::1/128")

    (line,) = files.faults(f'{WEB}proxy_addresses = ["proxy.example.com"]')
    assert line.startswith('connector.toml: web.proxy_addresses[0]: "proxy.example.com" is neither an address nor a')


def test_a_header_is_a_header(files: Files) -> None:
    (line,) = files.faults(f'{WEB}proxy_header = "X User"\nproxy_addresses = ["10.0.0.7"]')

    assert line == 'connector.toml: web.proxy_header: "X User" is not a header; expected a name like "X-Forwarded-User"'


def test_a_header_that_nobody_is_believed_is_a_fault(files: Files) -> None:
    (line,) = files.faults(f'{WEB}proxy_header = "X-Forwarded-User"')

    assert line.startswith("connector.toml: web.proxy_addresses: is empty, so that nobody's header is believed")


def test_tokens_are_secrets_of_their_own(files: Files) -> None:
    text = f"{WEB}[web.operators.anna]\n[web.operators.otto]\n"
    (line,) = files.faults(text, ANNA | {"LOYALTY_WEB__OPERATORS__OTTO__TOKEN": TOKEN})

    assert line == (
        "LOYALTY_WEB__OPERATORS__OTTO__TOKEN: is the same as web.operators.anna.token; expected a token of its own"
    )
    assert TOKEN not in line


def test_a_token_is_of_no_use_without_its_table(files: Files) -> None:
    (line,) = files.faults(WEB, ANNA)

    assert line.startswith("LOYALTY_WEB__OPERATORS__ANNA__TOKEN: ")


def test_the_admin_is_no_table(files: Files) -> None:
    (line,) = files.faults(f"{WEB}[web.operators.admin]")

    assert line == "connector.toml: web.operators.admin: is the operator of web.admin_token; expected another name"


def test_a_proxy_means_one_person(files: Files) -> None:
    (line,) = files.faults(f'{WEB}[web.operators.anna]\n[web.operators.berta]\nlogin = "anna"')

    assert line.startswith("connector.toml: web.operators.berta.login: is how the proxy calls anna already")


def test_a_console_that_fits_is_not_warned_of(files: Files) -> None:
    text = (
        f'{WEB}listen = "127.0.0.1:8080"\nsecond_person_above = 1000\n'
        '[web.operators.anna]\nrole = "approve"\n[web.operators.otto]\nrole = "operate"\n'
    )

    assert told(files, text, ANNA | {"LOYALTY_WEB__OPERATORS__OTTO__TOKEN": f"{TOKEN}2"}) == []


def test_what_opens_nothing_or_is_weak_is_warned_of(files: Files) -> None:
    assert told(files, WEB, {"LOYALTY_WEB__ADMIN_TOKEN": TOKEN}) == [
        'listen: is "off", so that admin_token opens nothing'
    ]
    listening = f'{WEB}listen = "127.0.0.1:8080"\n'
    (weak,) = told(files, listening, {"LOYALTY_WEB__ADMIN_TOKEN": "short"})
    assert weak.startswith("admin_token: has less than 16 characters")
    (barred,) = told(files, f"{listening}[web.operators.anna]")
    assert barred.startswith("operators.anna: has neither a token nor a proxy")


def test_two_persons_are_needed_where_a_second_one_is_asked_for(files: Files) -> None:
    text = f'{WEB}listen = "127.0.0.1:8080"\nsecond_person_above = 1000\n'

    (alone,) = told(files, text, {"LOYALTY_WEB__ADMIN_TOKEN": TOKEN})

    assert alone.startswith("second_person_above: needs one who acts and another person with role approve")
