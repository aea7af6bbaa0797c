"""The settings of a members file, on their way to the source."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from connector.bootstrap.parts import Parts
from connector.bootstrap.schemes import source
from connector.domain.members import Member
from connector.errors import Unfinished
from connector.schemes.source import Source
from connector.settings import Settings
from connector.store.engine import Database
from tests.unit.settings.settings_files import SCHEME, SMALL, Files


def configured(settings: Settings) -> Source:
    assert settings.scheme is not None
    return source(Parts(settings, Database(settings.database.url), AsyncExitStack()), settings.scheme)


async def test_the_columns_of_partner_numbers_reach_the_file(tmp_path: Path) -> None:
    text = SMALL + SCHEME + 'partner_numbers = { MM = "miles" }\n'
    settings = Files(tmp_path).load(text)
    (tmp_path / "members.csv").write_text("member_id,Miles\nM1,992000000000005\n")
    roll = await configured(settings).verify()
    assert roll.programs == {"MM"}
    assert [chunk.records async for chunk in roll.take("", 10)] == [
        [Member("M1", partner_numbers={"MM": "992000000000005"})]
    ]


async def test_the_form_reaches_the_file(tmp_path: Path) -> None:
    text = SMALL + SCHEME + 'encoding = "windows-1252"\ndelimiter = "\\t"\ncontrol = "line"\n'
    settings = Files(tmp_path).load(text)
    (tmp_path / "members.csv").write_text("member_id\tlast_name,\nM1\tx\n#rows=1\n", encoding="windows-1252")
    roll = await configured(settings).verify()
    assert [chunk.records async for chunk in roll.take("", 10)] == [[Member("M1")]]
    (tmp_path / "members.csv").write_text("member_id\tlast_name\nM1\tMüller\n#rows=1\n", encoding="utf-8")
    with pytest.raises(Unfinished, match="expected windows-1252"):
        await configured(settings).verify()
    (tmp_path / "members.csv").write_text("member_id\tlast_name\nM1\tx\n")
    with pytest.raises(Unfinished, match=r"as scheme\.control says"):
        await configured(settings).verify()
