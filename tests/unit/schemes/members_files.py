"""Members files for tests, and what is read of them."""

from __future__ import annotations

from collections.abc import Callable

from connector.domain.members import BadLine, Member
from connector.schemes.csv_file import CsvFile

HEADER = "member_id,number,email,first_name,last_name,tier,points,expires_on,state,url,mews_id\n"
ANNA = "M1,AL-1,anna@example.org,Anna,Müller,GOLD,1500,2027-12-31,Enrolled,https://cards.example/1,g-1\n"
BEN = "M2,AL-2,ben@example.org,Ben,Berger,,,,,,\n"

Write = Callable[..., CsvFile]
"""Writes a text (as UTF-8) or bytes, and returns the file; names are passed on to ``CsvFile``."""


def members_of(file: CsvFile) -> list[Member | BadLine]:
    """Everything that the file holds."""
    return [member for chunk in file.chunks(file.verify()) for member in chunk]


def bad_lines_of(file: CsvFile) -> list[BadLine]:
    """The lines of the file that cannot be read."""
    return [member for member in members_of(file) if isinstance(member, BadLine)]
