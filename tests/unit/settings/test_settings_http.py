"""A JSON API as a source of members: what its settings may be, and whether they fit each other."""

from __future__ import annotations

import pytest

from connector.settings import HttpScheme, warnings
from tests.unit.settings.settings_files import API, SMALL, Files

OAUTH = 'auth = "oauth2"\ntoken_endpoint = "https://login.example/token"\n'
TOKEN, ID, SECRET = (f"LOYALTY_SCHEME__{name}" for name in ("TOKEN", "CLIENT_ID", "CLIENT_SECRET"))


def scheme(files: Files, lines: str = "", **environ: str) -> HttpScheme:
    """The scheme of a file with these lines."""
    found = files.load(SMALL + API + lines, environ).scheme
    assert isinstance(found, HttpScheme)
    return found


def faults(files: Files, lines: str, **environ: str) -> list[str]:
    """The fault lines without the file's name."""
    return [line.removeprefix("connector.toml: ") for line in files.faults(SMALL + API + lines, environ)]


class TestValues:
    def test_the_address_is_called_as_it_stands(self, files: Files) -> None:
        assert scheme(files).url == "https://members.example/api/members/"

    def test_parameters_are_not_part_of_the_address(self, files: Files) -> None:
        text = SMALL + API.replace("members/", "members?status=active")
        assert files.faults(text) == [
            'connector.toml: scheme.url: is not a web address; expected an address like "https://api.example.com"'
        ]

    @pytest.mark.parametrize("path", ["id", "card.number", "First Name.de", "äöü", "@id", "a-b.c_d.0"])
    def test_paths_are_names_joined_by_dots(self, files: Files, path: str) -> None:
        found = scheme(files, f'members = "{path}"\nfields = {{ member_id = "{path}" }}\n')
        assert (found.members, found.fields) == (path, {"member_id": path})

    @pytest.mark.parametrize("path", [".", ".id", "id.", "a..b", " id", "a. b", "a\\tb", "a.b\\n"])
    @pytest.mark.parametrize("key", ["members", "next", "total", "fields.tier", "partner_numbers.MM"])
    def test_what_is_no_path_is_refused(self, files: Files, key: str, path: str) -> None:
        table, _, name = key.partition(".")
        more = 'member_id = "id", ' if table == "fields" else ""
        line = f'{table} = {{ {more}{name} = "{path}" }}' if name else f'{key} = "{path}"'
        (fault,) = faults(files, line)
        assert fault.startswith(f"scheme.{key}: ")
        assert fault.endswith(' is not a path; expected names joined by dots like "card.number"')

    def test_an_empty_path_to_a_field_is_refused(self, files: Files) -> None:
        (fault,) = faults(files, 'fields = { member_id = "id", tier = "" }')
        assert fault == "scheme.fields.tier: is empty; expected at least one character"

    def test_the_member_id_has_a_path(self, files: Files) -> None:
        (fault,) = faults(files, 'fields = { tier = "tier.code" }')
        assert fault == 'scheme.fields: member_id is missing; expected the path to it, as in { member_id = "id" }'

    def test_a_field_that_no_member_has_is_refused(self, files: Files) -> None:
        (fault,) = faults(files, 'fields = { member_id = "id", tire = "level" }')
        assert fault.startswith("scheme.fields.tire: ")
        assert "tier" in fault

    @pytest.mark.parametrize("header", ["", "X API Key", "X-Key:", "Schlüssel", "X-Key\\n"])
    def test_a_header_has_the_name_of_one(self, files: Files, header: str) -> None:
        (fault,) = faults(files, f'auth = "header"\nheader = "{header}"', **{TOKEN: "geheim"})
        assert fault.startswith("scheme.header: ")
        assert fault.endswith(' is not the name of a header; expected a name like "X-API-Key"')


