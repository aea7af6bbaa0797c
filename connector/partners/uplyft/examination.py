"""What the live schema means for the configuration: which form of ``createEvent`` fits, and what there is beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args

from connector.partners.uplyft.arguments import arguments
from connector.partners.uplyft.document import Form, Signature, template
from connector.partners.uplyft.fitting import Fitting
from connector.partners.uplyft.schema import Ref, Schema
from connector.ports import Symptom, Verdict

_UNIQUE, _VISIT = "uniqueId", "visit"


def symptoms(schema: Schema, form: Form, currencies: frozenset[str]) -> Iterator[Symptom]:
    """Yield what a person should know before this form is sent; ``currencies`` are those of the rules, lower case."""
    if schema.event is None:
        text, fix = "the schema has no mutation createEvent", "ask Uplyft how miles are credited now"
        yield Symptom(Verdict.CONFIGURATION, text, fix)
        return
    yield from _documents(schema, form, currencies)
    yield from _unique(schema.event, form)
    yield from _visits(schema, schema.event)


def _documents(schema: Schema, form: Form, currencies: frozenset[str]) -> Iterator[Symptom]:
    fitting = [each for each in get_args(Signature) if not _faults(schema, Form(each, unique_id=False), frozenset())]
    faults = _faults(schema, form, currencies)
    forms = " and ".join(fitting) or "none"
    if not faults:
        yield Symptom(Verdict.OK, f"createEvent takes what is configured; published forms that fit: {forms}")
    for fault in faults:
        yield Symptom(Verdict.CONFIGURATION, f"{fault}; published forms that fit: {forms}", _fix(fault, form, fitting))


def _fix(fault: str, form: Form, fitting: list[Signature]) -> str:
    if form.document:
        return "write document as the schema has it"
    if fault.startswith(f"createEvent has no {_UNIQUE}"):
        return "set unique_id = false; every lost answer then goes to a person"
    if form.signature not in fitting and fitting:
        return f'set signature = "{fitting[0]}"'
    if "amount_format" in fault:
        return 'set amount_format = "int"'
    return "ask Uplyft, and write the mutation in document as the schema has it"


def _faults(schema: Schema, form: Form, currencies: frozenset[str]) -> list[str]:
    try:
        given = arguments(template(form))
    except ValueError as fault:
        return [f"document: {fault}"]
    return list(Fitting(schema, form, currencies).faults(given))


def _unique(event: Mapping[str, Ref], form: Form) -> Iterator[Symptom]:
    if _UNIQUE in event and form.unique_id:
        yield Symptom(Verdict.OK, f"{_UNIQUE} exists, so that a repeated send is harmless")
    elif _UNIQUE in event:
        text = f"{_UNIQUE} exists and is not sent, so that every lost answer needs a person"
        yield Symptom(Verdict.NOTE, text, "set unique_id = true")


def _visits(schema: Schema, event: Mapping[str, Ref]) -> Iterator[Symptom]:
    action = schema.types.get(event["action"].type) if "action" in event else None
    words = action.words if action else frozenset()
    there = "exists" if _VISIT in words else "does not exist"
    yield Symptom(Verdict.OK, f'the action "{_VISIT}" {there}; purchases are sent')
