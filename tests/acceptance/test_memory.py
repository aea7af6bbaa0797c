"""A scheme of 200,000 members is planned in little memory: nothing holds them all at once."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.chains import chain, load
from tests.acceptance.forks import Forks
from tests.acceptance.road import say, variables

MEMBERS = 200_000
MOST_MIB = 200


def test_200_000_members_are_planned_within_200_mib(tmp_path: Path) -> None:
    with chain(load(tmp_path / "loaded"), tmp_path / "home") as road, Forks(tmp_path / "forks", variables()) as forks:
        members = tmp_path / "home" / "sandbox" / "members.csv"
        known = len(members.read_text().splitlines()) - 1
        _write_strangers(members)
        done = forks.run(road.config, "plan", "--json")
        say(f"{done.seconds:.1f} s, {done.peak_mib:.0f} MiB: {done.output[:500]}")
        assert done.code == 0, done.errors
        assert road.rows("SELECT count(*) FROM member") == [(known + MEMBERS,)]
        assert done.json["counts"]["add_membership"] > 0
        assert done.peak_mib <= MOST_MIB


def _write_strangers(path: Path) -> None:
    columns = path.read_text().splitlines()[0].split(",")
    with path.open("a", encoding="utf-8") as file:
        for number in range(MEMBERS):
            member = {
                "member_id": f"X{number:07}",
                "number": f"AX{number:08}",
                "email": f"member{number}@post.example",
                "first_name": f"First{number % 997}",
                "last_name": f"Last{number % 4999}",
                "tier": "GOLD" if number % 5 else "SILVER",
                "points": str(number),
                "expires_on": "2031-12-31",
                "state": "Enrolled",
            }
            file.write(",".join(member.get(column, "") for column in columns) + "\n")