class TestSecrets:
    @pytest.mark.parametrize(
        ("lines", "given"),
        [
            ("", []),
            ('auth = "bearer"', [TOKEN]),
            ('auth = "header"\nheader = "X-Key"', [TOKEN]),
            (OAUTH, [ID, SECRET]),
        ],
    )
    def test_are_those_that_the_way_of_authorising_uses(self, files: Files, lines: str, given: list[str]) -> None:
        assert scheme(files, lines, **dict.fromkeys(given, "geheim"))
        missing = faults(files, lines) if given else []
        assert missing == [
            f"scheme.{name.removeprefix('LOYALTY_SCHEME__').lower()}: the secret is missing or empty; expected it in "
            f"the environment variable {name} or the file scheme__{name.removeprefix('LOYALTY_SCHEME__').lower()}"
            for name in given
        ]

    @pytest.mark.parametrize(("auth", "name"), [("none", TOKEN), ("bearer", ID), ("header", SECRET), ("oauth2", TOKEN)])
    def test_that_are_not_used_are_a_fault(self, files: Files, auth: str, name: str) -> None:
        lines = OAUTH if auth == "oauth2" else f'auth = "{auth}"'
        used = {"none": [], "oauth2": [ID, SECRET]}.get(auth, [TOKEN])
        (fault,) = files.faults(SMALL + API + lines, dict.fromkeys([*used, name], "geheim"))
        assert fault == (f'{name}: is not used with auth = "{auth}"; expected it to be absent, or another auth')

    def test_are_fetched_for_at_an_address(self, files: Files) -> None:
        (fault,) = faults(files, 'auth = "oauth2"', **{ID: "geheim", SECRET: "geheim"})
        assert fault == "scheme.token_endpoint: is missing; expected the address that gives access tokens"

    @pytest.mark.parametrize("token", ["geheim\n", "ge\r\nheim", "gehäim", " geheim"])
    def test_that_no_header_can_carry_are_a_fault(self, files: Files, token: str) -> None:
        (fault,) = files.faults(SMALL + API + 'auth = "bearer"', {TOKEN: token})
        assert fault == (
            f"{TOKEN}: the token holds a line break or another character that no header can carry; "
            "expected visible characters"
        )

    def test_of_a_way_that_is_unknown_are_not_judged(self, files: Files) -> None:
        (fault,) = faults(files, 'auth = "barer"', **{TOKEN: "geheim"})
        assert fault.startswith('scheme.auth: "barer" is not one of the words')


class TestPaging:
    def test_by_cursor_needs_the_path_to_it(self, files: Files) -> None:
        assert faults(files, 'paging = "cursor"') == [
            "scheme.next: is missing; expected the path to the next cursor in an answer"
        ]
        assert scheme(files, 'paging = "cursor"\nnext = "meta.next"').next == "meta.next"

    def test_sends_no_parameter_that_is_given_already(self, files: Files) -> None:
        given = 'parameters = { limit = "100", page = "7", since = "x", status = "active" }\n'
        assert faults(files, given + 'paging = "page"\nchanged_since = "since"') == [
            "scheme.parameters.limit: is sent because of size_parameter; expected only one of them",
            "scheme.parameters.page: is sent because of page_parameter; expected only one of them",
            "scheme.parameters.since: is sent because of changed_since; expected only one of them",
        ]
        assert scheme(files, given).parameters["limit"] == "100"

    def test_sends_each_parameter_once(self, files: Files) -> None:
        assert faults(files, 'paging = "offset"\nsize_parameter = "page"') == [
            'scheme.size_parameter: "page" is page_parameter already; expected another query parameter'
        ]

    @pytest.mark.parametrize("paging", ["page", "offset"])
    def test_that_shifts_unnoticed_is_warned_of(self, files: Files, paging: str) -> None:
        lines = f'paging = "{paging}"\n'
        (line,) = warnings(files.load(SMALL + API + lines))
        assert line == (
            "connector.toml: scheme.total: is empty, so that nobody notices when pages shift while they are read"
        )
        assert warnings(files.load(SMALL + API + lines + 'total = "meta.total"')) == []


class TestEnrolment:
    LINES = (
        'fields = { member_id = "id", state = "status" }\n[scheme.enrol]\nurl = "https://members.example/api/join"\n'
    )

    def test_what_is_sent_has_names_unless_they_are_told(self, files: Files) -> None:
        found = scheme(files, self.LINES).enrol
        assert found is not None
        assert found.fields == {name: name for name in ("reference", "email", "first_name", "last_name")}
        assert (found.constants, found.answer, found.already_member) == ({}, "", (409,))

    def test_the_reference_is_sent(self, files: Files) -> None:
        (fault,) = faults(files, self.LINES + 'fields = { email = "mail" }\n')
        assert fault == (
            "scheme.enrol.fields: reference is missing; expected the path to write it at, "
            'as in { reference = "external_id" }'
        )

    def test_a_state_is_read_where_members_are_made(self, files: Files) -> None:
        (fault,) = faults(files, self.LINES.replace(', state = "status"', ""))
        assert fault == (
            "scheme.enrol: makes members whose state nobody tells Mews; expected a path for state in scheme.fields"
        )

    @pytest.mark.parametrize("path", ["a.b", "a", "a.b.c", "program"])
    def test_two_things_are_not_written_at_one_place(self, files: Files, path: str) -> None:
        lines = f'fields = {{ reference = "a.b", email = "{path}" }}\nconstants = {{ program = "ALPEN" }}\n'
        (fault,) = faults(files, self.LINES + lines)
        assert fault.startswith('scheme.enrol: writes "')
        assert fault.endswith(" where something else stands; expected a place of its own")

    def test_a_header_is_one(self, files: Files) -> None:
        (fault,) = faults(files, self.LINES + 'reference_header = "my key"\n')
        assert fault == (
            'scheme.enrol.reference_header: "my key" is not the name of a header; expected a name like "X-API-Key"'
        )
