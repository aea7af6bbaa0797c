"""The issuance calls: one effect per idempotency key, one call at a time per Collector."""

from __future__ import annotations

import asyncio
import hashlib
import json
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from connector.sandbox.airmiles.requests import Issuance, Refused, Sponsor, checked
from connector.sandbox.journal import CREDIT, REVERSAL, Entry, Journal

OPERATIONS = ("post", "post/event", "reverse", "reverse/event", "record")
_KINDS = {"post": CREDIT, "reverse": REVERSAL, "record": "record"}
_SIGNS = {CREDIT: 1, REVERSAL: -1}


@dataclass(frozen=True)
class Answer:
    """HTTP status and body. Only the code 0000 for success is published; the others repeat the status."""

    status: int
    body: str


@dataclass
class Desk:
    """Does issuance requests; success has the status ``accept``, and each takes ``processing`` seconds.

    What is in ``dropped`` (post, reverse) is accepted with 202, and nothing ever comes of it.
    """

    journal: Journal
    sponsor: Sponsor
    accept: int
    processing: float
    clock: Callable[[], str]
    dropped: Collection[str] = ()
    _busy: set[str] = field(default_factory=set)

    async def serve(self, operation: str, key: str | None, content: bytes) -> Answer:
        """Do the request, or answer as before when it is a repeated one.

        ``key`` is the header Idempotency-Key; without it the content itself is the key. RECORD has neither.
        """
        digest = hashlib.sha256(operation.encode() + b"\n" + content).hexdigest()
        key = str(uuid.uuid4()) if operation == "record" else key or f"content/{digest}"
        if (known := self.journal.find(key)) is not None:
            return self._repeated(known, digest)
        try:
            issuance = checked(operation, content, self.sponsor)
            return await self._one_at_a_time(operation, key, digest, issuance)
        except Refused as refusal:
            return answer(400, str(refusal))

    def _repeated(self, known: Entry, digest: str) -> Answer:
        if known.digest != digest:
            return answer(409, "this Idempotency-Key belongs to another request")
        self.journal.count("duplicates_answered")
        return Answer(known.status, known.answer)

    async def _one_at_a_time(self, operation: str, key: str, digest: str, issuance: Issuance) -> Answer:
        if operation == "record":
            return self._done(operation, key, digest, issuance)
        if issuance.collector in self._busy:
            self.journal.count("overlaps")
            return answer(500, "another transaction of this Collector is in process")
        self._busy.add(issuance.collector)
        try:
            await asyncio.sleep(self.processing)
            return self._done(operation, key, digest, issuance)
        finally:
            self._busy.discard(issuance.collector)

    def _done(self, operation: str, key: str, digest: str, issuance: Issuance) -> Answer:
        if (known := self.journal.find(key)) is not None:  # done for another Collector meanwhile
            return self._repeated(known, digest)
        kind = _KINDS[operation.partition("/")[0]]
        if kind == REVERSAL and issuance.miles > self.journal.balance(issuance.collector):
            raise Refused("milesAmount: more than was issued to this Collector")
        done = answer(self.accept if kind in (CREDIT, REVERSAL) else 200, "approved", "0000")
        if operation.partition("/")[0] in self.dropped:
            kind, done = "dropped", answer(202, "approved", "0000")
        detail = {"operation": operation, "checkoutDateTime": issuance.at, "issuances": list(issuance.parts)}
        miles = _SIGNS.get(kind, 0) * issuance.miles
        entry = Entry(key, kind, issuance.collector, miles, self.clock(), issuance.reference,
                      json.dumps(detail, default=str), digest, done.status, done.body)  # fmt: skip
        self.journal.record(entry)
        return done


def answer(status: int, message: str, code: str | None = None) -> Answer:
    """An answer with its ``responseCode``."""
    return Answer(status, json.dumps({"responseCode": code or f"{status:04}", "message": message}))
