from __future__ import annotations

from pathlib import Path

import pytest

from connector.bootstrap.routes import route
from connector.http.route import Route
from connector.settings import rows
from connector.telemetry.redact import redact
from tests.campaigns.authority import Authority
from tests.unit.settings.settings_files import AIR, SMALL, Files

PEM = "expected a certificate and its own key in PEM form, without a passphrase"
PLACE = "connector.toml: partners.air.connection"
CREDENTIALS = "LOYALTY_PARTNERS__AIR__CONNECTION__PROXY_CREDENTIALS"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority(tmp_path_factory.mktemp("authority"))
    for name in ("hotel", "other"):
        made.certificate(name, "DNS:hotel.test")
    return made


@pytest.fixture
def given(files: Files, authority: Authority) -> Files:
    """A folder with certificates beside the configuration."""
    for name in ("ca.pem", "hotel.pem", "hotel.key", "other.key"):
        (files.directory / name).write_bytes((authority.home / name).read_bytes())
    return files


def connection(*lines: str) -> str:
    return SMALL + AIR + "\n".join(("[partners.air.connection]", *lines, ""))


def certified(certificate: str = "hotel.pem", key: str = "hotel.key") -> str:
    return connection(f'client_certificate = "{certificate}"', f'client_key = "{key}"')


class TestAWay:
    def test_is_straight_without_a_table(self, files: Files) -> None:
        settings = files.load(SMALL + AIR)
        assert route(settings.partners["air"].connection) == route(settings.mews.connection) == Route()

    def test_is_what_the_table_says_from_where_the_file_lies(self, given: Files) -> None:
        lines = ('ca_file = "ca.pem"', 'client_certificate = "hotel.pem"', 'client_key = "hotel.key"')
        text = connection(*lines, 'proxy = "http://proxy.test:3128/"')
        partner = given.load(text, {CREDENTIALS: "hotel:open:sesame"}).partners["air"]
        ca, certificate, key = (str(given.directory / name) for name in ("ca.pem", "hotel.pem", "hotel.key"))
        assert route(partner.connection) == Route(
            ca, certificate, key, "http://proxy.test:3128", "hotel", "open:sesame"
        )

    @pytest.mark.parametrize("scheme", ['kind = "http"\nurl = "https://crm.test"', 'kind = "qiibee"'])
    def test_leads_to_mews_and_to_the_scheme_too(self, files: Files, scheme: str) -> None:
        tables = f'[mews.connection]\nproxy = "https://one.test"\n[scheme]\nprogram = "MM"\n{scheme}\n'
        text = f'{SMALL}{tables}[scheme.connection]\nproxy = "https://two.test"\n'
        settings = files.load(text, {"LOYALTY_SCHEME__API_KEY": "a-key"} if "qiibee" in scheme else {})
        assert route(settings.mews.connection).proxy == "https://one.test"
        assert route(getattr(settings.scheme, "connection", None)).proxy == "https://two.test"

    def test_leads_to_those_who_are_told(self, given: Files) -> None:
        text = f'{SMALL}[alerts.connection]\nproxy = "http://proxy.test:3128"\nca_file = "ca.pem"\n'
        ca = str(given.directory / "ca.pem")
        assert route(given.load(text).alerts.connection) == Route(ca, proxy="http://proxy.test:3128")
        (fault,) = given.faults(text.replace("ca.pem", "nowhere.pem"))
        assert fault.startswith('connector.toml: alerts.connection.ca_file: "nowhere.pem" cannot be read')

    def test_may_come_from_the_environment_in_part(self, files: Files) -> None:
        environ = {"LOYALTY_PARTNERS__AIR__CONNECTION__PROXY": "http://proxy.test:3128"}
        assert route(files.load(connection(), environ).partners["air"].connection).proxy == "http://proxy.test:3128"


