"""Where members come from: files, listings, rows, and the answers of a scheme."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from connector.domain.enrolment import Applicant, Declined
from connector.domain.members import BadLine, Member
from connector.schemes.address import Address
from connector.schemes.csv_file import CsvFile
from connector.schemes.enrolment import HttpEnrolment
from connector.schemes.form import Form
from connector.schemes.http_api import HttpApi
from connector.schemes.http_listing import HttpListing
from connector.schemes.paging import Paging
from connector.schemes.positions import Greatest, value_at
from connector.schemes.qiibee import Qiibee
from connector.schemes.qiibee_api import QiibeeApi
from connector.schemes.records import Records
from connector.schemes.source import Source
from connector.schemes.sql_header import Header
from tests.campaigns.targets.outcome import EMAIL, FIRST, LAST, MILES_NUMBER, Outcome, Target
from tests.campaigns.targets.wire import Clock, client, run

_COLUMN = re.compile(r"[a-zA-Z_ ]{0,64}")  # what a query calls its columns is its author's own
_FOLDER = Path(mkdtemp(prefix="inputs-"))
_MEMBERS = f"""member_id,number,email,first_name,last_name,tier,points,expires_on,state,url,mews_id,miles,share
A-1,ALP-1,{EMAIL},{FIRST},{LAST},GOLD,1200,2027-12-31,Enrolled,https://example.com/1,m-1,{MILES_NUMBER},yes
A-2,ALP-2,{EMAIL},{FIRST},"{LAST}, née Q",SILVER,0,,New,,,,no
A-3,,,,,,,,,,,,
"""
_FIELDS = {
    "member_id": "id",
    "number": "card.number",
    "email": "email",
    "first_name": "name.first",
    "last_name": "name.last",
    "tier": "tier",
    "points": "points",
    "expires_on": "expires",
    "state": "state",
    "share": "share",
}
_PEOPLE: list[dict[str, Any]] = [
    {
        "id": f"A-{number}",
        "auth_id": f"a-{number}",
        "card": {"number": f"ALP-{number}"},
        "email": EMAIL,
        "name": {"first": FIRST, "last": LAST},
        "tier": "GOLD",
        "points": 12 * number,
        "expires": "2027-12-31",
        "state": "Enrolled",
        "share": True,
        "memberships": [{"exchange_provider_implementation_name": "miles_and_more", "membership_number": MILES_NUMBER}],
    }
    for number in range(3)
]


def _place(name: str, document: bytes) -> Path:
    path = _FOLDER / name
    path.write_bytes(document)
    return path


def _told(records: Iterable[Member | BadLine], given: int | None) -> Outcome:
    found = list(records)
    good = tuple(each for each in found if isinstance(each, Member))
    bad = [each for each in found if isinstance(each, BadLine)]
    ids = tuple(each.member_id for each in bad)
    return Outcome((*good, *filter(None, ids)), tuple(each.text for each in bad), _with_ids(given, ids))


def _with_ids(given: int | None, ids: Sequence[str | None]) -> int | None:
    return None if given is None else given + sum(each is not None for each in ids)


def _csv(form: Form, document: bytes) -> Outcome:
    file = CsvFile(_place("members.csv", document), {"MM": "miles"}, form)
    listing = file.verify()
    records = [each for chunk in file.chunks(listing) for each in chunk]
    columns = _COLUMN.findall(_text(document, form).partition("\n")[0])  # an e-mail or a number is none
    return replace(_told(records, _rows(document, form)), words=listing.warnings, called=" ".join(columns))


def _sidecar(document: bytes) -> Outcome:
    _place("members.csv.control", document)
    return _csv(Form(control="sidecar"), _MEMBERS.encode())


def _text(document: bytes, form: Form) -> str:
    marked = document.startswith((b"\xff\xfe", b"\xfe\xff"))
    encoding = form.encoding if form.encoding == "windows-1252" else "utf-16" if marked else "utf-8-sig"
    return document.decode(encoding)


def _rows(document: bytes, form: Form) -> int:
    """Count the members of a file that was found whole, by the standard library alone."""
    text = _text(document, form)
    if form.control == "line":
        text = text[: text.lower().rindex("#rows=")]
    header = io.StringIO(text, newline="").readline()
    names = {each: [name.strip().lower() for name in next(csv.reader([header], delimiter=each))] for each in ",;\t"}
    delimiter = max(names, key=lambda each: ("member_id" in names[each], len(names[each])))
    return sum(bool(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)) - 1


def _source(made: Callable[[bytes], Source], key: str, document: bytes) -> Outcome:
    async def taken() -> list[Member | BadLine]:
        roll = await made(document).verify()
        return [record async for chunk in roll.take("", 100) for record in chunk.records]

    found = run(taken())
    people = _people(json.loads(document), key)
    told = _told(found, None if people is None else len(people))
    if told.given is not None and people is not None:  # who comes twice as before is read once
        ids = [str(each.get("id")).strip() if isinstance(each, dict) else object() for each in people]
        vanished = told.given - len(told.read) - len(told.refused)
        if 0 < vanished <= len(ids) - len(set(ids)):
            return replace(told, given=told.given - vanished)
    return told


def _people(answer: Any, key: str) -> list[Any] | None:
    if isinstance(answer, dict):
        answer = answer.get(key, [] if [] in answer.values() else None)  # where the key is of no use, nobody is nobody
    return answer if isinstance(answer, list) else None


def _listed(paging: Paging, total: str, document: bytes) -> Source:
    wire = client(document, b'{"data": []}')
    listing = HttpListing(wire, Address("https://api.test/v1/members"), Clock(), paging, "data", total, Clock().sleep)
    return HttpApi(listing, _FIELDS)


def _users(document: bytes) -> Source:
    api = QiibeeApi(client(document, b'{"users": []}'), Clock(), Clock().sleep)
    return Qiibee(api, {**_FIELDS, "email": "email"}, {"MM": "miles_and_more"}, "embedded")


def _memberships(document: bytes) -> Outcome:
    users = json.dumps({"users": _PEOPLE[:1]}).encode()
    api = QiibeeApi(client(users, document, b'{"users": []}'), Clock(), Clock().sleep)

    async def taken() -> list[Member | BadLine]:
        roll = await Qiibee(api, _FIELDS, {"MM": "miles_and_more"}).verify()
        return [record async for chunk in roll.take("", 100) for record in chunk.records]

    return _told(run(taken()), 1)


def _sql(document: bytes) -> Outcome:
    try:
        names, *rows = json.loads(document, parse_float=Decimal)
    except (ValueError, TypeError, RecursionError, ArithmeticError):
        return Outcome(refused=("no rows, which a database always gives",))
    if not isinstance(names, list) or not all(isinstance(each, str) and _COLUMN.fullmatch(each) for each in names):
        return Outcome(refused=("no names, which a database always gives",))
    header = Header(tuple(names), {"MM": "miles"}, "changed")
    greatest, records = Greatest(""), header.records()
    rows = [row for row in rows if isinstance(row, list) and len(row) == len(names)]
    for row in rows:
        greatest.see(row[header.place])
    value_at(greatest.position)
    found = [records.read(dict(zip(header.keys, row, strict=True)), number) for number, row in enumerate(rows, 1)]
    return replace(_told(found, len(rows)), words=header.warnings())


def _enrolled(status: int, document: bytes) -> Outcome:
    wire, clock = client(document, status=status), Clock()
    records = Records(_FIELDS, {})
    address, body = Address("https://api.test/v1/members"), {"email": "email"}
    asking = HttpEnrolment(wire, address, clock, records, body, answer="data", sleep=clock.sleep)
    found = run(asking.enrol(Applicant("ref-1", EMAIL, FIRST, LAST, MILES_NUMBER)))
    return Outcome(refused=(found.why,), given=1) if isinstance(found, Declined) else Outcome((found,), given=1)


_PAGINGS = {
    "one answer": Paging(),
    "numbered": Paging("page"),
    "offset": Paging("offset"),
    "cursor": Paging("cursor", parameter="cursor", next="next"),
    "link": Paging("link", next="next"),
}
_PAGE = json.dumps({"data": _PEOPLE, "total": 3}).encode()
_NEXT = {"cursor": "c2", "link": "https://api.test/v1/members?page=2"}
_USERS = json.dumps({"users": _PEOPLE, "total": 3}).encode()
_TABLE = json.dumps(
    [
        ["member_id", "number", "email", "tier", "points", "expires_on", "miles", "changed"],
        ["A-1", "ALP-1", EMAIL, "GOLD", 12, "2027-12-31", MILES_NUMBER, "2026-11-01 10:00:00"],
        ["A-2", 17, EMAIL, "GOLD", 12.0, None, None, "2026-11-02 10:00:00"],
    ]
).encode()
_MEMBER = json.dumps({"data": _PEOPLE[0]}).encode()
_FILE = _MEMBERS.encode()

TARGETS = (
    Target("members file", partial(_csv, Form()), (_FILE, _FILE.replace(b",", b";")), "lines"),
    Target("members file in UTF-16", partial(_csv, Form()), (_MEMBERS.encode("utf-16"),), "bytes"),
    Target("members file of Windows", partial(_csv, Form("windows-1252")), (_MEMBERS.encode("cp1252"),), "lines"),
    Target("members file with its number", partial(_csv, Form(control="line")), (_FILE + b"#rows=3\n",), "lines"),
    Target("control file", _sidecar, (b"rows=3\nsha256=" + sha256(_FILE).hexdigest().encode() + b"\n",), "lines"),
    *(
        Target(
            f"member listing, {name}",
            partial(_source, partial(_listed, paging, "total" if name == "offset" else ""), "data"),
            (_PAGE.replace(b'"total"', f'"next": "{_NEXT[name]}", "total"'.encode()) if name in _NEXT else _PAGE,),
        )
        for name, paging in _PAGINGS.items()
    ),
    Target("qiibee users", partial(_source, _users, "users"), (_USERS, json.dumps(_PEOPLE).encode())),
    Target("qiibee memberships", _memberships, (json.dumps(_PEOPLE[0]["memberships"]).encode(),)),
    Target("rows of a query", _sql, (_TABLE,)),
    Target("enrolment answer", partial(_enrolled, 201), (_MEMBER,)),
    Target("enrolment answer, known already", partial(_enrolled, 409), (_MEMBER,)),
)
