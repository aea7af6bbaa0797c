"""Thirty-odd faults, each seeded into an installation that works: ``doctor`` names every one, and says what to do.

Faults that keep any command from starting (an unknown key, a missing secret) are told in ``tests/unit/settings``.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from connector.jobs.checkup import access, machine
from tests.campaigns.authority import Authority
from tests.integration.cli.town import Office, Town, office, town
from tests.integration.earning.chain import MEMBER

AIR_MILES = "partners.air_miles"
RULE = 'per = "1.00"'
WRONG_TOKEN = {"LOYALTY_MEWS__PROPERTIES__MONTREAL__ACCESS_TOKEN": "wrong"}
RESERVATIONS = "reservations/getAll/2023-06-06"
MOVED = '{"at": "2026-11-01T12:00:00+00:00", "by": "anna", "file": "chain.state.gz", "handed": true}'


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Two hotels with a stay each."""
    with town(tmp_path_factory.mktemp("town")) as opened:
        opened.desk.member("g1")
        opened.desk.member("g2", number=f"{MEMBER[:-1]}0")
        opened.desk.member("g4", number="99 12")
        opened.desk.guest("g3")
        for number, guest, hotel in ((1, "g1", "wien"), (2, "g3", "montreal")):
            opened.desk.stay(f"r{number}", guest, hotel)
            opened.desk.charge(f"i{number}", 200, f"r{number}", hotel)
        yield opened


