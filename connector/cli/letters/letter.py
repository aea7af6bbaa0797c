"""A letter to the guest about one stay: plain text, without a name, member numbers masked."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from connector.cli.letters import counting, standing
from connector.cli.letters.addressees import Verdict
from connector.cli.letters.language import Forms, Language
from connector.cli.letters.subject import Subject

WIDTH = 78


@dataclass(frozen=True, slots=True)
class Program:
    """A partner as guests know it; ``unit`` is what it gives: "miles" is said in the language of the letter."""

    name: str
    unit: str


def letter(subject: Subject, verdicts: Sequence[Verdict], programs: Mapping[str, Program], language: Language) -> str:
    """Write the letter; a partner that the settings no longer know is called by its name there."""
    known = [programs.get(each.partner) or Program(each.partner.replace("_", " "), "miles") for each in verdicts]
    blocks = [
        [language.say("title", property=subject.place.name, programs=", ".join(each.name for each in known))],
        [language.say("greeting")],
        [language.say("opening")],
        list(_stay(subject, language)),
    ]
    for verdict, program in zip(verdicts, known, strict=True):
        blocks += _section(subject, verdict, program, language)
    blocks += [[language.say("closing")], [language.say("farewell"), subject.place.name]]
    return "\n\n".join("\n".join(map(_wrapped, block)) for block in blocks if block) + "\n"


def _stay(subject: Subject, language: Language) -> Iterator[str]:
    yield language.say("hotel", property=subject.place.name)
    yield language.say("arrival", day=language.day(subject.arrival))
    nights = language.counted(Fraction(subject.nights), language.nights)
    yield language.say("departure", day=language.day(subject.departure), nights=nights)
    yield language.say("number", number=subject.reservation.number)


def _section(subject: Subject, verdict: Verdict, program: Program, language: Language) -> Iterator[list[str]]:
    unit = language.unit(verdict.awards[0].unit if verdict.awards else program.unit)
    yield [program.name, "-" * len(program.name)]
    yield list(_outcome(subject, verdict, program, language, unit))
    if counted := list(counting.lines(verdict.explanation, language, unit)):
        yield [language.say("counting"), *(f"- {line}" for line in counted)]
    became = list(standing.lines(verdict.awards, program.name, subject.local, language, unit))
    if not became and verdict.status == "awarded":
        became = [language.say("to_be_sent", program=program.name)]
    if became:
        yield [language.say("became"), *(f"- {line}" for line in became)]


def _outcome(subject: Subject, verdict: Verdict, program: Program, language: Language, unit: Forms) -> Iterator[str]:
    told = verdict.explanation
    number = (told.get("membership") or {}).get("number") or (verdict.awards[0].member if verdict.awards else "")
    if number:
        yield language.say("member", number=number)
    miles = int((told.get("arithmetic") or {}).get("miles", verdict.awards[0].miles if verdict.awards else 0))
    yield language.say(verdict.status, miles=language.counted(Fraction(miles), unit), unit=unit[1])
    if why := language.reasons[verdict.reason]:
        yield language.typeset(why.format(program=program.name))
    if verdict.reason == "no_rule":
        yield from (f"- {each}" for each in counting.objections(told.get("rules") or [], language))
    if verdict.due and verdict.status in {"waiting", "suspended"}:
        yield language.say("due", day=language.day(subject.local(verdict.due)))


def _wrapped(line: str) -> str:
    indent = "  " if line.startswith("- ") else ""
    return "\n".join(textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_long_words=False)) or line
