"""Files between the scheme and a partner: requests to exchange points, and what members deposited."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import mkdtemp

from connector.domain.deposits import Deposit, Kept
from connector.domain.exchanges import BadRequest
from connector.schemes.deposit_file import DepositFile
from connector.schemes.exchange_file import ExchangeFile
from tests.campaigns.targets.outcome import MILES_NUMBER, Outcome, Target
from tests.campaigns.targets.wire import NOW

_FOLDER = Path(mkdtemp(prefix="inputs-"))
_REQUESTS = f"request_id;number;miles\nR-1;{MILES_NUMBER};500\nR-2;{MILES_NUMBER};1\n".encode()
_GIVEN = b"reference,kind,member,points,token,reverts,at\r\n0xcd,credit,A-1,1,ALP,,2026-11-01T00:00:00+00:00\r\n0xab,cr"


def _place(name: str, document: bytes) -> Path:
    path = _FOLDER / name
    path.write_bytes(document)
    return path


def _exchanges(document: bytes) -> Outcome:
    found = list(ExchangeFile(_place("exchanges.csv", document), None).read())
    rows = csv.reader(io.StringIO(document.decode("utf-8-sig"), newline=""), delimiter=_delimiter(document))
    bad = [each for each in found if isinstance(each, BadRequest)]
    good = [each for each in found if not isinstance(each, BadRequest)]
    reasons = tuple(f"{each.subject}: {each.text}" for each in bad)
    return Outcome(tuple(good), reasons, sum(any(row) for row in rows) - 1)


def _delimiter(document: bytes) -> str:
    first = io.StringIO(document.decode("utf-8-sig")).readline()
    return max(",;\t", key=first.count)


def _deposits(document: bytes) -> Outcome:
    """The document is what stands in the file already: of its whole lines none may change."""
    path = _place("deposits.csv", document)
    deposit = Deposit("0xab", "A-1", Decimal(250), "ALP", datetime(2026, 11, 1, tzinfo=UTC))
    DepositFile(path).append([Kept(1, deposit, NOW)])
    after, whole = path.read_bytes(), document[: document.rfind(b"\n") + 1]
    if not after.startswith(whole) or b"\n0xab," not in after or not after.endswith(b"\n"):
        return Outcome(given=1)
    return Outcome((deposit,), given=1)


TARGETS = (
    Target("exchange requests", _exchanges, (_REQUESTS, _REQUESTS.replace(b";", b",")), "lines"),
    Target("deposits file", _deposits, (_GIVEN, b""), "lines"),
)