@pytest.fixture(scope="module")
def sound(served: Town, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An installation that works, after its first sync; do not change it."""
    opened = office(tmp_path_factory.mktemp("office"), served)
    assert opened.run("sync", "--wait", "0s").code == 0
    return opened


@dataclass
class Case:
    """An installation to be damaged: a copy of the sound one, and its servers."""

    office: Office
    served: Town
    patch: pytest.MonkeyPatch

    def write(self, before: str, after: str) -> None:
        """Change the configuration file."""
        text = self.office.config.read_text()
        assert before in text, before
        self.office.config.write_text(text.replace(before, after))

    def tell(self, **variables: str) -> None:
        """Change the environment."""
        self.office = replace(self.office, variables={**self.office.variables, **variables})

    def sql(self, statement: str) -> None:
        """Change the database behind the connector's back."""
        with closing(sqlite3.connect(self.office.database)) as connection, connection:
            connection.execute(statement)

    def fault(self, *specs: str) -> None:
        """Let Mews answer otherwise, once each."""
        for each in specs:
            self.served.desk.fault(f"{each},times=1")


Damage = Callable[[Case], object]
CONFIGURATION, REMOTE, NOTED = 2, 4, 0


def rule(line: str) -> Damage:
    """Add a line to the rule of Miles & More."""
    return lambda case: case.write(RULE, f"{RULE}\n{line}")


def lacks(operation: str) -> Damage:
    """Take a right away from both tokens."""
    return lambda case: case.fault(f"{operation}=401", f"{operation}=401")


def without_scheme(case: Case) -> None:
    """Switch the first road off: nobody adds programs then."""
    text = case.office.config.read_text()
    begin = text.index("[scheme]")
    end = text.index("\n[", begin + 1)
    case.office.config.write_text(text[:begin] + text[end + 1 :])


PROGRAM = '[[programs]]\ncode = "XX"\nname = "Another"\ntype = "ExternalPartner"\nsubscription = "Free"\n'


def unknown_program(case: Case) -> None:
    """Let a partner go by a program that Mews does not have, and that nobody adds."""
    without_scheme(case)
    case.write('program = "MM"', 'program = "XX"')
    case.write("[partners.miles_and_more]", f"{PROGRAM}[partners.miles_and_more]")


def future_program(case: Case) -> None:
    """Let a partner go by a program that the next alignment adds."""
    case.write('program = "MM"', 'program = "XX"')
    case.write("[partners.miles_and_more]", f"{PROGRAM}[partners.miles_and_more]")


def clock_is_wrong(case: Case) -> None:
    """Let five minutes be the least that is noted, and this machine's clock be off."""
    case.patch.setattr(access, "_SKEW", -access._SKEW)


def disk_is_full(case: Case) -> None:
    """Want more room than any disk has."""
    case.patch.setattr(machine, "_FREE", 2**60)


def new_sqlite(case: Case) -> None:
    """Have an SQLite without the WAL-reset bug."""
    case.patch.setattr(machine, "wal_is_safe", lambda: True)


def old_sqlite(case: Case) -> None:
    """Have an SQLite with it."""
    case.patch.setattr(machine, "wal_is_safe", lambda: False)


def certified(days: int) -> Damage:
    """Have a certificate that ends in so many days."""

    def damage(case: Case) -> None:
        home = case.office.config.parent
        Authority(home / "authority").certificate("hotel", "DNS:hotel.test", days=days)
        files = (f'client_{what} = "authority/hotel.{end}"\n' for what, end in (("certificate", "pem"), ("key", "key")))
        case.write(f"[[{AIR_MILES}.earn]]", f"[{AIR_MILES}.connection]\n{''.join(files)}[[{AIR_MILES}.earn]]")

    return damage


def key_is_readable(case: Case) -> None:
    """Let everybody read the key of the hashes."""
    case.office.database.with_name("connector.db.hash_key").chmod(0o644)


def database_is_readable(case: Case) -> None:
    """Let everybody read the database, as versions before did."""
    case.office.database.chmod(0o644)


FAULTS: dict[str, tuple[Damage, int, str]] = {
    "a token that Mews refuses": (lambda case: case.tell(**WRONG_TOKEN), REMOTE, "fault mews montreal: "),
    "the client token": (
        lambda case: case.tell(LOYALTY_MEWS__CLIENT_TOKEN="wrong"),
        REMOTE,
        "fault mews wien: ",
    ),
    "Mews is not there": (
        lambda case: case.write(case.served.urls["mews"], "http://127.0.0.1:9"),
        REMOTE,
        "try again when it answers",
    ),
    "the same property twice": (
        lambda case: case.tell(
            LOYALTY_MEWS__PROPERTIES__MONTREAL__ACCESS_TOKEN=case.office.environment[
                "LOYALTY_MEWS__PROPERTIES__WIEN__ACCESS_TOKEN"
            ]
        ),
        CONFIGURATION,
        "both reach property e-wien",
    ),
    "a database of another chain": (
        lambda case: case.sql("UPDATE fact SET value = 'another' WHERE name = 'chain_id'"),
        CONFIGURATION,
        "the access tokens see chain chain-1, the database belongs to chain another; give every chain a database",
    ),
    "no right to memberships' guests": (
        lacks("customers/getAll"),
        REMOTE,
        "fault rights wien: the access token may not call customers/getAll; give the integration these rights in Mews",
    ),
    "no right to reservations": (lacks(RESERVATIONS), REMOTE, f"may not call {RESERVATIONS}"),
    "no right to order items": (lacks("orderItems/getAll"), REMOTE, "may not call orderItems/getAll"),
    "no right to linked orders": (
        lacks("productServiceOrders/getAll"),
        REMOTE,
        "may not call productServiceOrders/getAll",
    ),
    "no right to services": (
        lambda case: case.fault("services/getAll=401", "services/getAll=401"),
        REMOTE,
        "may not call services/getAll",
    ),
    "no right to bills, which the contract asks for": (
        lambda case: (
            case.write("[[partners.miles_and_more.earn]]", "# x\n[[partners.miles_and_more.earn]]"),
            case.tell(LOYALTY_PARTNERS__MILES_AND_MORE__WHO_PAYS="guest"),
            case.fault("bills/getAll=401", "bills/getAll=401"),
        ),
        REMOTE,
        "may not call bills/getAll",
    ),
    "the clock": (clock_is_wrong, NOTED, "note  clock this machine: this machine's clock is "),
    "a program that Mews does not have": (
        unknown_program,
        CONFIGURATION,
        "fault programs XX: partners.miles_and_more.program: Mews has no program with code XX; correct the code",
    ),
    "a program that is still to be added": (
        future_program,
        NOTED,
        "note  programs XX: partners.miles_and_more.program: Mews has no program XX yet; the next `sync align` adds it",
    ),
    "a missing members file": (
        lambda case: case.office.config.with_name("members.csv").unlink(),
        REMOTE,
        "fault scheme members: ",
    ),
    "an empty members file": (
        lambda case: case.office.config.with_name("members.csv").write_text(""),
        REMOTE,
        "fault scheme members: ",
    ),
    "a members file without its key column": (
        lambda case: case.office.config.with_name("members.csv").write_text("email,tier\na@b.example,GOLD\n"),
        REMOTE,
        "mend the export or the settings of [scheme]",
    ),
    "a rate's name": (
        rule('exclude_rates = ["Flexibel"]'),
        CONFIGURATION,
        'earn[0].exclude_rates: "Flexibel" is no rate in Mews',
    ),
    "a segment's name": (rule('segments = ["Crew"]'), CONFIGURATION, '"Crew" is no business segment in Mews'),
    "a rate group's name": (rule('rate_groups = ["Public"]'), CONFIGURATION, '"Public" is no rate group in Mews'),
    "a source's name": (rule('sources = ["Fax"]'), CONFIGURATION, '"Fax" is no source in Mews'),
    "a category's name": (
        rule('categories = ["Lodging"]'),
        CONFIGURATION,
        '"Lodging" is no accounting category in Mews',
    ),
    "a service's name": (rule('services = ["Spaa"]'), CONFIGURATION, '"Spaa" is no service in Mews'),
    "a company": (
        rule('companies = ["c0000000-0000-0000-0000-000000000009"]'),
        CONFIGURATION,
        "write the id of a company profile in Mews",
    ),
    "numbers that are none": (
        lambda case: None,
        NOTED,
        "1 of 3 member numbers (33.3%) pass the check; 1 have another check digit, 1 are no numbers; let reception",
    ),
    "a tax that is not mapped": (
        lambda case: case.write('CA-GST = "GST", ', ""),
        CONFIGURATION,
        "lacks tax codes that charges in Mews have: CA-GST",
    ),
    "the secret of Uplyft": (
        lambda case: case.tell(LOYALTY_PARTNERS__MILES_AND_MORE__APP_SECRET="wrong"),
        REMOTE,
        "correct the credentials of [partners.miles_and_more]",
    ),
    "the secret of AIR MILES": (
        lambda case: case.tell(LOYALTY_PARTNERS__AIR_MILES__CLIENT_SECRET="wrong"),
        REMOTE,
        "correct the credentials of [partners.air_miles]",
    ),
    "Uplyft is not there": (
        lambda case: case.write(case.served.urls["uplyft"], "http://127.0.0.1:9"),
        REMOTE,
        "fault partners miles_and_more: ",
    ),
    "the other form of Uplyft": (
        lambda case: case.write(case.served.urls["uplyft"], case.served.urls["flat"]),
        CONFIGURATION,
        'set signature = "flat"',
    ),
    "a currency that Uplyft does not know": (
        lambda case: case.write('currency = "EUR"', 'currency = "JPY"'),
        CONFIGURATION,
        "currency does not know jpy",
    ),
    "an old SQLite": (old_sqlite, NOTED, "may damage a WAL database, so a slower journal is used; a later SQLite"),
    "a new SQLite": (new_sqlite, NOTED, "ok    database engine: SQLite "),
    "a full disk": (disk_is_full, CONFIGURATION, "MiB are free beside the database; expected "),
    "a key that everybody can read": (
        key_is_readable,
        CONFIGURATION,
        "connector.db.hash_key can be read by other users of this machine; chmod 600 connector.db.hash_key",
    ),
    "a database that everybody can read": (
        database_is_readable,
        CONFIGURATION,
        "fault database file: connector.db can be read by other users of this machine; chmod 600 connector.db",
    ),
    "a certificate that has ended": (
        certified(days=0),
        CONFIGURATION,
        "fault certificate AIR MILES for air_miles: ours ended on ",
    ),
    "a certificate that ends soon": (
        certified(days=29),
        NOTED,
        "put the next one in its place, and reload or restart",
    ),
    "a certificate that does not end soon": (
        certified(days=31),
        NOTED,
        "ok    certificate AIR MILES for air_miles: ours ends on ",
    ),
    "a copy of the database": (
        lambda case: case.sql("INSERT INTO fact (name, value) VALUES ('backup', 'marked')"),
        CONFIGURATION,
        "it is a copy, which delivers nothing; go on with the original, or tell",
    ),
    "a database that moved": (
        lambda case: case.sql(f"INSERT INTO fact (name, value) VALUES ('moved', '{MOVED}')"),
        CONFIGURATION,
        "it moved at 2026-11-01 12:00 UTC to chain.state.gz (by anna) and works where that was imported",
    ),
    "a history that was changed": (
        lambda case: case.sql("UPDATE history SET detail = 'another word'"),
        CONFIGURATION,
        "fault database content: ledger: the history of award ",
    ),
    "a claim that was removed": (
        lambda case: case.sql("DELETE FROM claim"),
        CONFIGURATION,
        "fault database content: ",
    ),
}


@pytest.fixture
def case(sound: Office, served: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Case]:
    """A copy of the sound installation, to be damaged."""
    for name in ("connector.db", "connector.db.hash_key"):
        shutil.copy(sound.database.with_name(name), tmp_path / name)
    yield Case(office(tmp_path, served), served, monkeypatch)
    served.desk.plan.clear()


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_with_what_to_do(name: str, case: Case) -> None:
    damage, code, sentence = FAULTS[name]
    damage(case)

    done = case.office.run("doctor")

    assert sentence in done.output
    assert done.code == code, done.output
    assert "Traceback" not in done.output + done.errors


def test_without_a_fault_none_is_named(case: Case) -> None:
    done = case.office.run("doctor")

    assert (done.code, done.errors) == (0, "")
    assert "fault" not in done.output


def test_there_are_at_least_thirty() -> None:
    assert len(FAULTS) >= 30