class TestCredentials:
    def test_are_shown_nowhere(self, files: Files) -> None:
        text = connection('proxy = "http://proxy.test:3128"')
        settings = files.load(text, {CREDENTIALS: "hotel:open-sesame"})
        shown = {row.key: row.value for row in rows(settings)}
        assert shown["partners.air.connection.proxy_credentials"] == "set"
        assert shown["partners.air.connection.proxy"] == "http://proxy.test:3128"
        assert "sesame" not in repr(shown) + repr(route(settings.partners["air"].connection))
        assert "sesame" not in str(redact({"event": "407 for open-sesame"}))

    def test_without_a_colon_are_refused_and_not_repeated(self, files: Files) -> None:
        text = connection('proxy = "http://proxy.test:3128"')
        assert files.faults(text, {CREDENTIALS: "open-sesame"}) == [
            f"{CREDENTIALS}: the credentials are not of this form; expected user and password with a colon between them"
        ]

    def test_in_the_address_are_refused(self, files: Files) -> None:
        assert files.faults(connection('proxy = "http://hotel:open-sesame@proxy.test:3128"')) == [
            f"{PLACE}.proxy: holds a user name or a password; "
            "expected an address without credentials (proxy_credentials is a secret)"
        ]

    def test_without_a_proxy_are_of_no_use(self, files: Files) -> None:
        assert files.faults(connection(), {CREDENTIALS: "hotel:open-sesame"}) == [
            f"{PLACE}.proxy: is missing, and proxy_credentials is of no use without it; expected both or none"
        ]


@pytest.mark.parametrize("proxy", ["proxy.test:3128", "socks5://proxy.test", "http://proxy.test/path", "http://", ""])
def test_what_is_no_address_of_a_proxy_is_refused(files: Files, proxy: str) -> None:
    (fault,) = files.faults(connection(f'proxy = "{proxy}"'))
    assert fault.endswith('expected an address like "http://proxy.example.com:3128"')


class TestFiles:
    @pytest.mark.parametrize(
        ("line", "missing"),
        [('client_certificate = "hotel.pem"', "client_key"), ('client_key = "hotel.key"', "client_certificate")],
    )
    def test_a_certificate_and_its_key_go_together(self, given: Files, line: str, missing: str) -> None:
        (fault,) = given.faults(connection(line))
        assert fault.startswith(f"{PLACE}.{missing}: is missing, and ")

    @pytest.mark.parametrize("name", ["ca_file", "client_certificate", "client_key"])
    def test_that_are_not_there_are_told_with_their_place(self, given: Files, name: str) -> None:
        lines = {"client_certificate": "hotel.pem", "client_key": "hotel.key"} | {name: "nowhere.pem"}
        assert given.faults(connection(*(f'{key} = "{file}"' for key, file in lines.items()))) == [
            f'{PLACE}.{name}: "nowhere.pem" cannot be read (No such file or directory); '
            "expected a file that this user may read"
        ]

    def test_without_certificates_are_refused(self, given: Files) -> None:
        (fault,) = given.faults(connection('ca_file = "hotel.key"'))
        assert fault.endswith('"hotel.key" has no certificates; expected certificates in PEM form')

    @pytest.mark.parametrize(
        ("certificate", "key", "what"),
        [
            ("hotel.pem", "other.key", "is not the key of client_certificate"),
            ("hotel.pem", "hotel.pem", "cannot be loaded with it"),
            ("hotel.key", "hotel.key", "cannot be loaded with it"),
        ],
    )
    def test_that_do_not_fit_each_other_are_refused(self, given: Files, certificate: str, key: str, what: str) -> None:
        assert given.faults(certified(certificate, key)) == [f"{PLACE}.client_key: {what}; {PEM}"]

    def test_with_a_passphrase_are_refused_and_nobody_is_asked_for_it(self, given: Files, authority: Authority) -> None:
        words = ("pkey", "-in", "hotel.key", "-aes256", "-passout", "pass:sesame", "-out", "locked.key")
        authority._openssl(*words)
        (given.directory / "locked.key").write_bytes((authority.home / "locked.key").read_bytes())
        assert given.faults(certified(key="locked.key")) == [f"{PLACE}.client_key: cannot be loaded with it; {PEM}"]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)
