"""Asking a scheme to take a guest as its member."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from connector.domain.enrolment import Applicant, Declined
from connector.domain.members import BadLine, Member
from connector.errors import Lost, Unauthorized, Unfinished
from connector.http.answer import Answer
from connector.http.client import Client
from connector.http.retry import READ
from connector.ports import Clock
from connector.schemes.address import Address
from connector.schemes.json_request import JsonRequest, is_good, said
from connector.schemes.paging import at_path
from connector.schemes.records import Records

_LATER = READ.statuses | {408, 425}


class Enroller(Protocol):
    """A scheme that takes members."""

    async def enrol(self, applicant: Applicant) -> Member | Declined:
        """Return the member that the applicant is now, or was already, or why there is none.

        Raises Unfinished when nobody knows: whoever asks again by the same reference learns it.
        """
        ...


@dataclass(frozen=True, slots=True)
class HttpEnrolment:
    """An API that makes a member of what is posted; ``client`` is for the origin of ``address``.

    ``body`` are the paths of what is sent, by field of ``Applicant``; ``constants`` are sent with it, by path.
    ``reference_header`` carries the reference too, "" for none. ``answer`` is the path to the member's record ("" when
    the answer is it), which ``records`` reads. By the statuses ``already`` the API says that there was a member before.
    """

    client: Client
    address: Address
    clock: Clock
    records: Records
    body: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    reference_header: str = ""
    answer: str = ""
    already: frozenset[int] = frozenset({409})
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep

    async def enrol(self, applicant: Applicant) -> Member | Declined:
        """Ask, and again where that may help: the reference makes a repeated request harmless."""
        request = JsonRequest(
            self.client,
            "enrolment",
            self.address.target({}),
            "a member",
            content=json.dumps(self._written(applicant), ensure_ascii=False).encode(),
            headers={self.reference_header: applicant.reference} if self.reference_header else {},
        )
        answer = await request.answer(self.clock, self.sleep)
        if is_good(answer):
            return self._member(request.found, answer)
        if answer.status in self.already:
            return self._known(answer)
        if answer.status in (401, 403):
            raise Unauthorized(
                f"scheme.enrol: {said(answer)}; expected credentials that may make members.", status=answer.status
            )
        if answer.status in _LATER:
            raise request.unfinished(said(answer))
        return Declined(said(answer))

    def _written(self, applicant: Applicant) -> dict[str, Any]:
        written: dict[str, Any] = {}
        for path, value in self.constants.items():
            _put(written, path, value)
        for name, path in self.body.items():
            if (value := getattr(applicant, name)) is not None:
                _put(written, path, value)
        return written

    def _known(self, answer: Answer) -> Member | Declined:
        try:
            return self._member(answer.json(), answer)
        except Lost:
            return Declined(f"{said(answer)} and not who the member is")

    def _member(self, found: object, answer: Answer) -> Member | Declined:
        try:
            record = at_path(found, self.answer, "enrol.answer") if self.answer else found
        except Unfinished:
            record = None
        read = self.records.read(record, 1)
        return Declined(f"{said(answer)} without a member that can be read") if isinstance(read, BadLine) else read


def _put(written: dict[str, Any], path: str, value: str) -> None:
    *way, name = path.split(".")
    for part in way:
        written = written.setdefault(part, {})
    written[name] = value
