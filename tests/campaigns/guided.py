"""A fuzzer that coverage guides through one parser: ``python -m tests.campaigns.guided PARSER SECONDS``.

It begins with the valid documents, and changes them in the ways of ``mangling`` as often as in libFuzzer's own. What is
found is written to a folder that is named at the end, and ends the run with another code than 0.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import mkdtemp

import atheris

with atheris.instrument_imports(include=["connector"]):
    from tests.campaigns.inputs import TARGETS
    from tests.campaigns.mangling import spoilt
    from tests.campaigns.targets.outcome import wrong


def main(words: Sequence[str]) -> None:
    """Fuzz one parser for some seconds."""
    name, seconds = words
    target = next(each for each in TARGETS if each.name == name)
    folder = Path(mkdtemp(prefix="guided-"))
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, document in enumerate(target.seeds):
        (corpus / f"valid-{number}").write_bytes(document)

    def once(document: bytes) -> None:
        if fault := wrong(target, document):
            raise AssertionError(fault)

    def changed(document: bytes, most: int, seed: int) -> bytes:
        random = Random(seed)
        if random.randrange(2):
            return spoilt(bytes(document), target.form, random.randrange)[:most]
        return atheris.Mutate(bytes(document), most)

    limits = [
        f"-max_total_time={seconds}",
        "-timeout=60",
        "-rss_limit_mb=2048",
        "-max_len=200000",
        "-print_final_stats=0",
    ]
    atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={folder}/", str(corpus)], once, custom_mutator=changed)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
