"""qiibee as a source of members: what its settings may be."""

from __future__ import annotations

import pytest

from connector.settings import QiibeeScheme
from tests.unit.settings.settings_files import SMALL, Files

BRAND = """
[scheme]
program = "MM"
kind = "qiibee"
"""
KEY = "LOYALTY_SCHEME__API_KEY"


def scheme(files: Files, lines: str = "", key: str = "geheim") -> QiibeeScheme:
    """The scheme of a file with these lines."""
    found = files.load(SMALL + BRAND + lines, {KEY: key}).scheme
    assert isinstance(found, QiibeeScheme)
    return found


def faults(files: Files, lines: str, **environ: str) -> list[str]:
    """The fault lines without the file's name."""
    given = {KEY: "geheim", **environ}
    return [line.removeprefix("connector.toml: ") for line in files.faults(SMALL + BRAND + lines, given)]


def test_a_key_is_all_that_it_takes(files: Files) -> None:
    found = scheme(files)
    assert found.endpoint == "https://bwaapi.qiibee.com/api/admin"
    assert found.fields == {
        "member_id": "auth_id", "email": "email", "first_name": "first_name", "last_name": "second_name"
    }  # fmt: skip
    assert (found.partner_numbers, found.memberships, found.api_key.get_secret_value()) == ({}, "request", "geheim")


def test_without_a_key_nothing_can_be_asked(files: Files) -> None:
    assert files.faults(SMALL + BRAND) == [
        "connector.toml: scheme.api_key: the secret is missing or empty; expected it in the environment variable "
        "LOYALTY_SCHEME__API_KEY or the file scheme__api_key"
    ]


def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(files: Files) -> None:
    (fault,) = files.faults(SMALL + BRAND, {KEY: "ge\nheim"})
    assert "expected visible characters" in fault
    assert "heim" not in fault


def test_providers_are_named_by_the_partners_program(files: Files) -> None:
    found = scheme(files, 'partner_numbers = { MM = "miles_and_more" }\nmemberships = "embedded"\n')
    assert (found.partner_numbers, found.memberships) == ({"MM": "miles_and_more"}, "embedded")


def test_a_program_that_is_not_there_is_refused(files: Files) -> None:
    (fault,) = faults(files, 'partner_numbers = { XX = "miles_and_more" }')
    assert fault.startswith('scheme.partner_numbers.program: "XX" is not the code of any [[programs]]')


def test_another_place_of_memberships_is_refused(files: Files) -> None:
    (fault,) = faults(files, 'memberships = "inside"')
    assert fault.startswith('scheme.memberships: "inside" is not one of the words')


def test_the_member_id_has_a_path(files: Files) -> None:
    (fault,) = faults(files, 'fields = { tier = "metadata.tier" }')
    assert fault == 'scheme.fields: member_id is missing; expected the path to it, as in { member_id = "id" }'


@pytest.mark.parametrize("path", [".", "metadata.", "metadata..tier", " tier"])
def test_what_is_no_path_is_refused(files: Files, path: str) -> None:
    (fault,) = faults(files, f'fields = {{ member_id = "auth_id", tier = "{path}" }}')
    assert fault.endswith(' is not a path; expected names joined by dots like "card.number"')


def test_keys_of_other_kinds_are_refused(files: Files) -> None:
    (fault,) = faults(files, 'changed_since = "updated"')
    assert fault.startswith("scheme.changed_since: ")
