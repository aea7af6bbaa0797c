"""The API of the chain's scheme: it lists members by pages, and makes members of guests who ask to join.

Its state is a file, written before it answers, so that what it did outlives its server.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connector.sandbox.child import Server, server_for

MEMBERS, ENROLMENTS = "/api/members", "/api/enrolments"


def server(path: Path) -> Server:
    """Return the server of the members in a file."""
    roll = _Roll(path)
    routes = [Route(MEMBERS, roll.members), Route(ENROLMENTS, roll.enrol, methods=["POST"])]
    return server_for(Starlette(routes=routes))


@dataclass(frozen=True, slots=True)
class _Roll:
    """The members of a file, as requests see them."""

    path: Path

    async def members(self, request: Request) -> Response:
        """List a page; who enrolled is listed like everybody."""
        number, size = (int(request.query_params[name]) for name in ("page", "limit"))
        rows = self._rows()
        return JSONResponse({"data": rows[(number - 1) * size : number * size], "meta": {"total": len(rows)}})

    async def enrol(self, request: Request) -> Response:
        """Make a member; a reference that was there before is answered like the first time."""
        asked, rows = await request.json(), self._rows()
        made = next((each for each in rows if each.get("reference") == asked["reference"]), None)
        if made is None:
            made = _made(asked)
            self._write([*rows, made])
        return JSONResponse(made)

    def _rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self.path.read_text())
        return rows

    def _write(self, rows: list[dict[str, Any]]) -> None:
        whole = self.path.with_suffix(".new")
        whole.write_text(json.dumps(rows))
        whole.rename(self.path)


def _made(asked: dict[str, Any]) -> dict[str, Any]:
    number = asked["reference"]
    standing = {"tier": "SILVER", "points": 0, "expires_on": "2030-12-31", "state": "Enrolled"}
    return {"member_id": f"E-{number}", "number": f"E-{number}", **asked, **standing}
