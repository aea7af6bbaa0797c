"""A process that dies leaves all or nothing, and the right to send with one at most."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from connector.errors import ConnectorError
from connector.store import contents, retired
from connector.store.engine import Database
from tests.conftest import ENGINES
from tests.integration.store.filled import held
from tests.integration.store.moving.moves import (
    Make,
    export,
    is_empty,
    take_in,
)

DYING = """
import asyncio, os, signal, sys
from pathlib import Path
from connector.jobs import moving
from connector.store import intake
from connector.store.engine import Database
from tests.integration.store.moving.moves import ANNA, KEY, unwatched

def dies(told, at=int(sys.argv[3])):
    def count(rows, seen=[0]):
        seen[0] += 1
        if seen[0] == at:
            os.kill(os.getpid(), signal.SIGKILL)
    return count

filling = intake.fill
async def fill(connection, reader, header, told):
    await filling(connection, reader, header, dies(told))
    if int(sys.argv[3]) == 0:
        os.kill(os.getpid(), signal.SIGKILL)

intake.fill = fill
asyncio.run(moving.take_in(Database(sys.argv[1]), KEY, Path(sys.argv[2]), ["digest"], ANNA, unwatched))
"""


class TestDeaths:
    @pytest.mark.parametrize("engine", ENGINES, indirect=True)
    @pytest.mark.parametrize("at", [30, 0], ids=["in the middle", "before the commit"])
    async def test_a_killed_import_leaves_an_empty_database_that_the_next_one_fills(
        self, filled: Database, make: Make, file: Path, at: int
    ) -> None:
        await export(filled, file, retire=True)
        there = await make()
        url = there.url.render_as_string(hide_password=False)
        await there.aclose()

        died = subprocess.run(
            [sys.executable, "-c", DYING, url.replace("+aiosqlite", ""), str(file), str(at)], check=False, timeout=60
        )

        assert died.returncode == -signal.SIGKILL
        there = Database(url)
        assert await is_empty(there)
        assert (await take_in(there, file)).right
        assert await held(there) == await held(filled)
        await there.aclose()

    async def test_an_export_that_died_keeps_the_right_for_the_next_one(
        self, filled: Database, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def dies(*_: object) -> int:
            raise ConnectorError("it died")

        with monkeypatch.context() as patched:
            patched.setattr(contents, "count", dies)
            with pytest.raises(ConnectorError, match="it died"):
                await export(filled, file, retire=True)
        assert list(file.parent.glob("chain*")) == []
        async with filled.read() as connection:
            mark = await retired.read(connection)
        assert mark is not None
        assert not mark.handed

        assert (await export(filled, file, retire=True)).right
